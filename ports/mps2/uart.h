// The two serial lines: a console to print to and read commands from, and the 4G module's.
#pragma once

#include "device/base/serial_port.h"

namespace ferry::mps2 {

class Console {
 public:
  void start();
  Console& print(std::string_view text);
  Console& print(std::uint32_t number);
  // A line that was typed, without its end; empty while there is none. Valid until the next call.
  [[nodiscard]] std::string_view poll();

 private:
  std::array<char, 64> line_{};
  std::size_t size_ = 0;
  bool ended_ = false;
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
