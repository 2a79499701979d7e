#include "ports/mps2/registers.h"
#include "ports/mps2/uart.h"

namespace ferry::mps2 {
namespace {

void send(UartRegisters& uart, std::uint8_t byte) {
  while ((uart.state & kTransmitFull) != 0) {
  }
  uart.data = byte;
}

}  // namespace

void Console::start() {
  console_uart().divider = 16;
  console_uart().control = kTransmit | kReceive;
}

Console& Console::print(std::string_view text) {
  for (const char character : text) {
    send(console_uart(), static_cast<std::uint8_t>(character));
  }
  return *this;
}

Console& Console::print(std::uint32_t number) {
  std::array<char, 10> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return print({digits.data() + first, digits.size() - first});
}

std::string_view Console::poll() {
  if (ended_) {
    size_ = 0;
    ended_ = false;
  }
  while ((console_uart().state & kReceiveFull) != 0) {
    const auto character = static_cast<char>(console_uart().data);
    if (character == '\n' || character == '\r') {
      ended_ = true;
      return {line_.data(), size_};
    }
    if (size_ < line_.size()) {
      line_[size_++] = character;
    }
  }
  return {};
}

}  // namespace ferry::mps2
