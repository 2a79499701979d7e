#include "device/ftp/transitions.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace ferry::ftp {
namespace {

constexpr std::array kSignals = {"",          "connect",     "get size",       "transfer",       "leave",
                                 "connected", "lost",        "data connected", "data lost",      "data ended",
                                 "overflow",  "sink failed", "timed out",      "reply too early"};
constexpr std::array kGuards = {
    "",      "EPSV works",     "used EPSV", "storing", "appending", "resuming", "resuming, size unknown",
    "whole", "nothing missing"};
constexpr std::array kEffects = {"",
                                 "succeed",
                                 "fail",
                                 "fail with the noted error",
                                 "note",
                                 "note refusal",
                                 "forget EPSV",
                                 "forget REST",
                                 "fail, forget EPSV",
                                 "fail, forget REST",
                                 "note, forget REST",
                                 "take port (229)",
                                 "take port (227)",
                                 "take size"};

template <typename Enum>
std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

std::string step_name(Step step) {
  return step == Step::kAny ? "any" : std::string(name(step));
}

std::string trigger_name(const Transition& row) {
  if (row.to < 100) {
    return kSignals.at(row.from);
  }
  if (row.from < 100) {
    return "anything";
  }
  return row.from == row.to ? std::to_string(row.from) : std::to_string(row.from) + " to " + std::to_string(row.to);
}

std::string describe() {
  std::ostringstream out;
  out << "# The steps of an FTP visit\n\nWritten from `transitions.cpp` by its test (FERRY_WRITE_DOCS=1). The first "
         "row "
         "that fits counts.\n\n| step | sends | bounded by |\n|---|---|---|\n";
  constexpr std::array timers = {"", "connect time", "reply time", "stall time"};
  for (std::size_t i = 0; i < index(Step::kAny); ++i) {
    const StepInfo& step = info(static_cast<Step>(i));
    const std::string_view sent = step.command();
    const std::string command(sent.substr(0, sent.find_last_not_of(" \r\n") + 1));
    out << "| " << name(step.step) << " | " << command << " | " << timers.at(index(step.timer)) << " |\n";
  }
  out << "\n| in step | on | if | goes to | and | error |\n|---|---|---|---|---|---|\n";
  for (const Transition& row : transitions()) {
    out << "| " << step_name(row.step) << " | " << trigger_name(row) << " | " << kGuards.at(index(row.guard)) << " | "
        << step_name(row.next) << " | " << kEffects.at(index(row.effect)) << " | "
        << (row.error == kGivenError ? "" : name(row.error)) << " |\n";
  }
  return out.str();
}

TEST(FtpTransitions, DocumentIsTheTable) {
  const char* path = FERRY_FTP_TRANSITIONS_MD;
  if (std::getenv("FERRY_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << describe();
  }
  std::stringstream stored;
  stored << std::ifstream(path).rdbuf();
  EXPECT_EQ(stored.str(), describe());
}

bool fits(const Transition& row, Step step, std::uint16_t trigger) {
  return (row.step == step || row.step == Step::kAny) && row.from <= trigger && trigger <= row.to;
}

TEST(FtpTransitions, EveryRowIsReachable) {
  std::set<const Transition*> used;
  for (std::size_t i = 0; i < index(Step::kAny); ++i) {
    for (std::uint16_t trigger = 1; trigger < 600; ++trigger) {
      for (const Transition& row : transitions()) {
        if (fits(row, static_cast<Step>(i), trigger)) {
          used.insert(&row);
          if (row.guard == Guard::kAlways) {
            break;
          }
        }
      }
    }
  }
  for (const Transition& row : transitions()) {
    EXPECT_TRUE(used.contains(&row)) << step_name(row.step) << " " << trigger_name(row);
  }
}

TEST(FtpTransitions, T24_EveryReplyLossAndTimeoutHasARowInEveryStep) {
  for (std::size_t i = 0; i < index(Step::kAny); ++i) {
    for (std::uint16_t trigger = 100; trigger < 602; ++trigger) {
      const auto event = trigger == 600 ? index(Signal::kLost) : trigger == 601 ? index(Signal::kTimedOut) : trigger;
      const auto& rows = transitions();
      EXPECT_TRUE(std::any_of(rows.begin(), rows.end(),
                              [&](const Transition& row) {
                                return row.guard == Guard::kAlways &&
                                       fits(row, static_cast<Step>(i), static_cast<std::uint16_t>(event));
                              }))
          << step_name(static_cast<Step>(i)) << " " << event;
    }
  }
}

TEST(FtpTransitions, T21_EveryStepThatWaitsIsBounded) {
  for (std::size_t i = 0; i < index(Step::kAny); ++i) {
    const StepInfo& step = info(static_cast<Step>(i));
    const bool rests = step.step == Step::kIdle || step.step == Step::kReady || step.step == Step::kFailed;
    EXPECT_EQ(step.timer == Timer::kNone, rests) << name(step.step);
  }
}

}  // namespace
}  // namespace ferry::ftp
