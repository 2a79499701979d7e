// The two serial lines: a console to print to and read commands from, and the 4G module's.
#pragma once

#include "device/base/serial_port.h"
#include "ports/bare/console.h"

namespace ferry::mps2 {

class Console final : public bare::Console {
 public:
  void start();

 private:
  void do_send(std::uint8_t byte) override;
  [[nodiscard]] std::optional<std::uint8_t> do_receive() override;
};

// Received bytes go into a ring by interrupt. The emulated line has no rate: the module's end keeps it. Flow control is
// by the emulator, which holds back what the receiver does not take.
class ModuleUart final : public SerialPort {
 public:
  [[nodiscard]] Status configure(std::uint32_t baud, FlowControl flow) override;
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override;
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override;
  [[nodiscard]] bool is_drained() override;
  [[nodiscard]] bool lost_bytes() override;
};

}  // namespace ferry::mps2
