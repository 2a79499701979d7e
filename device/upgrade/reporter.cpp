#include "device/upgrade/reporter.h"

#include <algorithm>

namespace ferry {

void Reporter::report(const Event& event) {
  if (observer_ != nullptr) {
    observer_->on_event(event);
  }
  std::array<std::uint8_t, kMaxEventSize> buffer{};
  if (const auto encoded = encode(event, buffer)) {  // it always fits
    enqueue(*encoded);
  }
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
  enqueue(*kept);
  kept_ = true;
}

void Reporter::poll(Instant now) {
  if (waiting() && business_.state() == LinkState::kOnline &&
      business_.publish(Channel::kEvent, ByteView(queue_).subspan(1, queue_[0]), now)) {
    drop_first();
  }
  if (kept_ && all_delivered() && business_.state() == LinkState::kOnline) {
    forget_kept();
  }
}

void Reporter::enqueue(ByteView encoded) {
  while (encoded.size() + 1 > kQueue - size_) {
    drop_first();
  }
  queue_[size_] = static_cast<std::uint8_t>(encoded.size());
  copy(encoded, ByteSpan(queue_).subspan(size_ + 1));
  size_ += 1 + encoded.size();
}

void Reporter::drop_first() {
  const std::size_t length = 1U + queue_[0];
  std::copy(queue_.begin() + static_cast<std::ptrdiff_t>(length), queue_.begin() + static_cast<std::ptrdiff_t>(size_),
            queue_.begin());
  size_ -= length;
}

void Reporter::forget_kept() {
  kept_ = !journal_.put(Tag::kReport, {}).has_value();
}

}  // namespace ferry
