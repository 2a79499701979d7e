// The two serial lines: a console to print to and read commands from, and the 4G module's (nRF52840 Product
// Specification v1.1, 6.34 UARTE).
#pragma once

#include "device/base/serial_port.h"
#include "ports/bare/console.h"

namespace ferry::nrf52 {

// 115,200 baud, 8N1, no flow control.
class Console final : public bare::Console {
 public:
  void start();

 private:
  void do_send(std::uint8_t byte) override;
  [[nodiscard]] std::optional<std::uint8_t> do_receive() override;
};

// The receiver's DMA puts each byte into a ring, and an interrupt makes room for the next. While the ring is full, or
// the processor stands still for the flash, up to 6 bytes wait in the receiver, which holds the module off by RTS.
class ModuleUart final : public SerialPort {
 public:
  [[nodiscard]] Status configure(std::uint32_t baud, FlowControl flow) override;
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override;
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override;
  [[nodiscard]] bool is_drained() override;
  [[nodiscard]] bool lost_bytes() override;
};

}  // namespace ferry::nrf52
