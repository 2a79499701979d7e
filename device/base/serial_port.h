// Port: the serial line to a 4G module.
//
// The port buffers what comes in (an interrupt or DMA fills it) and what goes out; nothing here blocks. With flow
// control it holds the peer off while its buffer is full; without, what does not fit is lost and lost_bytes() tells.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

enum class FlowControl : std::uint8_t { kNone, kRtsCts };

class SerialPort {
 public:
  // At once, 8N1. Called when nothing is being sent; what is in the buffers may be dropped. Errors: kUnsupported (a
  // rate that the hardware does not have: the rate stays as it was), kIo.
  [[nodiscard]] virtual Status configure(std::uint32_t baud, FlowControl flow) = 0;
  // Returns how many bytes were put into `buffer`; 0 = none now. Errors: kIo.
  [[nodiscard]] virtual Result<std::size_t> read(ByteSpan buffer) = 0;
  // Takes as many bytes as fit and returns how many; 0 = none now. Errors: kIo.
  [[nodiscard]] virtual Result<std::size_t> write(ByteView bytes) = 0;
  // True when everything written has left the wire: only then may the rate change.
  [[nodiscard]] virtual bool is_drained() = 0;
  // True when received bytes were lost since the last call (overrun, framing error).
  [[nodiscard]] virtual bool lost_bytes() = 0;

 protected:
  ~SerialPort() = default;  // never deleted through the port
};

}  // namespace ferry
