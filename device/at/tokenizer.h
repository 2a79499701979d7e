// Bytes of a module to tokens. Payload (binary data whose length a line announces) is counted and never looked at;
// lines and prompts are looked for nowhere else than at the start of a line.
//
//   Tokenizer tokenizer(kRules);
//   while (!bytes.empty()) {
//     const Token token = tokenizer.next(bytes, room);
//     if (token.kind == TokenKind::kHeader && wanted) { tokenizer.accept_payload(token.count); }
//   }
#pragma once

#include <array>
#include <span>

#include "device/base/bytes.h"

namespace ferry::at {

// A line that announces payload, written without spaces. The payload begins after the line's end, or after `opening`
// in it.
struct PayloadRule {
  std::string_view prefix;
  std::uint8_t fields;       // so many behind the prefix, no more and no fewer
  std::uint8_t count_field;  // which of them is the number of bytes
  char opening;              // '\0': the line's end
  std::string_view trailer;  // what must follow the payload, with the begin of the next line; else bytes were lost
};

enum class TokenKind : std::uint8_t {
  kNone,        // more bytes are needed, or room for payload
  kLine,        // `text`: a whole line that is not empty, spaces outside quotes removed
  kPrompt,      // '>' or '@' where one is expected
  kHeader,      // `text` announces `count` bytes: accept_payload(), or it is an ordinary line
  kPayload,     // some of the payload
  kPayloadEnd,  // all of it has come, and the trailer after it
  kBroken,      // after the payload came something else: bytes were lost or changed
};

struct Token {
  TokenKind kind = TokenKind::kNone;
  std::string_view text{};  // until the next call
  ByteView payload{};       // a part of the bytes given
  std::uint32_t count = 0;
};

class Tokenizer {
 public:
  static constexpr std::size_t kMaxLine = 120;  // longer lines lose their end

  explicit Tokenizer(std::span<const PayloadRule> rules) : rules_(rules) {}

  // Takes from the front of `bytes`. Of payload it takes at most `room`.
  [[nodiscard]] Token next(ByteView& bytes, std::size_t room);

  void accept_payload(std::uint32_t count);  // right after kHeader
  void expect_prompt(bool expected) { prompt_expected_ = expected; }
  void reset();  // to the start of a line; whatever was begun is forgotten

  [[nodiscard]] bool in_payload() const { return state_ == State::kHeaderEnd || state_ == State::kPayload; }
  // All of the payload has come, its trailer not yet.
  [[nodiscard]] bool awaits_trailer() const { return state_ == State::kTrailer; }
  // Nothing more will come: true where what came of the trailer ends a line; the payload then ends well.
  [[nodiscard]] bool forgo_trailer();
  [[nodiscard]] bool at_line_start() const { return state_ == State::kLine && size_ == 0 && !quoted_; }

 private:
  enum class State : std::uint8_t { kLine, kHeaderEnd, kPayload, kTrailer };

  [[nodiscard]] Token take(char c);
  [[nodiscard]] Token take_in_line(char c);
  [[nodiscard]] Token end_line();
  [[nodiscard]] Token take_payload(ByteView& bytes, std::size_t room);
  [[nodiscard]] Token take_trailer(char c);
  [[nodiscard]] Token broken();
  [[nodiscard]] const PayloadRule* match(char opening) const;
  [[nodiscard]] Token header(const PayloadRule& rule);
  [[nodiscard]] std::string_view text() const { return {line_.data(), size_}; }

  std::span<const PayloadRule> rules_;
  const PayloadRule* rule_ = nullptr;
  State state_ = State::kLine;
  bool prompt_expected_ = false;
  bool quoted_ = false;
  bool finished_ = false;  // the line in line_ was given out
  std::uint8_t size_ = 0;
  std::uint8_t trailer_seen_ = 0;
  std::uint32_t left_ = 0;
  std::array<char, kMaxLine> line_{};
};

}  // namespace ferry::at
