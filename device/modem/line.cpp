#include "device/modem/line.h"

namespace ferry::modem {

namespace {

// A prompt that does not come may have been lost; then the module waits for the payload.
constexpr Duration kPromptPatience = 3s;

// Where the prompt was never seen, what a module in command mode would obey must not be sent.
bool looks_like_command(ByteView payload) {
  const std::string_view text = as_text(payload);
  return text.size() >= 2 && (text[0] == 'A' || text[0] == 'a') && (text[1] == 'T' || text[1] == 't');
}

}  // namespace

Status Line::configure(std::uint32_t baud, FlowControl flow) {
  reset();
  return port_.configure(baud, flow);
}

void Line::begin(const at::Exchange& exchange, const at::Arguments& arguments, Instant now, ByteView payload) {
  if (!runner_.begin(exchange, arguments, now)) {
    runner_.refuse();
    return;
  }
  payload_ = payload;
  prompted_ = false;
  payload_at_ = exchange.prompts ? now + kPromptPatience : kNever;
  tokenizer_.expect_prompt(exchange.prompts);
}

void Line::reset() {
  runner_.abandon();
  tokenizer_.expect_prompt(false);
  tokenizer_.reset();
  payload_ = {};
  payload_at_ = kNever;
  raw_ = {};
  input_at_ = input_size_ = 0;
}

at::Token Line::next(std::size_t room, Instant now) {
  for (;;) {
    if (input_at_ == input_size_ && !fill(now)) {
      return {};
    }
    ByteView bytes = ByteView(input_).first(input_size_).subspan(input_at_);
    const at::Token token = tokenizer_.next(bytes, room);
    input_at_ = static_cast<std::uint8_t>(input_size_ - bytes.size());
    switch (token.kind) {
      case at::TokenKind::kNone:
        if (!bytes.empty()) {
          return {};  // no room for payload
        }
        break;
      case at::TokenKind::kPrompt:
        prompted_ = true;
        payload_at_ = now + gap_;
        break;
      case at::TokenKind::kLine:
        if (!runner_receive(token.text)) {
          return token;
        }
        if (!runner_.is_pending()) {
          return {.kind = at::TokenKind::kLine};  // the exchange has ended: the caller sees to that first
        }
        break;
      default:
        return token;
    }
  }
}

bool Line::runner_receive(std::string_view line) {
  const bool taken = runner_.receive_line(line);
  if (!runner_.is_pending()) {
    tokenizer_.expect_prompt(false);
    payload_ = {};
    payload_at_ = kNever;
  }
  return taken;
}

bool Line::fill(Instant now) {
  const auto size = port_.read(input_);
  input_at_ = 0;
  input_size_ = static_cast<std::uint8_t>(size.value_or(0));
  if (input_size_ > 0) {
    heard_at_ = now;
  }
  return input_size_ > 0;
}

bool Line::discard(Instant now) {
  bool any = false;
  while (fill(now)) {
    any = true;
  }
  input_size_ = 0;
  return any;
}

bool Line::write(ByteView bytes, std::size_t& taken) {
  taken = bytes.empty() ? 0 : port_.write(bytes).value_or(0);
  return taken > 0;
}

bool Line::poll(Instant now) {
  std::size_t taken = 0;
  bool moved = write(raw_, taken);
  raw_ = raw_.subspan(taken);
  if (!runner_.is_pending()) {
    return moved;
  }
  moved = write(runner_.poll_transmit(), taken) || moved;
  runner_.transmitted(taken);
  if (now >= payload_at_ && !payload_.empty() && (prompted_ || !looks_like_command(payload_))) {
    tokenizer_.expect_prompt(false);
    moved = write(payload_, taken) || moved;
    payload_ = payload_.subspan(taken);
    runner_.extend(now);
  }
  runner_.handle_timeout(now);
  return moved;
}

Instant Line::poll_timeout() const {
  if (!raw_.empty() || (runner_.is_pending() && !runner_.poll_transmit().empty())) {
    return Instant{};  // the port was full
  }
  const bool payload_waits = runner_.is_pending() && !payload_.empty();
  return std::min(runner_.deadline(), payload_waits ? payload_at_ : kNever);
}

}  // namespace ferry::modem
