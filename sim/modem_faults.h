// A plan of what goes wrong in a simulated module: one fault a line, seeded and replayable (spec/modem.md).
//
//   seed 7
//   on AT+QISEND#2 send-fail      the second time
//   after 20000 pdpdeact          bytes of payload given to the host
//   at 12000 reboot               milliseconds
//   often 30 urc-between          percent of the opportunities
//   always split 1
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "device/base/time.h"

namespace ferry::sim {

class ModemFaults {
 public:
  ModemFaults() = default;
  // Throws std::invalid_argument with the line that is not understood.
  static ModemFaults parse(std::string_view text);
  // A plan of a few faults drawn by the seed; text() prints it.
  static ModemFaults random(std::uint32_t seed, std::string_view family);
  [[nodiscard]] std::string text() const;
  // Every name that a plan may use.
  static const std::vector<std::string>& names();

  // An opportunity: does this fault happen now? `command`: what the module is doing, as "AT+QIRD".
  [[nodiscard]] bool hits(std::string_view fault, std::string_view command = {});
  // The same for every fault that is an action of its own (reboot, mute, ...): the argument of the one that is due.
  [[nodiscard]] bool take_action(std::string& fault, std::string& argument, std::string_view command = {});
  // The argument of the last hit.
  [[nodiscard]] const std::string& argument() const { return argument_; }
  [[nodiscard]] long number(long otherwise) const;

  void set_now(Duration since_start) { now_ = since_start; }
  void count_payload(std::size_t bytes) { payload_ += bytes; }
  void count_command(std::string_view command);
  [[nodiscard]] Duration next_at() const;  // of a timed entry that is not done; Duration::max()
  [[nodiscard]] std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] bool has(std::string_view fault) const;
  [[nodiscard]] bool fired(std::string_view fault) const;
  [[nodiscard]] std::vector<std::string> unfired() const;  // faults of the plan that had no opportunity
  void clear() { entries_.clear(); }

 private:
  enum class When : std::uint8_t { kAlways, kOften, kOn, kAt, kAfter };
  struct Entry {
    When when = When::kAlways;
    std::string command;      // kOn
    std::uint64_t value = 0;  // percent, occurrence (0: each), milliseconds, bytes
    std::string fault;
    std::string argument;
    std::uint64_t seen = 0;  // of the command
    bool counted = false;    // the occurrence is the one that is under way
    bool done = false;
    bool fired = false;
  };
  [[nodiscard]] bool due(Entry& entry, std::string_view command);

  std::uint32_t seed_ = 1;
  std::mt19937 random_{1};
  std::vector<Entry> entries_;
  std::string argument_;
  Duration now_{0};
  std::uint64_t payload_ = 0;
};

}  // namespace ferry::sim
