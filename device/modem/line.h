// The serial line of a module: sends commands and, after a prompt, payload; hands out what comes in.
#pragma once

#include "device/at/exchange.h"
#include "device/at/tokenizer.h"
#include "device/base/serial_port.h"

namespace ferry::modem {

class Line {
 public:
  Line(SerialPort& port, std::span<const at::PayloadRule> rules, Duration gap)
      : port_(port), tokenizer_(rules), gap_(gap) {}

  // Errors: kUnsupported, kIo. Whatever was under way is forgotten.
  [[nodiscard]] Status configure(std::uint32_t baud, FlowControl flow);

  // `payload` follows the prompt and must stay where it is until the exchange has ended. Nothing may be pending.
  void begin(const at::Exchange& exchange, const at::Arguments& arguments, Instant now, ByteView payload = {});
  void write_raw(std::string_view bytes) { raw_ = as_bytes(bytes); }  // outside any exchange; text stays where it is

  // The next token that is not the pending exchange's own; an empty line when that has ended. `room`: how much payload
  // may come.
  [[nodiscard]] at::Token next(std::size_t room, Instant now);
  void accept_payload(std::uint32_t count) { tokenizer_.accept_payload(count); }
  [[nodiscard]] bool forgo_trailer() { return tokenizer_.forgo_trailer(); }
  // A header that was not accepted: true where it is the pending exchange's own.
  [[nodiscard]] bool offer(std::string_view line) { return runner_receive(line); }
  // Throws away what comes; true when anything came.
  bool discard(Instant now);

  // Sends what can be sent and looks at the time. True when anything moved.
  bool poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;

  void reset();  // the exchange and what was being received are forgotten
  [[nodiscard]] at::Runner& runner() { return runner_; }
  [[nodiscard]] const at::Tokenizer& tokenizer() const { return tokenizer_; }
  [[nodiscard]] bool is_idle(Instant now) const {
    return !runner_.is_pending() && raw_.empty() && !tokenizer_.awaits_trailer() && now >= free_at();
  }
  [[nodiscard]] Instant free_at() const { return gap_ == Duration{0} ? Instant{} : heard_at_ + gap_; }
  [[nodiscard]] Instant heard_at() const { return heard_at_; }
  [[nodiscard]] SerialPort& port() { return port_; }

 private:
  bool runner_receive(std::string_view line);
  bool fill(Instant now);
  bool write(ByteView bytes, std::size_t& taken);

  SerialPort& port_;
  at::Tokenizer tokenizer_;
  at::Runner runner_;
  Duration gap_;
  ByteView payload_;
  ByteView raw_;
  bool prompted_ = false;
  Instant payload_at_ = kNever;  // when the payload may be sent
  Instant heard_at_{};
  std::array<std::uint8_t, 64> input_{};
  std::uint8_t input_at_ = 0;
  std::uint8_t input_size_ = 0;
};

}  // namespace ferry::modem
