// ferry-modem: a 4G module as a program.
#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <sstream>

#include "host/failure.h"
#include "ports/posix/rehearsal_clock.h"
#include "tools/modem/module_loop.h"

namespace {

namespace asio = boost::asio;
using ferry::host::Failure;

constexpr const char* kExample = R"(
Example: a module at 115200 baud on a TCP port, which finds ftp.example on this machine
  ferry-modem --listen 127.0.0.1:7000 --family quectel --baud 115200 --map ftp.example:21=127.0.0.1:2121
and to speak to it
  socat -,raw,echo=0,escape=0x1d TCP:127.0.0.1:7000)";

struct Options {
  bool pty = false;
  std::string link;
  std::string listen;
  std::string family = "quectel";
  std::uint32_t baud = 115200;
  long turnaround = 5;
  long latency = 60;
  std::uint32_t bandwidth = 0;
  unsigned signal = 20;
  long registration = 2000;
  long boot = 3000;
  int zone = 0;
  std::string clock_offset;
  bool off = false;
  bool no_sim = false;
  std::string faults;
  std::vector<std::string> names;
  bool verbose = false;
  bool json = false;
};

void add_options(CLI::App& app, Options& options) {
  auto* where = app.add_option_group("where the host finds it");
  where->add_flag("--pty", options.pty, "a pseudo terminal; its path is printed");
  where->add_option("--listen", options.listen, "a TCP port, loopback alone; port 0: a free one")
      ->type_name("ADDR:PORT");
  where->require_option(1);
  app.add_option("--link", options.link, "with --pty: a symbolic link to it")->type_name("PATH");
  app.add_option("--family", options.family, "whose commands it understands")
      ->check(CLI::IsMember({"quectel", "simcom", "ublox"}))
      ->capture_default_str();
  app.add_option("--baud", options.baud, "rate after power-on; AT+IPR changes it")
      ->check(CLI::Range(9600U, 921600U))
      ->capture_default_str();
  app.add_option("--turnaround", options.turnaround, "milliseconds that each command takes")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  app.add_option("--latency", options.latency, "milliseconds through the air, one way")
      ->check(CLI::Range(0, 60000))
      ->capture_default_str();
  app.add_option("--bandwidth", options.bandwidth, "bytes a second through the air, each way; 0: no limit")
      ->capture_default_str();
  app.add_option("--signal", options.signal, "of AT+CSQ")->check(CLI::Range(0U, 31U))->capture_default_str();
  app.add_option("--registration", options.registration, "milliseconds until it is registered")
      ->check(CLI::Range(0, 3600000))
      ->capture_default_str();
  app.add_option("--boot", options.boot, "milliseconds from power-on or reset to RDY")
      ->check(CLI::Range(0, 60000))
      ->capture_default_str();
  app.add_option("--zone", options.zone, "of the network's time, in quarter hours")
      ->check(CLI::Range(-48, 56))
      ->capture_default_str();
  app.add_option("--clock-offset", options.clock_offset,
                 "a file with the seconds to add to the network's time; read at each question for it")
      ->type_name("FILE");
  app.add_flag("--no-sim", options.no_sim, "there is no SIM card in it");
  app.add_option("--faults", options.faults, "what goes wrong, one fault a line (spec/modem.md)")->type_name("FILE");
  app.add_option("--map", options.names, "a name that the module knows; may be given several times")
      ->type_name("NAME[:PORT]=ADDRESS[:PORT]");
  app.add_flag("--verbose,-v", options.verbose, "commands and events on stderr");
  app.add_flag("--json", options.json, "one JSON object a line on stdout");
}

ferry::sim::ModemConfig config_of(const Options& options) {
  using ferry::Duration;
  ferry::sim::ModemConfig config;
  config.family = options.family == "simcom"  ? ferry::sim::ModemFamily::kSimcom
                  : options.family == "ublox" ? ferry::sim::ModemFamily::kUblox
                                              : ferry::sim::ModemFamily::kQuectel;
  config.baud = options.baud;
  config.turnaround = Duration{options.turnaround};
  config.latency = Duration{options.latency};
  config.bytes_per_second = options.bandwidth;
  config.signal = options.signal;
  config.registration = Duration{options.registration};
  config.boot = Duration{options.boot};
  config.zone = options.zone;
  config.sim_card = !options.no_sim;
  return config;
}

ferry::sim::ModemFaults read_faults(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw Failure("{} cannot be read", path);
  }
  try {
    return ferry::sim::ModemFaults::parse(text.str());
  } catch (const std::invalid_argument& error) {
    throw Failure("{}: {}", path, error.what());
  }
}

// Readable in a log and in JSON: no control characters, no quotes.
std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c < ' ' || c > '~' ? '.' : c == '"' || c == '\\' ? '\'' : c;
  }
  return out;
}

void run(const Options& options) {
  ferry::posix::RehearsalClock clock(options.clock_offset);
  asio::io_context io;
  ferry::tool::ModuleLoop loop(io, config_of(options));
  for (const std::string& name : options.names) {
    loop.network().map(name);
  }
  loop.module().network_clock = [&clock] { return clock.wall_time().value_or(ferry::WallTime{}); };
  if (!options.faults.empty()) {
    loop.module().faults() = read_faults(options.faults);
  }
  if (options.verbose || options.json) {
    loop.module().log = [&](const std::string& line) {
      if (options.verbose) {
        fmt::print(stderr, "{:9.3f} {}\n", static_cast<double>(loop.elapsed().count()) / 1000, printable(line));
      }
      if (options.json) {
        fmt::print("{{\"ms\":{},\"event\":\"{}\"}}\n", loop.elapsed().count(), printable(line));
        std::fflush(stdout);
      }
    };
  }
  const std::string place = options.pty ? loop.line().open_pty(options.link) : loop.line().listen(options.listen);
  if (options.json) {
    fmt::print("{{\"{}\":\"{}\"}}\n", options.pty ? "pty" : "listen", place);
  } else {
    fmt::print("{} module on {}\n", options.family, place);
  }
  std::fflush(stdout);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  loop.start();
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"A 4G module on a serial line, simulated; its sockets reach this machine's loopback addresses",
               "ferry-modem"};
  app.set_version_flag("--version", FERRY_VERSION);
  app.footer(kExample);
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
    run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "ferry-modem: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
