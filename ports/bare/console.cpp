#include "ports/bare/console.h"

namespace ferry::bare {

Console& Console::print(std::string_view text) {
  for (const char character : text) {
    do_send(static_cast<std::uint8_t>(character));
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
  while (const auto byte = do_receive()) {
    const auto character = static_cast<char>(*byte);
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

}  // namespace ferry::bare
