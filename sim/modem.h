// A simulated 4G module on virtual time: AT commands on a serial line on one side, a Network on the other.
//
//   sim::Modem module(clock, internet, {.family = ModemFamily::kQuectel});
//   module.faults() = ModemFaults::parse("after 20000 pdpdeact");
//   modem::Modem driver(modem::kQuectel, module.uart(), module.power(), ...);
//
// Stricter than hardware: what is typed while a command is being worked on is lost, commands must end in CR, numbers
// must be in range, a link number is used until it is closed. What it understands: spec/modem.md.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/base/network.h"
#include "device/modem/ports.h"
#include "sim/clock.h"
#include "sim/modem_faults.h"
#include "sim/modem_uart.h"

namespace ferry::sim {

enum class ModemFamily : std::uint8_t { kQuectel, kSimcom, kUblox };

struct ModemConfig {
  ModemFamily family = ModemFamily::kQuectel;
  std::uint32_t baud = 115200;         // after power-on
  Duration turnaround{5};              // of each command
  Duration boot{3000};                 // from the power key to RDY
  Duration registration{2000};         // from RDY or CFUN=1
  Duration attach{500};                // of the bearer
  Duration connect{0};                 // of a connection, besides what the network takes
  Duration latency{0};                 // of the air, one way
  std::uint32_t bytes_per_second = 0;  // of the air, each way; 0 = no limit
  unsigned signal = 20;                // of +CSQ
  std::size_t receive_buffer = 16384;  // of a connection
  std::size_t send_buffer = 8192;
  WallTime network_time{std::chrono::seconds(1'768'000'000)};  // at the world's zero
  int zone = 32;                                               // quarter hours
  bool powered = true;                                         // on, booted and registered at the world's zero
  bool sim_card = true;
  bool boots = true;  // false: it is broken, and says nothing any more
  bool echo = true;   // after power-on
};

class ModemDialect;

class Modem {
 public:
  Modem(Clock& clock, ferry::Network& internet, ModemConfig config = {});
  ~Modem();

  [[nodiscard]] ModemUart& uart() { return uart_; }
  [[nodiscard]] modem::PowerLines& power() { return power_; }
  [[nodiscard]] ModemFaults& faults() { return faults_; }
  [[nodiscard]] ModemConfig& config() { return config_; }

  // Moves what is due. True when anything happened since the last call.
  bool poll();
  [[nodiscard]] Instant next_event() const;

  // What happened, for tests and logs.
  [[nodiscard]] const std::vector<std::string>& commands() const { return commands_; }
  [[nodiscard]] std::size_t count(std::string_view command) const;  // of commands that begin so
  [[nodiscard]] unsigned power_cycles() const { return power_cycles_; }
  [[nodiscard]] unsigned lost_commands() const { return lost_commands_; }  // typed while one was worked on
  [[nodiscard]] bool is_on() const { return stage_ != Stage::kOff; }
  [[nodiscard]] bool bearer_is_up() const { return bearer_; }
  [[nodiscard]] std::size_t open_links() const;
  std::function<void(const std::string&)> log;  // a line for each command and event
  std::function<WallTime()> network_clock;  // the network's time, in place of network_time and what has passed since

  // --- for the dialects ---
  static constexpr std::size_t kLinks = 12;
  struct Segment {
    Instant due;
    std::string bytes;
  };
  struct Link {
    bool used = false;
    bool opening = false;
    bool is_open = false;
    bool peer_closed = false;  // everything that will come has come
    bool close_told = false;
    bool announced = false;  // data was, and was not read to the end since
    bool pushing = false;    // more is to be pushed once the serial line has taken what is queued
    unsigned mode = 0;
    std::string host;
    std::uint16_t port = 0;
    Connection connection = Connection::kNone;
    Instant opened_at = kNever;
    std::deque<Segment> air_down;
    std::deque<Segment> air_up;
    bool end_on_air = false;
    Instant end_at = kNever;
    std::string received;  // not read by the host
    std::size_t total = 0;
    std::size_t read = 0;
    std::size_t sent = 0;
  };
  [[nodiscard]] Link& link(std::size_t number) { return links_[number]; }
  [[nodiscard]] bool start_open(std::size_t number, const std::string& host, std::uint16_t port, unsigned mode);
  void close_link(std::size_t number);
  void close_all_links();
  [[nodiscard]] std::size_t send_room(const Link& link) const;
  void send_on(Link& link, const std::string& bytes);
  [[nodiscard]] std::string take_received(Link& link, std::size_t size);

  // Answers: information parts, then the final. After `delay` besides the turnaround; further commands are lost until
  // then.
  void answer(std::vector<std::string> parts, std::string final_line = "OK", Duration delay = Duration{0});
  void answer_raw(std::string bytes, Duration delay = Duration{0});
  void hold() { busy_ = true; }  // the answer comes later; until then further commands are lost
  void error(int cme = -1);
  void urc(const std::string& line, Duration delay = Duration{0});
  void urc_raw(const std::string& bytes);
  void prompt(const std::string& text, std::size_t count, std::function<void(std::string)> take);
  void after(Duration delay, std::function<void()> action);  // forgotten at a reset
  void set_bearer(bool up) { bearer_ = up; }
  [[nodiscard]] bool registered() const;
  [[nodiscard]] const std::string& current() const { return current_; }  // the command's name, as "AT+QIRD"
  [[nodiscard]] std::string clock_text(bool local) const;
  void power_down(Duration delay);

 private:
  enum class Stage : std::uint8_t { kOff, kBooting, kOn };
  enum class Mode : std::uint8_t { kCommand, kData, kTransparent, kMultiplexer };
  struct Task {
    Microseconds due;
    std::uint64_t order;
    std::function<void()> action;
  };
  class Power final : public modem::PowerLines {
   public:
    explicit Power(Modem& owner) : owner_(owner) {}
    void set_supply(bool on) override { owner_.on_supply(on); }
    void press_power_key(bool pressed) override { owner_.on_power_key(pressed); }

   private:
    Modem& owner_;
  };

  void on_supply(bool on);
  void on_power_key(bool pressed);
  void boot();
  void booted(bool announce);
  void switch_off();
  void reset_state();
  void take(char c, Microseconds at);
  void take_command(char c);
  [[nodiscard]] bool is_too_soon() const;
  void lose_typed(char c);
  void take_data(char c);
  void take_transparent(char c);
  void take_multiplexer(char c);
  void run_line(std::string line);
  [[nodiscard]] bool run_common(const std::string& name, const std::string& arguments);
  void registration_answer(const std::string& name);
  void run_actions(std::string_view command);
  void act(const std::string& fault, const std::string& argument);
  [[nodiscard]] bool poll_links();
  bool poll_link(std::size_t number);
  bool receive_from_air(Link& link);
  void run_tasks();
  void schedule(Microseconds due, std::function<void()> action);
  void emit(const std::string& bytes);
  [[nodiscard]] char disturb(char c, bool& lose);
  [[nodiscard]] Instant air_time(Instant& busy_until, std::size_t bytes) const;
  void note(const std::string& line) {
    if (log) {
      log(line);
    }
  }
  [[nodiscard]] Instant now() const { return clock_.world_now(); }

  Clock& clock_;
  ferry::Network& internet_;
  ModemConfig config_;
  ModemFaults faults_;
  ModemUart uart_;
  Power power_{*this};
  std::unique_ptr<ModemDialect> dialect_;
  std::array<Link, kLinks> links_{};
  std::vector<Task> tasks_;
  std::uint64_t order_ = 0;
  std::vector<std::string> commands_;

  Stage stage_ = Stage::kOff;
  Mode mode_ = Mode::kCommand;
  bool supply_ = true;
  bool echo_ = true;
  bool busy_ = false;
  bool bearer_ = false;
  bool radio_ = true;
  bool flow_ = false;
  bool dead_ = false;  // until the power is cut
  Instant mute_until_{};
  Instant key_since_ = kNever;
  Instant registered_at_ = kNever;
  int forced_registration_ = -1;
  std::string typed_;
  std::string current_;
  std::string data_;
  std::size_t data_wanted_ = 0;
  std::function<void(std::string)> data_take_;
  std::size_t transparent_link_ = kLinks;
  Microseconds last_typed_{0};
  Microseconds quiet_before_{0};  // silence before the escape
  unsigned pluses_ = 0;
  std::string frame_;
  Microseconds action_time_{0};  // of the task that runs, or of the byte that came
  Instant up_busy_{};
  Instant down_busy_{};
  long lose_ = 0;
  long flip_ = 0;
  long lose_up_ = 0;
  unsigned power_cycles_ = 0;
  unsigned lost_commands_ = 0;
  Microseconds last_output_{-1'000'000};
  bool last_was_answer_ = false;
  bool active_ = false;
};

// What differs from family to family.
class ModemDialect {
 public:
  virtual ~ModemDialect() = default;
  // False: no such command.
  virtual bool run(Modem& modem, const std::string& name, const std::string& arguments) = 0;
  virtual void on_boot(Modem& modem) = 0;
  virtual void on_opened(Modem& modem, std::size_t link, bool good) = 0;
  virtual void on_data(Modem& modem, std::size_t link) = 0;    // more was received
  virtual void on_closed(Modem& modem, std::size_t link) = 0;  // the peer closed
  virtual void on_bearer_lost(Modem& modem) = 0;
  virtual void on_power_down(Modem& modem) = 0;
  [[nodiscard]] virtual Duration gap() const { return Duration{0}; }  // needed between its lines and a command
};

std::unique_ptr<ModemDialect> make_quectel_dialect();
std::unique_ptr<ModemDialect> make_simcom_dialect();
std::unique_ptr<ModemDialect> make_ublox_dialect();

// Arguments of a command: `0,"TCP","host",21`. Quotes are taken away.
[[nodiscard]] std::vector<std::string> split_arguments(const std::string& text);
[[nodiscard]] bool in_range(const std::string& text, long lowest, long highest, long& value);

}  // namespace ferry::sim
