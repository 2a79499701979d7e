// Port: SerialPort (device/base/serial_port.h), the line to the 4G module; and the console.
#pragma once

#include "device/base/serial_port.h"
#include "ports/bare/console.h"

namespace ferry::board_template {

// What bootloader and meter print, and what is typed. A product may leave both bodies empty.
class Console final : public bare::Console {
 public:
  void start();

 private:
  // Waits until the transmitter takes the byte.
  void do_send(std::uint8_t byte) override;
  // Never waits: nullopt where nothing was typed.
  [[nodiscard]] std::optional<std::uint8_t> do_receive() override;
};

// An interrupt or DMA fills a buffer of at least 256 bytes; none of the functions waits.
class ModuleUart final : public SerialPort {
 public:
  // At once, 8N1; what the buffers hold may be dropped. With kRtsCts the receiver lowers RTS while its buffer is full,
  // and nothing is ever lost. Errors: kUnsupported (a rate that the hardware does not have, to some 2 %: the rate stays
  // as it was), kIo.
  [[nodiscard]] Status configure(std::uint32_t baud, FlowControl flow) override;
  // How many bytes were put into `buffer`; 0: none now. Errors: kIo.
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override;
  // Takes as many bytes as fit, copies them, and returns how many; 0: none now. Errors: kIo.
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override;
  // True when the last bit of everything written has left the wire.
  [[nodiscard]] bool is_drained() override;
  // True when received bytes were lost since the last call: overrun, framing error, full buffer without flow control.
  [[nodiscard]] bool lost_bytes() override;
};

}  // namespace ferry::board_template
