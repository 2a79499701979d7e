#include "device/at/tokenizer.h"

#include <algorithm>

#include "device/at/text.h"

namespace ferry::at {

Token Tokenizer::next(ByteView& bytes, std::size_t room) {
  while (!bytes.empty()) {
    if (state_ == State::kPayload) {
      return take_payload(bytes, room);
    }
    const auto c = static_cast<char>(bytes.front());
    bytes = bytes.subspan(1);
    if (const Token token = take(c); token.kind != TokenKind::kNone) {
      return token;
    }
  }
  return {};
}

void Tokenizer::accept_payload(std::uint32_t count) {
  if (rule_ == nullptr) {
    return;
  }
  left_ = count;
  trailer_seen_ = 0;
  state_ = rule_->opening == '\0' ? State::kHeaderEnd : State::kPayload;
  if (state_ == State::kPayload && left_ == 0) {
    state_ = State::kTrailer;
  }
}

void Tokenizer::reset() {
  state_ = State::kLine;
  size_ = 0;
  quoted_ = false;
  finished_ = false;
  rule_ = nullptr;
}

bool Tokenizer::forgo_trailer() {
  const bool good = trailer_seen_ >= 2 && rule_->trailer[trailer_seen_ - 1U] == '\n';
  reset();
  return good;
}

Token Tokenizer::take(char c) {
  switch (state_) {
    case State::kHeaderEnd:
      if (c != '\n') {
        return broken();
      }
      state_ = left_ > 0 ? State::kPayload : State::kTrailer;
      return {};
    case State::kTrailer:
      return take_trailer(c);
    default:
      return take_in_line(c);
  }
}

Token Tokenizer::take_in_line(char c) {
  if (finished_) {
    reset();
  }
  if (c == '\r' || c == '\n') {
    return end_line();
  }
  if (prompt_expected_ && size_ == 0 && (c == '>' || c == '@')) {
    prompt_expected_ = false;
    return {.kind = TokenKind::kPrompt};
  }
  if (c == ' ' && !quoted_) {
    return {};
  }
  if (c == '"') {
    if (const PayloadRule* rule = match(c); rule != nullptr && !quoted_) {
      const Token token = header(*rule);
      line_[size_] = c;  // for the case that it is not accepted; a line that matches a rule is not full
      ++size_;
      quoted_ = true;
      return token;
    }
    quoted_ = !quoted_;
  }
  if (size_ < kMaxLine) {
    line_[size_] = c;
    ++size_;
  }
  return {};
}

Token Tokenizer::end_line() {
  quoted_ = false;
  if (size_ == 0) {
    return {};
  }
  finished_ = true;
  if (const PayloadRule* rule = match('\0')) {
    return header(*rule);
  }
  return {.kind = TokenKind::kLine, .text = text()};
}

Token Tokenizer::take_payload(ByteView& bytes, std::size_t room) {
  const std::size_t size = std::min({bytes.size(), room, std::size_t{left_}});
  if (size == 0) {
    return {};
  }
  const ByteView taken = bytes.first(size);
  bytes = bytes.subspan(size);
  left_ -= static_cast<std::uint32_t>(size);
  if (left_ == 0) {
    state_ = State::kTrailer;
  }
  return {.kind = TokenKind::kPayload, .payload = taken};
}

Token Tokenizer::take_trailer(char c) {
  if (c != rule_->trailer[trailer_seen_]) {
    return broken();
  }
  ++trailer_seen_;
  if (trailer_seen_ < rule_->trailer.size()) {
    return {};
  }
  reset();
  return {.kind = TokenKind::kPayloadEnd};
}

Token Tokenizer::broken() {
  reset();
  return {.kind = TokenKind::kBroken};
}

const PayloadRule* Tokenizer::match(char opening) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const PayloadRule& rule) {
    if (rule.opening != opening || size_ >= kMaxLine || !text().starts_with(rule.prefix)) {
      return false;
    }
    const std::string_view rest = skip(text(), rule.prefix.size());
    return field_count(rest) == rule.fields && number_field(rest, rule.count_field).has_value();
  });
  return found == rules_.end() ? nullptr : &*found;
}

Token Tokenizer::header(const PayloadRule& rule) {
  rule_ = &rule;
  const std::string_view rest = skip(text(), rule.prefix.size());
  return {.kind = TokenKind::kHeader, .text = text(), .count = number_field(rest, rule.count_field).value_or(0)};
}

}  // namespace ferry::at
