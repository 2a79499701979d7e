// A console over any serial line: prints, and takes lines that are typed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ferry::bare {

class Console {
 public:
  Console& print(std::string_view text);
  Console& print(std::uint32_t number);
  // A line that was typed, without its end; empty while there is none. Valid until the next call.
  [[nodiscard]] std::string_view poll();

 protected:
  ~Console() = default;

 private:
  virtual void do_send(std::uint8_t byte) = 0;                         // waits for room
  [[nodiscard]] virtual std::optional<std::uint8_t> do_receive() = 0;  // nothing there: nullopt

  std::array<char, 64> line_{};
  std::size_t size_ = 0;
  bool ended_ = false;
};

}  // namespace ferry::bare
