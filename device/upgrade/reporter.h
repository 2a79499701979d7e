// Tells the observer at once, and the business server as soon as it can be reached, what becomes of the upgrade.
//
// Events wait, encoded, in a short queue while the device is away from the business server. One of them, the event
// before a reset, is kept in flash across it.
#pragma once

#include "device/upgrade/environment.h"

namespace ferry {

class Reporter {
 public:
  // Bytes of events that wait, at least four of them; past it the oldest is dropped.
  static constexpr std::size_t kQueue = 4 * (kMaxEventSize + 1);

  Reporter(Journal& journal, BusinessLink& business, Observer* observer)
      : journal_(journal), business_(business), observer_(observer) {}

  void report(const Event& event);
  void progress(EventKind phase, std::uint32_t done, std::uint32_t total);
  // Like report(), and survives the reset that follows. Errors: as Journal::put.
  [[nodiscard]] Status report_across_reset(const Event& event);
  // Queues what report_across_reset() kept, if anything.
  void take_up_after_reset();

  // Publishes what waits while the business server is there.
  void poll(Instant now);
  // True when the business server has everything.
  [[nodiscard]] bool all_delivered() const { return !waiting() && business_.all_acknowledged(); }
  [[nodiscard]] bool waiting() const { return size_ > 0; }

 private:
  void enqueue(ByteView encoded);
  void drop_first();
  void forget_kept();

  Journal& journal_;
  BusinessLink& business_;
  Observer* observer_;
  std::array<std::uint8_t, kQueue> queue_{};  // each event behind its length
  std::size_t size_ = 0;
  bool kept_ = false;  // flash holds an event that the business server may not have yet
};

}  // namespace ferry
