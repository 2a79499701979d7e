// One command and everything that answers it, as constant data, and the machine that runs one at a time.
//
//   constexpr Exchange kRead{.command = "AT+QIRD=%i,%n", .info = "+QIRD:", .timeout = 5s};
//
// Patterns are written without spaces. Placeholders: %i link, %n count, %h host, %p port, %m access mode, %a APN,
// %u user, %w password, %b baud rate.
#pragma once

#include <array>
#include <optional>

#include "device/base/bytes.h"
#include "device/base/time.h"

namespace ferry::at {

struct Exchange {
  std::string_view command{};
  std::string_view info{};        // the line to keep begins so
  std::string_view also{};        // must come besides the final, before or after it; kept like info. Placeholders
  std::string_view final = "OK";  // what ends it well
  std::string_view later{};       // ends it for now: not done, and may be tried again (besides ERROR and its like)
  Duration timeout{5000};
  bool prompts = false;  // after a prompt the caller sends `count` bytes
};

struct Arguments {
  std::uint32_t link = 0;
  std::uint32_t count = 0;
  std::uint32_t baud = 0;
  std::uint16_t port = 0;
  std::uint8_t mode = 0;
  std::string_view host{};
  std::string_view apn{};
  std::string_view user{};
  std::string_view password{};
};

// Writes the text with its arguments and returns its length; nothing where `out` is too small.
[[nodiscard]] std::optional<std::size_t> format(std::string_view text, const Arguments& arguments, std::span<char> out);

enum class Outcome : std::uint8_t { kPending, kDone, kLater, kRefused, kTimedOut };

class Runner {
 public:
  static constexpr std::size_t kMaxCommand = 192;
  static constexpr std::size_t kMaxInfo = 80;  // longer ones lose their end

  // Nothing may be pending. False where the command would be too long.
  [[nodiscard]] bool begin(const Exchange& exchange, const Arguments& arguments, Instant now);
  bool begin(Exchange&& exchange, const Arguments& arguments, Instant now) = delete;  // it must outlive the run
  void abandon();                                                                     // to kDone, without a result
  void refuse() { outcome_ = Outcome::kRefused; }

  // A line that is the pending exchange's own (its final, information or echo) is taken: true.
  [[nodiscard]] bool receive_line(std::string_view line);
  void handle_timeout(Instant now);
  void extend(Instant now);  // the time-out starts anew

  // Of the command, what is not sent yet; ends with a carriage return.
  [[nodiscard]] ByteView poll_transmit() const;
  void transmitted(std::size_t size) { sent_ += size; }

  [[nodiscard]] const Exchange* exchange() const { return exchange_; }
  [[nodiscard]] Outcome outcome() const { return outcome_; }
  [[nodiscard]] bool is_pending() const { return outcome_ == Outcome::kPending; }
  [[nodiscard]] Instant deadline() const { return is_pending() ? deadline_ : kNever; }
  // What followed the prefix of the information line; empty where none came.
  [[nodiscard]] std::string_view info() const { return {info_.data(), info_size_}; }
  [[nodiscard]] bool has_info() const { return has_info_; }
  [[nodiscard]] bool saw_echo() const { return saw_echo_; }  // of this command

 private:
  void keep(std::string_view text);
  [[nodiscard]] std::string_view also() const { return {also_.data(), also_size_}; }

  const Exchange* exchange_ = nullptr;
  Outcome outcome_ = Outcome::kDone;
  bool has_info_ = false;
  bool also_awaited_ = false;
  bool final_seen_ = false;
  bool saw_echo_ = false;
  std::uint8_t info_size_ = 0;
  std::uint8_t also_size_ = 0;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
  Instant deadline_ = kNever;
  std::array<char, kMaxInfo> info_{};
  std::array<char, 16> also_{};
  std::array<char, kMaxCommand> command_{};
};

}  // namespace ferry::at
