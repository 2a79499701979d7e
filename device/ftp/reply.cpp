#include "device/ftp/reply.h"

#include <algorithm>
#include <charconv>

namespace ferry::ftp {

namespace {

constexpr char kInterpretAsCommand = '\xff';

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

// The number at the front of `text`, which is moved behind it; nothing where no digit stands or it exceeds `most`.
template <typename Number>
std::optional<Number> take_number(std::string_view& text, Number most) {
  Number number = 0;
  if (text.empty() || !is_digit(text.front())) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > most) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take_character(std::string_view& text, char character) {
  if (text.empty() || text.front() != character) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// The code at the front of a line, 0 where none stands.
std::uint16_t code_of(std::string_view line) {
  if (line.size() < 3 || line[0] < '1' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2])) {
    return 0;
  }
  return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

// <d>protocol<d>address<d>port<d>, protocol and address mostly empty.
std::optional<std::uint16_t> parse_delimited(std::string_view text) {
  if (text.empty() || is_digit(text.front()) || text.front() <= ' ') {
    return std::nullopt;
  }
  const char delimiter = text.front();
  const std::size_t second = text.find(delimiter, 1);
  const std::size_t third = second == std::string_view::npos ? second : text.find(delimiter, second + 1);
  if (third == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(third + 1);
  const auto port = take_number<std::uint16_t>(text, 0xffff);
  return port && *port != 0 && take_character(text, delimiter) ? port : std::nullopt;
}

std::optional<std::uint16_t> parse_six_numbers(std::string_view text) {
  std::uint32_t port = 0;
  for (int i = 0; i < 6; ++i) {
    if (i > 0 && !take_character(text, ',')) {
      return std::nullopt;
    }
    const auto number = take_number<std::uint16_t>(text, 0xff);
    if (!number) {
      return std::nullopt;
    }
    port = (port << 8 | *number) & 0xffff;
  }
  return port == 0 ? std::nullopt : std::optional(static_cast<std::uint16_t>(port));
}

}  // namespace

Result<std::optional<Reply>> ReplyReader::receive(ByteView& bytes) {
  while (!error_ && !bytes.empty()) {
    const char character = static_cast<char>(bytes.front());
    bytes = bytes.subspan(1);
    if (character != '\n') {
      if (const Status taken = take(character); !taken) {
        error_ = taken.error();
      }
      continue;
    }
    const auto reply = end_line();
    if (!reply) {
      error_ = reply.error();
    } else if (reply->has_value()) {
      return *reply;
    }
  }
  return error_ ? Result<std::optional<Reply>>(fail(*error_)) : std::optional<Reply>();
}

Status ReplyReader::take(char character) {
  if (character == '\0' || character == kInterpretAsCommand) {
    return fail(Error::kFtpMalformedReply);
  }
  if (length_ == kMaxLine) {
    return fail(Error::kFtpReplyTooLong);
  }
  if (length_ < line_.size()) {
    line_[length_] = character;
  }
  ++length_;
  return ok();
}

std::string_view ReplyReader::line() const {
  std::string_view line(line_.data(), std::min<std::size_t>(length_, line_.size()));
  while (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

Result<std::optional<Reply>> ReplyReader::end_line() {
  const std::string_view text = line();
  length_ = 0;
  if (code_ == 0 && code_of(text) != 0 && text.size() > 3 && text[3] == '-') {
    code_ = code_of(text);
    lines_ = 1;
    return std::optional<Reply>();
  }
  const bool is_last = code_of(text) != 0 && (text.size() == 3 || text[3] == ' ');
  if (code_ == 0 && !is_last) {
    return fail(Error::kFtpMalformedReply);
  }
  if (is_last && (code_ == 0 || code_ == code_of(text))) {
    code_ = 0;
    return std::optional(Reply{.code = code_of(text), .text = skip(text, 4)});
  }
  return ++lines_ < kMaxLines ? Result<std::optional<Reply>>(std::optional<Reply>()) : fail(Error::kFtpReplyTooLong);
}

std::optional<std::uint16_t> parse_epsv(std::string_view text) {
  if (const std::size_t bracket = text.find('('); bracket != std::string_view::npos) {
    return parse_delimited(skip(text, bracket + 1));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_triple = i + 3 < text.size() && text[i] == text[i + 1] && text[i] == text[i + 2];
    if (const auto port = is_triple ? parse_delimited(skip(text, i)) : std::nullopt; port) {
      return port;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> parse_pasv(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_number = is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1]));
    if (const auto port = begins_number ? parse_six_numbers(skip(text, i)) : std::nullopt; port) {
      return port;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  while (take_character(text, ' ')) {
  }
  return take_number<std::uint64_t>(text, UINT64_MAX);
}

}  // namespace ferry::ftp
