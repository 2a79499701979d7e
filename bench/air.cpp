// Bytes over the air: what a visit to an FTP server costs, counted by a proxy between ferry-agent and each of several
// servers. TCP payload, both directions, control and data connections; the business connection is not counted.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <random>
#include <thread>

#include "bench/air_stage.h"
#include "bench/table.h"
#include "host/failure.h"
#include "host/files.h"

namespace ferry::bench {
namespace {

namespace fs = std::filesystem;
using host::Failure;

constexpr const char* kFirst = "1.0.100";  // with that the manifest has 600 bytes
constexpr const char* kSecond = "1.0.101";
constexpr const char* kThird = "1.0.102";
constexpr std::size_t kImageSize = 400U << 10U;
constexpr std::uint64_t kManifestSize = 600;  // for which the limit of a visit without news is given
constexpr double kLongestVisit = 1600;
constexpr double kLargestUpgrade = 1.02;    // times the payload
constexpr double kLargestWithDrops = 1.05;  // likewise
constexpr std::size_t kDrops = 10;
constexpr std::uint64_t kShortestWay = 2000;  // between two drops: no place is inside the manifest
constexpr std::uint64_t kLine = 125'000;      // bytes a second where it breaks: LTE Cat M1
constexpr Duration kPatience = 5min;

std::vector<std::uint64_t> random_ways(std::uint64_t payload, std::mt19937& random) {
  const std::uint64_t spare = payload - (kDrops + 1) * kShortestWay;
  std::vector<std::uint64_t> places(kDrops);
  std::generate(places.begin(), places.end(), [&] { return random() % spare; });
  std::sort(places.begin(), places.end());
  std::vector<std::uint64_t> ways;
  std::uint64_t last = 0;
  for (const std::uint64_t place : places) {
    ways.push_back(kShortestWay + place - last);
    last = place;
  }
  return ways;
}

// A device with its own server; its visits run beside other devices'.
class Device {
 public:
  Device(const Stage& stage, CountedServer& server) : stage_(stage), server_(server) {}

  // One visit, over a line that breaks after each of `ways` bytes of data. Returns the bytes over the air.
  std::uint64_t visit(const std::string& event, const std::vector<std::uint64_t>& ways = {}) {
    const fs::path log = stage_.folder() / (server_.name() + "-" + std::to_string(++visits_) + ".log");
    const std::uint64_t before = server_.proxy().bytes();
    host::ChildProcess agent({.command = {stage_.bin() / "ferry-agent", "--factory", stage_.factory(server_.name()),
                                          "--state", stage_.folder() / (server_.name() + ".state"), "--json", "--once"},
                              .output = log});
    const std::uint32_t drops = follow(agent, ways);
    const std::string story = host::read_text_file(log);
    if (agent.wait(1s) != 0 || drops != ways.size() || story.find("\"event\":\"" + event + "\"") == std::string::npos) {
      throw Failure("{}: {} drops, and not the end that it should come to: {}", server_.name(), drops, story);
    }
    return server_.proxy().bytes() - before;
  }

  [[nodiscard]] const std::string& name() const { return server_.name(); }

 private:
  // Until it ends; returns how often the line broke.
  std::uint32_t follow(const host::ChildProcess& agent, const std::vector<std::uint64_t>& ways) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::size_t planned = 0;
    while (!agent.has_ended(2ms)) {
      if (planned < ways.size() && server_.proxy().drops() == planned) {
        server_.proxy().set_plan({.after_bytes = ways[planned],
                                  .times = static_cast<std::uint32_t>(planned + 1),
                                  .control_too = true,
                                  .bytes_per_second = kLine});
        ++planned;
      }
      if (std::chrono::steady_clock::now() > until) {
        throw Failure("{}: the visit does not end", server_.name());
      }
    }
    return server_.proxy().drops();
  }

  const Stage& stage_;
  CountedServer& server_;
  int visits_ = 0;
};

// Of all devices at a time: `work` is called with each and its number, and what it returns is returned in their order.
template <typename Work>
std::vector<std::uint64_t> all_at_once(std::vector<Device>& devices, Work work) {
  std::vector<std::uint64_t> results(devices.size());
  std::vector<std::exception_ptr> failures(devices.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        results[i] = work(devices[i], i);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  }
  return results;
}

void add_rows(std::vector<Row>& rows, const std::vector<Device>& devices, const std::string& what,
              const std::vector<std::uint64_t>& bytes, const Row& like, double unit) {
  for (std::size_t i = 0; i < devices.size(); ++i) {
    Row row = like;
    row.name = devices[i].name() + ": " + what;
    row.reached = static_cast<double>(bytes[i]) / unit;
    rows.push_back(row);
  }
}

std::uint32_t seed() {
  const char* const text = std::getenv("FERRY_SEED");
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : 1;
}

int run(const fs::path& bin, std::vector<std::string> names) {
  if (names.empty()) {
    names = {"builtin", "vsftpd", "pure-ftpd", "proftpd"};
  }
  Stage stage(bin);
  stage.release(kFirst, kImageSize);
  std::vector<std::unique_ptr<CountedServer>> servers;
  std::vector<Device> devices;
  for (const std::string& name : names) {
    servers.push_back(
        std::make_unique<CountedServer>(name, bin, stage.repository(), stage.folder() / "builtin-server.log"));
    stage.provision(name, servers.back()->url());
    devices.emplace_back(stage, *servers.back());
  }
  stage.start_hub();

  std::vector<Row> rows;
  all_at_once(devices, [](Device& device, std::size_t) { return device.visit("confirmed"); });
  const auto nothing = all_at_once(devices, [&](Device& device, std::size_t) {
    return device.visit("nothing_newer") - stage.manifest_size() + kManifestSize;
  });
  add_rows(rows, devices, "nothing newer", nothing,
           {.bound = Bound::kAtMost, .required = kLongestVisit, .unit = "bytes"}, 1);
  stage.release(kSecond, kImageSize);
  const auto upgrade = all_at_once(devices, [](Device& device, std::size_t) { return device.visit("confirmed"); });
  add_rows(rows, devices, "upgrade", upgrade,
           {.bound = Bound::kAtMost, .required = kLargestUpgrade, .unit = "payload", .decimals = 4},
           static_cast<double>(stage.payload_size(kSecond)));
  stage.release(kThird, kImageSize);
  const std::uint64_t payload = stage.payload_size(kThird);
  const auto drops = all_at_once(devices, [&](Device& device, std::size_t i) {
    std::mt19937 random(seed() + static_cast<std::uint32_t>(i));
    return device.visit("confirmed", random_ways(payload, random));
  });
  add_rows(rows, devices, "upgrade, ten drops", drops,
           {.bound = Bound::kAtMost, .required = kLargestWithDrops, .unit = "payload", .decimals = 4},
           static_cast<double>(payload));
  return print(
      fmt::format("air: manifest {} bytes, payload {} KiB, seed {}", stage.manifest_size(), payload >> 10U, seed()),
      rows);
}

}  // namespace
}  // namespace ferry::bench

// bench_air [SERVER...]
int main(int argc, char** argv) {
  try {
    return ferry::bench::run(std::filesystem::canonical(argv[0]).parent_path(), {argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_air: {}\n", error.what());
    return 1;
  }
}
