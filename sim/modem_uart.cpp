#include "sim/modem_uart.h"

namespace ferry::sim {

Status ModemUart::configure(std::uint32_t baud, FlowControl flow) {
  host_baud_ = baud;
  host_flow_ = flow == FlowControl::kRtsCts;
  up_.clear();
  received_.clear();
  return ok();
}

Result<std::size_t> ModemUart::read(ByteSpan buffer) {
  std::size_t size = std::min(buffer.size(), received_.size());
  if (largest_read != 0) {
    size = std::min(size, largest_read);
  }
  copy(as_bytes(received_).first(size), buffer);
  received_.erase(0, size);
  active_ = active_ || size > 0;
  return size;
}

Result<std::size_t> ModemUart::write(ByteView bytes) {
  const std::size_t size = std::min(bytes.size(), host_out - std::min(host_out, up_.size()));
  if (size > 0 && up_.empty()) {
    up_at_ = std::max(byte_end(up_at_, up_count_, host_baud_), now());
    up_count_ = 0;
  }
  up_ += as_text(bytes.first(size));
  active_ = active_ || size > 0;
  return size;
}

void ModemUart::set_module(std::uint32_t baud, bool flow) {
  module_baud_ = baud;
  module_flow_ = flow;
  down_at_ = std::max(down_at_, now());
  down_count_ = 0;
}

bool ModemUart::rates_match() const {
  return host_follows || host_baud_ == module_baud_;
}

// What a receiver makes of a byte that comes at another rate.
char ModemUart::garble(char c) {
  noise_ = noise_ * 1664525U + 1013904223U;
  return static_cast<char>((noise_ >> 24) ^ static_cast<unsigned char>(c) ^ 0x80U);
}

void ModemUart::send(std::string_view bytes, Microseconds at) {
  if (down_.empty()) {
    down_at_ = std::max(byte_end(down_at_, down_count_, module_baud_), at);
    down_count_ = 0;
  }
  down_ += bytes;
}

void ModemUart::poll(const std::function<void(char, Microseconds)>& take) {
  const std::uint32_t up_baud = host_follows ? module_baud_ : host_baud_;
  std::size_t taken = 0;
  while (taken < up_.size() && byte_end(up_at_, up_count_ + 1, up_baud) <= now()) {
    ++up_count_;
    const char c = up_[taken];
    ++taken;
    active_ = true;
    take(rates_match() ? c : garble(c), byte_end(up_at_, up_count_, up_baud));
  }
  up_.erase(0, taken);
  move_down();
}

void ModemUart::move_down() {
  std::size_t moved = 0;
  while (moved < down_.size() && byte_end(down_at_, down_count_ + 1, module_baud_) <= now()) {
    if (received_.size() >= host_buffer && (host_follows || (host_flow_ && module_flow_))) {
      down_at_ = now();  // held off
      down_count_ = 0;
      break;
    }
    ++down_count_;
    char c = down_[moved];
    ++moved;
    ++bytes_down_;
    active_ = true;
    bool lose = false;
    if (disturb) {
      c = disturb(c, lose);
    }
    if (lose) {
      continue;
    }
    if (received_.size() >= host_buffer) {
      lost_ = true;
      ++overruns_;
      continue;
    }
    if (!rates_match()) {
      lost_ = true;
      c = garble(c);
    }
    received_ += c;
  }
  down_.erase(0, moved);
}

Instant ModemUart::next_event() const {
  Microseconds next = Microseconds::max();
  if (!up_.empty()) {
    next = std::min(next, byte_end(up_at_, up_count_ + 1, host_follows ? module_baud_ : host_baud_));
  }
  if (!down_.empty() && received_.size() < host_buffer) {
    next = std::min(next, byte_end(down_at_, down_count_ + 1, module_baud_));
  }
  return next == Microseconds::max() ? kNever : Instant{std::chrono::ceil<Duration>(next)};
}

}  // namespace ferry::sim
