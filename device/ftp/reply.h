// The grammar of FTP replies (RFC 959 section 4.2, RFC 2428, RFC 3659): bytes in, replies out, nothing else.
#pragma once

#include <array>
#include <optional>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::ftp {

struct Reply {
  std::uint16_t code = 0;  // 100..599
  std::string_view text;   // of the last line, after the code; its first ReplyReader::kMaxText characters
};

// Reads replies of one line or many. A line ends with LF; CRs before it are dropped. Keeps one line's beginning only,
// so long lines and long replies cost no memory. A reader that failed stays failed until reset().
class ReplyReader {
 public:
  static constexpr std::size_t kMaxText = 120;
  static constexpr std::size_t kMaxLine = 1024;  // without its end
  static constexpr std::size_t kMaxLines = 128;  // of one reply

  // Takes bytes from the front of `bytes` up to the end of one reply, which is returned; nothing when all bytes were
  // taken and the reply goes on. The text is valid until the next call. Errors: kFtpMalformedReply (no code where one
  // must stand, NUL, IAC), kFtpReplyTooLong. Any split of the bytes gives the same replies.
  [[nodiscard]] Result<std::optional<Reply>> receive(ByteView& bytes);
  void reset() { *this = ReplyReader(); }

 private:
  [[nodiscard]] Status take(char character);
  [[nodiscard]] Result<std::optional<Reply>> end_line();
  [[nodiscard]] std::string_view line() const;

  std::array<char, 4 + kMaxText> line_{};
  std::uint16_t length_ = 0;  // of the line so far, kept or not
  std::uint16_t lines_ = 0;   // of a reply of many lines, ended so far
  std::uint16_t code_ = 0;    // of a reply of many lines, 0 outside
  std::optional<Error> error_;
};

// The port in the text of a 229 reply: (|||port|), with any delimiter, with or without brackets, protocol and address.
[[nodiscard]] std::optional<std::uint16_t> parse_epsv(std::string_view text);
// The port in the text of a 227 reply: h1,h2,h3,h4,p1,p2 anywhere in it. The address is not used (threat T23).
[[nodiscard]] std::optional<std::uint16_t> parse_pasv(std::string_view text);
// The number in the text of a 213 reply.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace ferry::ftp
