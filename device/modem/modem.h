// A 4G module as the device's Network: bring-up, registration, bearer, two connections, clock, signal, recovery.
//
//   modem::Modem modem(modem::kQuectel, uart, power_lines, retained, {.apn = "internet", .baud = 921600});
//   modem.start(now);
//   for (;;) { modem.poll(now); ftp_client.poll(now); ... }
//
// start() returns at once, as everything does; connections may be opened from then on and stay kConnecting until the
// module is online. The bearer is up only while connections are in use and for Settings::release_after behind them.
#pragma once

#include <optional>

#include "device/modem/ports.h"
#include "device/modem/recovery.h"
#include "device/modem/sockets.h"

namespace ferry::modem {

struct Settings {  // texts must outlive the driver
  std::string_view apn{};
  std::string_view user{};
  std::string_view password{};
  std::uint32_t baud = 115200;  // to be raised to; what the module has is found out
  FlowControl flow =
      FlowControl::kRtsCts;     // without, nothing is pushed, and what the buffers cannot hold is not asked for
  bool push = true;             // let the module send what arrives without being asked, where it can
  Duration release_after = 5s;  // bearer down so long after the last connection; kKeep: never
  std::uint32_t seed = 1;       // differs from device to device: waits are spread by it

  static constexpr Duration kKeep = Duration::max();
};

enum class State : std::uint8_t {
  kOff,
  kStarting,    // looking for the module, setting it up
  kSearching,   // for a network; a first time may take a quarter of an hour
  kConnecting,  // the bearer is being brought up
  kReady,       // registered; the bearer is down because nothing needs it
  kOnline,
  kWaiting,  // for the next action of the recovery
  kStopping,
};

struct Report {
  std::optional<std::int16_t> signal_dbm;
  std::uint8_t registration = 0;  // 27.007 <stat>: 1 home, 5 roaming, ...
  std::uint32_t baud = 0;         // 0: the module is not found yet
  std::uint32_t breaks = 0;       // times that bytes of the line were lost within payload
  std::uint32_t rescues = 0;      // commands that got no final
  std::uint32_t reboots = 0;      // of the module, by itself
  std::uint32_t power_cycles = 0;
};

class Modem final : public Network {
 public:
  Modem(const Family& family, SerialPort& port, PowerLines& power, RetainedRecord& record, Settings settings);
  Modem(const Modem&) = delete;
  Modem& operator=(const Modem&) = delete;

  void start(Instant now);
  // Connections end, the bearer goes down, the module is switched off in order; kOff at the end, at most 70 s later.
  void stop(Instant now);
  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const { return due_; }  // when poll() is due even if nothing arrives
  [[nodiscard]] State state() const;
  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] const Recovery& recovery() const { return recovery_; }
  // The network's time, as far as the module has it and it can be true; it goes on with `now`.
  [[nodiscard]] std::optional<WallTime> wall_time(Instant now) const;

  [[nodiscard]] Result<Connection> open(std::string_view host, std::uint16_t port) override;
  [[nodiscard]] Result<Connection> open_beside(Connection beside, std::uint16_t port) override;
  [[nodiscard]] ConnectionState state(Connection connection) override { return sockets_.state(connection); }
  [[nodiscard]] Result<std::size_t> send(Connection connection, ByteView bytes) override;
  [[nodiscard]] Result<std::size_t> receive(Connection connection, ByteSpan buffer) override;
  void close(Connection connection) override;

 private:
  enum class Phase : std::uint8_t {
    kOff,
    kPowering,   // a step of the power lines
    kProbing,    // at which rate does it answer?
    kSettingUp,  // script
    kSearching,
    kAskingTime,
    kAttaching,  // script
    kOnline,
    kDetaching,  // script
    kReady,
    kWaiting,
    kRadio,       // script
    kPowerOff,    // script, then Event::kPowerDown
    kQuarantine,  // what comes in is thrown away until it is silent
    kRescue,      // does it still answer?
  };
  enum class Owner : std::uint8_t { kNone, kProbe, kScript, kRegistration, kSignal, kTime, kEcho, kSockets, kRescue };

  // modem.cpp
  bool receive(Instant now);
  bool take_token(const at::Token& token, Instant now);
  void take_header(const at::Token& token, Instant now);
  void on_line(std::string_view line, Instant now);
  void on_reboot(Instant now);
  void lose_trust(Instant now);
  void watch_line(Instant now);
  void finish_exchange(Instant now);
  void act(Instant now);
  void act_online(Instant now);
  void begin(Owner owner, const at::Exchange& exchange, Instant now);
  void timed_out(Owner owner, Instant now);
  void set_due(Instant now);
  void enter(Phase phase, Instant now);
  [[nodiscard]] bool is_bearer_wanted() const;

  // bring_up.cpp
  void start_probing(Instant now);
  void act_probing(Instant now);
  void next_probe(Instant now);
  void finish_probe(Instant now);
  void run(std::span<const Step> script, Phase phase, Instant now);
  void act_script(Instant now);
  void finish_step(Instant now);
  void end_script(bool good, Instant now);
  void act_searching(Instant now);
  void finish_registration(Instant now);
  void finish_signal();
  void act_waiting(Instant now);
  void act_power_off(Instant now);
  void start_power_cycle(Instant now);
  void act_powering(Instant now);
  void act_quarantine(Instant now);
  void act_rescue(Instant now);
  void network_failed(Instant now);
  void module_mute(Instant now);

  const Family& family_;
  PowerLines& power_;
  Settings settings_;
  Line line_;
  Sockets sockets_;
  Recovery recovery_;
  Report report_;

  Phase phase_ = Phase::kOff;
  Phase resume_ = Phase::kOff;  // after a rescue
  Owner owner_ = Owner::kNone;
  bool stopping_ = false;
  bool echo_on_ = false;
  bool raise_failed_ = false;  // the rate that was wanted does not work here
  bool registered_ = false;
  bool hushed_ = false;
  std::uint8_t step_ = 0;  // of the script, the power lines, the probing
  std::uint8_t tries_ = 0;
  std::uint8_t step_tries_ = 0;
  std::uint8_t unregistered_ = 0;  // health looks in a row
  std::span<const Step> script_;
  Instant wait_until_{};  // of the phase
  Instant phase_ends_ = kNever;
  Instant resume_ends_ = kNever;
  Instant boot_until_{};  // the module may be starting so long
  Instant mute_until_{};  // so long it may find back by itself
  Instant health_at_ = kNever;
  Instant idle_since_ = kNever;
  Instant due_{};
  std::optional<WallTime> wall_at_zero_;
};

}  // namespace ferry::modem
