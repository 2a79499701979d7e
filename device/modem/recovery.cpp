#include "device/modem/recovery.h"

#include <algorithm>

namespace ferry::modem {

namespace {

struct Rung {
  Action action;
  Duration wait;
};

// The last rung repeats.
constexpr Rung kNetworkLadder[] = {
    {Action::kBearer, 10s},  {Action::kRadio, 5min},  {Action::kPower, 10min}, {Action::kRadio, 15min},
    {Action::kPower, 20min}, {Action::kPower, 30min}, {Action::kPower, 60min},
};
constexpr Duration kMuteLadder[] = {0min, 0min, 0min, 10min, 30min, 60min};

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kMostFailures = 100;
constexpr Duration kForgetAfter = 60min;
constexpr Duration kShortestStore = 1min;

template <typename T, std::size_t kSize>
const T& rung(const T (&ladder)[kSize], std::uint8_t index) {
  return ladder[std::min<std::size_t>(index, kSize - 1)];
}

}  // namespace

// Record: version, action, network failures, power cycles, seconds left (4), CRC-32 (4).
void Recovery::load(Instant now) {
  std::array<std::uint8_t, kRecordSize> record{};
  const auto size = record_.load(record);
  const bool good = size && *size == kRecordSize && record[0] == kVersion &&
                    record[1] <= static_cast<std::uint8_t>(Action::kPower) &&
                    load_le32(ByteView(record).subspan(8)) == crc32(ByteView(record).first(8));
  if (!good) {
    return;
  }
  action_ = static_cast<Action>(record[1]);
  network_failures_ = record[2];
  power_cycles_ = record[3];
  const Duration left = std::chrono::seconds(load_le32(ByteView(record).subspan(4)));
  due_ = now + std::min<Duration>(left, 2 * kForgetAfter);
  next_forget_ = now + kForgetAfter;
  next_store_ = kNever;
  if (is_pending()) {
    store(now);
  }
}

void Recovery::store(Instant now) {
  const Duration left = is_pending() ? std::max(due_ - now, Duration{0}) : Duration{0};
  std::array<std::uint8_t, kRecordSize> record{kVersion, static_cast<std::uint8_t>(action_), network_failures_,
                                               power_cycles_};
  store_le32(ByteSpan(record).subspan(4),
             static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(left).count()));
  store_le32(ByteSpan(record).subspan(8), crc32(ByteView(record).first(8)));
  static_cast<void>(record_.store(record));  // without a record the spacing holds until the next reset
  next_store_ = left > 2 * kShortestStore ? now + std::max<Duration>(left / 4, kShortestStore) : kNever;
}

void Recovery::plan(Action action, Duration wait, Instant now) {
  random_ = random_ * 1664525U + 1013904223U;
  action_ = action;
  due_ = now + wait + wait * static_cast<std::int64_t>(random_ >> 24) / 1024;
  store(now);
}

void Recovery::network_failed(Instant now) {
  if (is_pending()) {
    return;
  }
  const Rung& next = rung(kNetworkLadder, network_failures_);
  network_failures_ = static_cast<std::uint8_t>(std::min<int>(network_failures_ + 1, kMostFailures));
  const Duration wait =
      next.action == Action::kPower ? std::max(next.wait, rung(kMuteLadder, power_cycles_)) : next.wait;
  plan(next.action, wait, now);
}

void Recovery::module_mute(Instant now) {
  if (is_pending()) {
    return;
  }
  plan(Action::kPower, rung(kMuteLadder, power_cycles_), now);
}

Action Recovery::take_due(Instant now) {
  if (!is_pending() || now < due_) {
    return Action::kNone;
  }
  const Action action = action_;
  action_ = Action::kNone;
  if (action == Action::kPower) {
    power_cycles_ = static_cast<std::uint8_t>(std::min<int>(power_cycles_ + 1, kMostFailures));
    next_forget_ = now + kForgetAfter;
  }
  store(now);
  return action;
}

void Recovery::succeeded() {
  if (network_failures_ > 0 && !is_pending()) {
    network_failures_ = 0;
    store(Instant{});
  }
}

void Recovery::poll(Instant now) {
  if (now >= next_forget_) {
    power_cycles_ = static_cast<std::uint8_t>(power_cycles_ > 0 ? power_cycles_ - 1 : 0);
    next_forget_ = power_cycles_ > 0 ? now + kForgetAfter : kNever;
    store(now);
  }
  if (is_pending() && now >= next_store_) {
    store(now);
  }
}

}  // namespace ferry::modem
