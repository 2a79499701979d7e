// The serial line between a host and a simulated module, on virtual time: pacing at the baud rate, a host buffer that
// overruns, RTS/CTS, rates that do not match, lost and flipped bytes. The host's side is a SerialPort.
#pragma once

#include <functional>
#include <string>

#include "device/base/serial_port.h"
#include "device/base/time.h"
#include "sim/clock.h"

namespace ferry::sim {

using Microseconds = std::chrono::duration<std::int64_t, std::micro>;

class ModemUart final : public ferry::SerialPort {
 public:
  explicit ModemUart(Clock& clock) : clock_(clock) {}

  // The host's side; see device/base/serial_port.h.
  [[nodiscard]] Status configure(std::uint32_t baud, FlowControl flow) override;
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override;
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override;
  [[nodiscard]] bool is_drained() override { return up_.empty(); }
  [[nodiscard]] bool lost_bytes() override { return std::exchange(lost_, false); }

  std::size_t host_buffer = 512;  // bytes received that the host has not read
  std::size_t host_out = 256;     // bytes written that have not left
  std::size_t largest_read = 0;   // bytes that a read gives at most; 0 = no limit
  bool host_follows = false;      // the host's rate and flow control are always the module's (no UART in between)
  std::function<char(char, bool&)> disturb;  // changes a byte on its way to the host; sets the flag to lose it

  // The module's side.
  void set_module(std::uint32_t baud, bool flow);
  [[nodiscard]] std::uint32_t baud() const { return module_baud_; }
  void send(std::string_view bytes, Microseconds at);  // queued; leaves not before `at`
  void drop_output() { down_.clear(); }                // the module was reset or lost its power
  [[nodiscard]] bool output_is_empty() const { return down_.empty(); }
  [[nodiscard]] std::size_t queued() const { return down_.size(); }
  [[nodiscard]] Microseconds output_ends() const { return down_at_; }
  // Moves bytes until now. Each that reaches the module is given to `take` with its moment.
  void poll(const std::function<void(char, Microseconds)>& take);
  [[nodiscard]] Instant next_event() const;
  [[nodiscard]] bool take_activity() { return std::exchange(active_, false); }
  [[nodiscard]] std::uint64_t overruns() const { return overruns_; }
  [[nodiscard]] std::uint64_t bytes_down() const { return bytes_down_; }

 private:
  [[nodiscard]] Microseconds now() const { return clock_.world_now().time_since_epoch(); }
  [[nodiscard]] Microseconds byte_end(Microseconds start, std::uint64_t count, std::uint32_t baud) const {
    return start + Microseconds(static_cast<std::int64_t>(count * 10'000'000 / baud));
  }
  void move_down();
  [[nodiscard]] bool rates_match() const;
  [[nodiscard]] char garble(char c);

  Clock& clock_;
  std::uint32_t host_baud_ = 115200;
  std::uint32_t module_baud_ = 115200;
  bool host_flow_ = false;
  bool module_flow_ = false;
  std::string up_;
  std::string down_;
  std::string received_;
  Microseconds up_at_{0};  // start of the next byte
  Microseconds down_at_{0};
  std::uint64_t up_count_ = 0;  // bytes since up_at_
  std::uint64_t down_count_ = 0;
  std::uint64_t overruns_ = 0;
  std::uint64_t bytes_down_ = 0;
  std::uint32_t noise_ = 1;
  bool lost_ = false;
  bool active_ = false;
};

}  // namespace ferry::sim
