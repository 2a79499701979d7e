// What of the serial line's rate the driver makes of a file of 256 KiB by FTP, in virtual time: the same figures on
// every machine. Exits with 1 where a figure that must be reached is not.
//
//   build/dev/bin/modem_bench
#include <cstdio>

#include "device/ftp/client.h"
#include "device/modem/modem.h"
#include "sim/ftp_server.h"
#include "sim/modem.h"
#include "sim/network.h"

namespace {

using namespace ferry;

constexpr std::uint32_t kSize = 256 * 1024;

class CountingSink final : public ftp::Sink {
 public:
  explicit CountingSink(sim::Clock& clock) : clock_(clock) {}
  [[nodiscard]] Status write(ByteView bytes) override {
    first = size == 0 ? clock_.world_now() : first;
    last = clock_.world_now();
    size += bytes.size();
    return ok();
  }
  std::size_t size = 0;
  Instant first{};
  Instant last{};

 private:
  sim::Clock& clock_;
};

class NoRecord final : public modem::RetainedRecord {
 public:
  [[nodiscard]] Result<std::size_t> load(ByteSpan) override { return 0; }
  [[nodiscard]] Status store(ByteView) override { return ok(); }
};

struct Setting {
  const char* name;
  const modem::Family* driver;
  sim::ModemFamily family;
  bool push;
};

struct Figures {
  double data = 0;   // percent of the line's rate, from the first byte of the file to the last
  double whole = 0;  // the same, with the commands and connections of the transfer around it
};

struct Bench {
  Bench(const Setting& setting, std::uint32_t baud, Duration turnaround)
      : module(clock, network, {.family = setting.family, .turnaround = turnaround, .latency = Duration{50}}),
        driver(*setting.driver, module.uart(), module.power(), record,
               {.apn = "internet", .baud = baud, .push = setting.push}),
        client(driver),
        sink(clock) {
    server.attach(network);
    server.files["image"] = std::string(kSize, 'x');
  }

  bool run(ftp::ClientState until) {
    const Instant end = clock.world_now() + 1h;
    while (client.state() != until && clock.world_now() < end) {
      driver.poll(clock.now());
      client.poll(clock.now());
      driver.poll(clock.now());
      const bool moved = module.poll() || network.poll();
      if (!moved) {
        const Instant next =
            std::min({network.next_event(), module.next_event(), driver.poll_timeout(), client.poll_timeout()});
        clock.advance_to(std::max(next, clock.world_now() + Duration{1}));
      }
    }
    return client.state() == until;
  }

  sim::Clock clock;
  sim::FaultPlan no_faults;
  sim::Network network{clock, no_faults, {.window = 65536, .connections = 12}};
  sim::FtpServer server{"ftp.example"};
  sim::Modem module;
  NoRecord record;
  modem::Modem driver;
  ftp::Client client;
  CountingSink sink;
};

Figures measure(const Setting& setting, std::uint32_t baud, Duration turnaround) {
  Bench bench(setting, baud, turnaround);
  bench.driver.start(bench.clock.now());
  bench.client.connect({.host = "ftp.example"}, bench.clock.now());
  if (!bench.run(ftp::ClientState::kReady)) {
    return {};
  }
  const Instant start = bench.clock.world_now();
  bench.client.retrieve("image", 0, kSize, kSize, bench.sink, bench.clock.now());
  if (!bench.run(ftp::ClientState::kReady) || bench.sink.size != kSize) {
    return {};
  }
  const auto percent = [&](Instant from, Instant to) {
    return 100.0 * kSize * 10 * 1000 / baud / static_cast<double>((to - from).count());
  };
  // The first bytes come at the end of their read: count from when they could have begun.
  return {percent(bench.sink.first - Duration{1500 * 10 * 1000 / baud}, bench.sink.last),
          percent(start, bench.clock.world_now())};
}

}  // namespace

int main() {
  constexpr Setting kSettings[] = {
      {"quectel, reads", &modem::kQuectel, sim::ModemFamily::kQuectel, false},
      {"quectel, push", &modem::kQuectel, sim::ModemFamily::kQuectel, true},
      {"simcom", &modem::kSimcom, sim::ModemFamily::kSimcom, false},
      {"u-blox", &modem::kUblox, sim::ModemFamily::kUblox, false},
  };
  bool good = true;
  std::printf("%-16s %8s %10s %8s %8s\n", "", "baud", "turnaround", "data", "whole");
  for (const Setting& setting : kSettings) {
    for (const std::uint32_t baud : {115200U, 460800U, 921600U}) {
      for (const auto turnaround : {Duration{5}, Duration{20}}) {
        const Figures figures = measure(setting, baud, turnaround);
        std::printf("%-16s %8u %7lld ms %6.1f %% %6.1f %%\n", setting.name, baud,
                    static_cast<long long>(turnaround.count()), figures.data, figures.whole);
        good = good && figures.whole > 0;
        if (setting.push && turnaround == Duration{5}) {
          good = good && (baud != 115200 || figures.whole >= 93) && (baud != 921600 || figures.data >= 90);
        }
      }
    }
  }
  if (!good) {
    std::fprintf(stderr,
                 "modem_bench: pushed at a turnaround of 5 ms, 93 %% at 115200 and 90 %% at 921600 must be reached\n");
  }
  return good ? 0 : 1;
}
