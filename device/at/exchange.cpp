#include "device/at/exchange.h"

#include <algorithm>

namespace ferry::at {

namespace {

class Writer {
 public:
  explicit Writer(std::span<char> out) : out_(out) {}
  void put(char c) {
    if (size_ < out_.size()) {
      out_[size_] = c;
    }
    ++size_;
  }
  void put(std::string_view text) {
    for (const char c : text) {
      put(c);
    }
  }
  void put(std::uint32_t number) {
    std::array<char, 10> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    while (count > 0) {
      put(digits[--count]);
    }
  }
  [[nodiscard]] std::optional<std::size_t> size() const {
    return size_ <= out_.size() ? std::optional<std::size_t>(size_) : std::nullopt;
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
};

void put_argument(Writer& writer, char placeholder, const Arguments& arguments) {
  switch (placeholder) {
    case 'i':
      return writer.put(arguments.link);
    case 'n':
      return writer.put(arguments.count);
    case 'p':
      return writer.put(std::uint32_t{arguments.port});
    case 'm':
      return writer.put(std::uint32_t{arguments.mode});
    case 'b':
      return writer.put(arguments.baud);
    case 'h':
      return writer.put(arguments.host);
    case 'a':
      return writer.put(arguments.apn);
    case 'u':
      return writer.put(arguments.user);
    case 'w':
      return writer.put(arguments.password);
    default:
      return writer.put(placeholder);
  }
}

bool is_error(std::string_view line) {
  return line == "ERROR" || line.starts_with("+CMEERROR") || line.starts_with("+CMSERROR");
}

}  // namespace

std::optional<std::size_t> format(std::string_view text, const Arguments& arguments, std::span<char> out) {
  Writer writer(out);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 1 < text.size()) {
      ++i;
      put_argument(writer, text[i], arguments);
    } else {
      writer.put(text[i]);
    }
  }
  return writer.size();
}

bool Runner::begin(const Exchange& exchange, const Arguments& arguments, Instant now) {
  const auto size = format(exchange.command, arguments, std::span(command_).first(kMaxCommand - 1));
  const auto also_size = format(exchange.also, arguments, also_);
  if (!size || !also_size) {
    return false;
  }
  command_[*size] = '\r';
  size_ = *size + 1;
  sent_ = 0;
  also_size_ = static_cast<std::uint8_t>(*also_size);
  exchange_ = &exchange;
  outcome_ = Outcome::kPending;
  has_info_ = false;
  info_size_ = 0;
  also_awaited_ = also_size_ > 0;
  final_seen_ = false;
  saw_echo_ = false;
  extend(now);
  return true;
}

void Runner::abandon() {
  outcome_ = Outcome::kDone;
  sent_ = size_;
}

bool Runner::receive_line(std::string_view line) {
  if (!is_pending()) {
    return false;
  }
  if (line == exchange_->final) {
    final_seen_ = true;
    outcome_ = also_awaited_ ? Outcome::kPending : Outcome::kDone;
    return true;
  }
  const bool is_later = !exchange_->later.empty() && line == exchange_->later;
  if (is_later || is_error(line)) {
    outcome_ = is_later ? Outcome::kLater : Outcome::kRefused;
    return true;
  }
  if (also_awaited_ && line.starts_with(also())) {
    keep(skip(line, also_size_));
    also_awaited_ = false;
    outcome_ = final_seen_ ? Outcome::kDone : Outcome::kPending;
    return true;
  }
  if (!exchange_->info.empty() && line.starts_with(exchange_->info)) {
    keep(skip(line, exchange_->info.size()));
    return true;
  }
  if (line.starts_with("AT")) {
    saw_echo_ = true;
    return true;
  }
  return false;
}

void Runner::handle_timeout(Instant now) {
  if (is_pending() && now >= deadline_) {
    outcome_ = Outcome::kTimedOut;
  }
}

void Runner::extend(Instant now) {
  deadline_ = now + exchange_->timeout;
}

ByteView Runner::poll_transmit() const {
  return as_bytes({command_.data(), size_}).subspan(std::min(sent_, size_));
}

void Runner::keep(std::string_view text) {
  has_info_ = true;
  info_size_ = static_cast<std::uint8_t>(std::min(text.size(), kMaxInfo));
  std::copy_n(text.begin(), info_size_, info_.begin());
}

}  // namespace ferry::at
