#include "device/upgrade/reporter.h"

namespace ferry {

void Reporter::report(const Event& event) {
  if (observer_ != nullptr) {
    observer_->on_event(event);
  }
  enqueue(event);
}

void Reporter::progress(EventKind phase, std::uint32_t done, std::uint32_t total) {
  if (observer_ != nullptr) {
    observer_->on_progress(phase, done, total);
  }
}

Status Reporter::report_across_reset(const Event& event) {
  if (observer_ != nullptr) {
    observer_->on_event(event);
  }
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  FERRY_TRY_ASSIGN(const ByteView encoded, encode(event, buffer));
  return journal_.put(Tag::kReport, encoded);
}

void Reporter::take_up_after_reset() {
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  const auto kept = journal_.get(Tag::kReport, buffer);
  if (!kept || kept->empty()) {
    return;
  }
  if (const auto event = decode_event(*kept)) {
    enqueue(*event);
  }
  kept_ = true;
}

void Reporter::poll(Instant now) {
  if (count_ > 0 && business_.state() == LinkState::kOnline) {
    std::array<std::uint8_t, kMaxEventSize> buffer{};
    const auto encoded = encode(queue_[first_], buffer);
    // An event that cannot be encoded would block the queue for ever; kBusy comes again.
    if (!encoded || business_.publish(Channel::kEvent, *encoded, now)) {
      first_ = (first_ + 1) % kQueue;
      --count_;
    }
  }
  if (kept_ && all_delivered() && business_.state() == LinkState::kOnline) {
    forget_kept();
  }
}

void Reporter::enqueue(const Event& event) {
  if (count_ == kQueue) {
    first_ = (first_ + 1) % kQueue;
    --count_;
  }
  queue_[(first_ + count_) % kQueue] = event;
  ++count_;
}

void Reporter::forget_kept() {
  kept_ = !journal_.put(Tag::kReport, {}).has_value();
}

}  // namespace ferry
