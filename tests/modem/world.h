// A device with a 4G module, the network behind it and servers, on virtual time.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "device/ftp/client.h"
#include "device/ftp/download.h"
#include "device/modem/modem.h"
#include "sim/ftp_server.h"
#include "sim/modem.h"
#include "sim/network.h"

namespace ferry::modem {

// `size` bytes without a period, different for each seed.
inline std::string content(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class MemorySink final : public ftp::ResumableSink {
 public:
  [[nodiscard]] Status write(ByteView data) override {
    bytes += as_text(data);
    return ok();
  }
  [[nodiscard]] std::uint32_t received() const override { return static_cast<std::uint32_t>(bytes.size()); }
  [[nodiscard]] std::size_t tail(ByteSpan last) override {
    const std::size_t size = std::min(last.size(), bytes.size());
    return copy(as_bytes(bytes).last(size), last);
  }
  std::string bytes;
};

// Survives what the driver does not.
class MemoryRecord final : public RetainedRecord {
 public:
  [[nodiscard]] Result<std::size_t> load(ByteSpan record) override { return copy(as_bytes(bytes), record); }
  [[nodiscard]] Status store(ByteView record) override {
    bytes = as_text(record);
    ++stores;
    return ok();
  }
  std::string bytes;
  unsigned stores = 0;
};

struct Case {
  std::string name = "quectel";
  sim::ModemFamily family = sim::ModemFamily::kQuectel;
  const Family* driver = &kQuectel;
  bool push = false;
};

inline std::vector<Case> all_cases() {
  return {
      {"quectel", sim::ModemFamily::kQuectel, &kQuectel, false},
      {"quectel_push", sim::ModemFamily::kQuectel, &kQuectel, true},
      {"simcom", sim::ModemFamily::kSimcom, &kSimcom, false},
      {"ublox", sim::ModemFamily::kUblox, &kUblox, false},
  };
}

inline constexpr ftp::Server kServer{.host = "ftp.example", .port = 21, .user = "anonymous", .password = "ferry"};

struct World {
  explicit World(const Case& the_case = {}, Settings the_settings = {}, sim::ModemConfig config = {})
      : settings(the_settings), module(clock, network, with_family(config, the_case.family)), family(*the_case.driver) {
    settings.apn = "internet";
    settings.push = the_case.push;
    server.attach(network);
    if (std::getenv("FERRY_MODEM_LOG") != nullptr) {
      module.log = [this](const std::string& line) {
        std::printf("%8lld %s\n", static_cast<long long>(clock.world_now().time_since_epoch().count()),
                    line.substr(0, 100).c_str());
      };
    }
    start_driver();
  }

  static sim::ModemConfig with_family(sim::ModemConfig config, sim::ModemFamily family) {
    config.family = family;
    return config;
  }

  // As after a reset of the MCU: only the record is left.
  void start_driver() {
    client.reset();
    driver = std::make_unique<Modem>(family, module.uart(), module.power(), record, settings);
    client = std::make_unique<ftp::Client>(*driver);
    download = std::make_unique<ftp::Download>(*client, ftp::RetryPolicy{}, 1);
    driver->start(clock.now());
  }
  void reset_device() {
    clock.restart();
    start_driver();
  }

  // Until `done()` or for `limit`.
  template <typename Done>
  bool run(Done done, Duration limit) {
    const Instant end = clock.world_now() + limit;
    for (;;) {
      bool moved = module.poll();
      driver->poll(clock.now());
      client->poll(clock.now());
      download->poll(clock.now());
      driver->poll(clock.now());
      moved = network.poll() || moved;
      moved = module.poll() || moved;
      if (done()) {
        return true;
      }
      if (clock.world_now() >= end) {
        return false;
      }
      if (moved && ++still < 20) {
        continue;
      }
      still = 0;
      const Instant device = std::min({driver->poll_timeout(), client->poll_timeout(), download->poll_timeout()});
      const Instant next = std::min({network.next_event(), module.next_event(), clock.to_world(device), end});
      clock.advance_to(std::max(next, clock.world_now() + Duration{step}));
    }
  }
  bool run_until(State state, Duration limit = 5min) {
    return run([&] { return driver->state() == state; }, limit);
  }
  void run_for(Duration time) {
    run([] { return false; }, time);
  }
  ftp::DownloadState fetch(std::string_view path, std::uint32_t size, Duration limit = 24h) {
    download->start(kServer, path, size, size, sink, clock.now());
    run([&] { return download->state() != ftp::DownloadState::kWorking; }, limit);
    return download->state();
  }
  [[nodiscard]] std::string told() const {
    return "faults:\n" + module_text + "commands: " + std::to_string(module.commands().size()) + ", time " +
           std::to_string(clock.world_now().time_since_epoch().count()) + " ms, state " +
           std::to_string(static_cast<int>(driver->state()));
  }

  Settings settings;
  sim::Clock clock;
  sim::FaultPlan no_faults;
  sim::Network network{clock, no_faults, {.latency = Duration{0}, .window = 65536, .connections = 12}};
  sim::FtpServer server{"ftp.example"};
  sim::Modem module;
  const Family& family;
  MemoryRecord record;
  MemorySink sink;
  std::unique_ptr<Modem> driver;
  std::unique_ptr<ftp::Client> client;
  std::unique_ptr<ftp::Download> download;
  std::string module_text;
  std::int64_t step = 1;  // milliseconds between polls, at least
  int still = 0;
};

}  // namespace ferry::modem
