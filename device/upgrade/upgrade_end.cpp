// What is beside the story of upgrade.cpp: how a visit ends, what is told of it, and when the next poll is due.
#include <algorithm>

#include "device/upgrade/upgrade.h"

namespace ferry {
namespace {

constexpr Duration kBlankPause = 60s;  // a device without an image has nothing else to do
constexpr std::size_t kScheduleRecord = kScheduleStateSize + 1;

bool in_range(Error error, Error first, Error last) {
  return error >= first && error <= last;
}

// A visit that ended like this will not end otherwise if it is made again at once: the next window will do.
bool is_decision(Error error) {
  if (error == Error::kBatteryLow) {
    return false;
  }
  return in_range(error, Error::kCborTruncated, Error::kManifestTooLarge) ||
         in_range(error, Error::kPayloadMalformed, Error::kPayloadTooShort) || error == Error::kImageTooLarge ||
         error == Error::kStagingTooSmall || error == Error::kUnsupported || error == Error::kFtpTooMuchData;
}

}  // namespace

std::uint32_t Upgrade::random_number(Entropy& entropy) {
  std::array<std::uint8_t, 4> bytes{};
  return entropy.fill(bytes) ? load_le32(bytes) : 0;
}

void Upgrade::end_visit(Error error, Instant now) {
  download_.cancel();
  say_goodbye_to_server(now);
  last_error_ = error == Error::kNothingNewer ? Error{} : error;
  ++visits_ended_;
  const auto wall = environment_.clock.wall_time();
  if (is_decision(error)) {
    schedule_.visit_decided();
    tell(error == Error::kNothingNewer ? EventKind::kNothingNewer : EventKind::kRefused, now, error);
  } else {
    if (wall) {
      schedule_.visit_failed(*wall, random_number(environment_.entropy));
    }
    tell(EventKind::kFailed, now, error);
  }
  warn_unless(time_.observe(wall, true), now);
  warn_unless(save_schedule(false), now);
  manifest_.reset();
  processor_.reset();
  retry_at_ = now + kBlankPause;
  back_to_business(now);
}

// In good order where that is possible; the device is back at its business meanwhile.
void Upgrade::say_goodbye_to_server(Instant now) {
  if (client_.state() != ftp::ClientState::kReady) {
    return client_.close();
  }
  client_.quit(now);
  goodbye_until_ = now + tuning_.goodbye;
}

void Upgrade::finish_goodbye(Instant now) {
  if (client_.state() == ftp::ClientState::kIdle) {
    return;
  }
  client_.poll(now);
  if (now >= goodbye_until_) {
    client_.close();
  }
}

void Upgrade::back_to_business(Instant now) {
  step_ = UpgradeStep::kBusiness;
  environment_.business.start(now);
}

void Upgrade::report_revert(Instant now) {
  const BootState& state = store_.state();
  if (state.revert_reported || state.revert_reason == Error{}) {
    return;
  }
  Event reverted = event(EventKind::kReverted, now, state.revert_reason);
  reverted.sequence = state.failed.sequence;
  reporter_.report(reverted);
  revert_waits_ = true;
}

void Upgrade::note_delivered_revert() {
  if (revert_waits_ && reporter_.all_delivered()) {
    revert_waits_ = !store_.revert_reported().has_value();
  }
}

Event Upgrade::event(EventKind kind, Instant now, Error error) const {
  Event event;
  event.kind = kind;
  const auto wall = environment_.clock.wall_time();
  event.time = wall ? wall->time_since_epoch().count() : 0;
  event.error = error;
  event.sequence = manifest_ ? manifest_->sequence_number() : running_.release.sequence;
  event.version = manifest_ ? manifest_->set_version().value_or(suit::Version{}) : running_.version;
  event.bytes = client_.bytes_over_the_air();
  event.milliseconds = static_cast<std::uint32_t>((now - visit_began_).count());
  return event;
}

void Upgrade::tell(EventKind kind, Instant now, Error error) {
  reporter_.report(event(kind, now, error));
}

// A journal that cannot be written is told, and the device goes on: it can still do its business.
void Upgrade::warn_unless(const Status& status, Instant now) {
  if (!status && status.error() != last_warning_) {
    last_warning_ = status.error();
    tell(EventKind::kWarning, now, status.error());
  }
}

Status Upgrade::save_schedule(bool in_visit) {
  std::array<std::uint8_t, kScheduleRecord> record{};
  store(schedule_.state(), std::span(record).first<kScheduleStateSize>());
  record[kScheduleStateSize] = in_visit ? 1 : 0;
  return environment_.journal.put(Tag::kSchedule, record);
}

void Upgrade::load_schedule() {
  std::array<std::uint8_t, kScheduleRecord> record{};
  const auto found = environment_.journal.get(Tag::kSchedule, record);
  if (!found || found->size() != kScheduleRecord) {
    return;
  }
  schedule_ = Schedule(
      environment_.factory.settings.window, environment_.factory.parameters.device_id,
      ferry::load_schedule(std::span<const std::uint8_t, kScheduleRecord>(record).first<kScheduleStateSize>()));
  interrupted_ = record[kScheduleStateSize] != 0;
}

Instant Upgrade::poll_timeout(Instant now) const {
  if (step_changed_) {
    return now;
  }
  const Instant business = std::min(environment_.business.poll_timeout(), reporter_.waiting() ? now + 50ms : kNever);
  switch (step_) {
    case UpgradeStep::kBusiness:
      return std::min({business, client_.poll_timeout(), now + 1s});
    case UpgradeStep::kManifest:
    case UpgradeStep::kMember:
      return std::min(business, download_.poll_timeout());
    case UpgradeStep::kDownload:
      return platform_.waits_for_network() ? std::min(business, download_.poll_timeout()) : now;
    case UpgradeStep::kLeaveServer:
      return std::min({business, client_.poll_timeout(), deadline_});
    case UpgradeStep::kGoodbye:
    case UpgradeStep::kLeave:
    case UpgradeStep::kLogIn:
      return std::min(business, deadline_);
    case UpgradeStep::kRollBack:
    case UpgradeStep::kActivate:
      return now + 20ms;
    case UpgradeStep::kInstall:
      return now;
    case UpgradeStep::kStopped:
      return kNever;
  }
  return now;
}

}  // namespace ferry
