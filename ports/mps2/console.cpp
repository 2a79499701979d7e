#include "ports/mps2/registers.h"
#include "ports/mps2/uart.h"

namespace ferry::mps2 {

void Console::start() {
  console_uart().divider = 16;
  console_uart().control = kTransmit | kReceive;
}

void Console::do_send(std::uint8_t byte) {
  while ((console_uart().state & kTransmitFull) != 0) {
  }
  console_uart().data = byte;
}

std::optional<std::uint8_t> Console::do_receive() {
  if ((console_uart().state & kReceiveFull) == 0) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(console_uart().data);
}

}  // namespace ferry::mps2
