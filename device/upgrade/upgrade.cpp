#include "device/upgrade/upgrade.h"

#include <algorithm>

namespace ferry {

Upgrade::Upgrade(const Environment& environment, const Memory& memory, const Tuning& tuning, Observer* observer)
    : environment_(environment),
      tuning_(tuning),
      store_(environment.journal),
      time_(environment.journal),
      reporter_(environment.journal, environment.business, observer),
      staging_(environment.layout.staging, environment.journal, memory.flash_page()),
      client_(environment.network, tuning.ftp),
      download_(client_, tuning.retry, random_number(environment.entropy)),
      platform_(environment, memory.flash_page(), staging_, download_, time_, reporter_, path_),
      manifest_sink_(memory.manifest()),
      memory_(memory),
      schedule_(environment.factory.settings.window, environment.factory.parameters.device_id) {
  const Endpoint& ftp = environment.factory.settings.ftp;
  server_ = {.host = ftp.host, .port = ftp.port, .user = ftp.user, .password = ftp.password};
}

Status Upgrade::start(Instant now, bool in_recovery) {
  const Status loaded = store_.load();
  if (!loaded && loaded.error() != Error::kNotFound) {
    return loaded;
  }
  FERRY_TRY(time_.load());
  load_schedule();
  running_ = find_running_release(environment_, store_.state(), memory_.manifest());
  if (in_recovery) {
    running_ = {.blank = true, .slots = store_.state().confirmed};
  }
  visit_began_ = now;
  reporter_.take_up_after_reset();
  if (running_.on_trial) {
    tell(EventKind::kTrial, now);
    deadline_ = now + std::chrono::seconds(environment_.factory.settings.trial_seconds);
    handler_ = 0;
    step_ = UpgradeStep::kActivate;
    return ok();
  }
  if (running_.blank) {
    retry_at_ = now;
  }
  tell(EventKind::kStarted, now);
  report_revert(now);
  handler_ = 0;
  step_ = UpgradeStep::kRollBack;
  return ok();
}

void Upgrade::poll(Instant now) {
  environment_.business.poll(now);
  reporter_.poll(now);
  const UpgradeStep before = step_;
  take_step(now);
  step_changed_ = step_ != before;
}

void Upgrade::take_step(Instant now) {
  const bool away = step_ >= UpgradeStep::kManifest && step_ <= UpgradeStep::kDownload;
  if (away && now - visit_began_ >= tuning_.longest_visit) {
    return end_visit(Error::kTimedOut, now);
  }
  switch (step_) {
    case UpgradeStep::kRollBack:
      return roll_back(now);
    case UpgradeStep::kBusiness:
      return work_until_the_window(now);
    case UpgradeStep::kGoodbye:
      return say_goodbye(now);
    case UpgradeStep::kLeave:
      return leave_business(now);
    case UpgradeStep::kManifest:
      return fetch_manifest(now);
    case UpgradeStep::kMember:
      return fetch_member(now);
    case UpgradeStep::kDownload:
      return download(now);
    case UpgradeStep::kLeaveServer:
      return leave_server(now);
    case UpgradeStep::kInstall:
      return install(now);
    case UpgradeStep::kActivate:
      return activate(now);
    case UpgradeStep::kLogIn:
      return log_in(now);
    case UpgradeStep::kStopped:
      return;
  }
}

// --- 1. Business ---

void Upgrade::roll_back(Instant now) {
  if (handler_ < environment_.handlers.size()) {
    if (((store_.state().handlers_to_roll_back >> handler_) & 1U) == 0) {
      ++handler_;
      return;
    }
    const auto done = environment_.handlers[handler_]->roll_back();
    if (done && !*done) {
      return;
    }
    // A handler that cannot go back is reported and left: the device must not stand still for it.
    warn_unless(done ? ok() : Status(fail(done.error())), now);
    warn_unless(store_.handler_rolled_back(handler_), now);
    ++handler_;
    return;
  }
  back_to_business(now);
}

// --- 2. Window ---

void Upgrade::work_until_the_window(Instant now) {
  warn_unless(time_.observe(environment_.clock.wall_time(), false), now);
  note_delivered_revert();
  finish_goodbye(now);
  if (!visit_is_due(now) || client_.state() != ftp::ClientState::kIdle) {
    return;
  }
  requested_ = false;
  interrupted_ = false;
  visit_began_ = now;
  tell(EventKind::kWindow, now);
  tell(EventKind::kJump, now);
  deadline_ = now + tuning_.goodbye;
  step_ = UpgradeStep::kGoodbye;
}

bool Upgrade::visit_is_due(Instant now) const {
  if (running_.blank) {
    return requested_ || now >= retry_at_;
  }
  return requested_ || interrupted_ || schedule_.due(environment_.clock.wall_time());
}

// --- 3. Jump ---

void Upgrade::say_goodbye(Instant now) {
  const bool offline = environment_.business.state() != LinkState::kOnline;
  if (!reporter_.all_delivered() && !offline && now < deadline_) {
    return;
  }
  environment_.business.stop(now);
  deadline_ = now + tuning_.goodbye;
  step_ = UpgradeStep::kLeave;
}

void Upgrade::leave_business(Instant now) {
  if (environment_.business.state() != LinkState::kOffline && now < deadline_) {
    return;
  }
  jump(now);
}

void Upgrade::jump(Instant now) {
  if (const auto wall = environment_.clock.wall_time()) {
    schedule_.visit_began(*wall);
  }
  Status began = save_schedule(true);
  if (began) {
    began = start_manifest(now, environment_.factory.settings.device_manifest);
  }
  if (!began) {
    return end_visit(began.error(), now);
  }
  step_ = UpgradeStep::kManifest;
}

// --- 4. The security file first ---

Status Upgrade::start_manifest(Instant now, bool own) {
  own_manifest_ = own;
  const UuidText device_id = to_text(environment_.factory.parameters.device_id);
  path_.begin(environment_.factory.settings.ftp_root, environment_.factory.parameters.product);
  if (own) {
    path_.add("devices").add(std::string_view(device_id.data())).append(".suit");
  } else {
    path_.add("manifest.suit");
  }
  manifest_sink_.clear();
  return start_security_file(now);
}

// Into what the buffer has left.
Status Upgrade::start_security_file(Instant now) {
  FERRY_TRY_ASSIGN(const std::string_view text, path_.finish());
  const auto room = static_cast<std::uint32_t>(memory_.longest_manifest - manifest_sink_.bytes().size());
  download_.start(server_, text, std::nullopt, room, manifest_sink_, now);
  return ok();
}

Status Upgrade::security_file_outcome() const {
  const Status outcome = download_.outcome();
  return outcome.error() == Error::kFtpTooMuchData ? fail(Error::kManifestTooLarge) : outcome;
}

Status Upgrade::ManifestSink::write(ByteView bytes) {
  if (bytes.size() > buffer_.size() - size_) {
    return fail(Error::kManifestTooLarge);
  }
  size_ += copy(bytes, buffer_.subspan(size_));
  return ok();
}

void Upgrade::fetch_manifest(Instant now) {
  download_.poll(now);
  if (download_.state() == ftp::DownloadState::kWorking) {
    return;
  }
  Status taken = security_file_outcome();
  if (!taken && taken.error() == Error::kFtpFileUnavailable && own_manifest_) {
    taken = start_manifest(now, false);  // none of its own: the product's is for it too
    if (taken) {
      return;
    }
  }
  if (taken) {
    taken = accept_manifest(now);
  }
  if (!taken) {
    return end_visit(taken.error(), now);
  }
  step_ = UpgradeStep::kDownload;
}

// --- 5. Authentic? For me? 6. Newer? ---

Status Upgrade::accept_manifest(Instant now) {
  const FactoryParameters& factory = environment_.factory.parameters;
  manifest_sink_.end_envelope();
  FERRY_TRY_ASSIGN(
      manifest_, suit::authenticate(manifest_sink_.envelope(), std::span(factory.anchors).first(factory.anchor_count)));
  FERRY_TRY(check_release());
  FERRY_TRY(check_components());
  report_frozen_repository(now);
  FERRY_TRY(staging_.open({.sequence = manifest_->sequence_number(), .manifest = manifest_->digest()}));
  announced_ = false;
  processor_.emplace(*manifest_, platform_);
  platform_.begin(*manifest_, *processor_, server_, running_, memory_.work(manifest_sink_.bytes().size()));
  return processor_->begin(suit::Member::kPayloadFetch);
}

Status Upgrade::check_release() const {
  const Release offered{.sequence = manifest_->sequence_number(), .manifest = manifest_->digest()};
  const BootState& state = store_.state();
  if (offered.sequence < state.floor.sequence) {
    return fail(Error::kRollback);
  }
  for (const Release& known : {state.floor, state.failed, running_.release}) {
    if (known.sequence != 0 && offered.sequence == known.sequence && !(offered == known)) {
      return fail(Error::kSequenceReused);
    }
  }
  if (!running_.blank && offered == running_.release) {
    return fail(Error::kNothingNewer);
  }
  if (offered == state.failed && state.failed_count >= tuning_.attempts_per_release) {
    return fail(Error::kReleaseFailed);
  }
  return ok();
}

// Every component is one of this device's, and the application is among them: the manifest is kept in its slot.
Status Upgrade::check_components() const {
  bool names_application = false;
  for (std::size_t i = 0; i < manifest_->component_count(); ++i) {
    FERRY_TRY_ASSIGN(const ComponentRef ref,
                     resolve_component(environment_.factory.parameters, manifest_->component_id(i)));
    names_application = names_application || ref == ComponentRef{};
  }
  return names_application ? ok() : fail(Error::kManifestMalformed);
}

void Upgrade::report_frozen_repository(Instant now) {
  const std::uint32_t allowed = environment_.factory.settings.stale_days;
  const auto days = time_.days_without_news(manifest_->sequence_number(), environment_.clock.wall_time());
  if (days && allowed != 0 && *days > allowed) {
    tell(EventKind::kStale, now);
  }
}

// --- What was severed from the security file comes only to whom it concerns ---

// Its digest names its file. The members take turns in the memory behind the envelope.
void Upgrade::start_member(suit::Member member, Instant now) {
  member_ = member;
  step_ = UpgradeStep::kMember;
  manifest_->sever(suit::Member::kPayloadFetch);  // it has done its part where install comes into its place
  manifest_sink_.clear_member();
  path_.begin(environment_.factory.settings.ftp_root, environment_.factory.parameters.product).add("members/");
  path_.append_hex(manifest_->severed_digest(member).first(8)).append(".cbor");
  if (const Status started = start_security_file(now); !started) {
    end_visit(started.error(), now);
  }
}

void Upgrade::fetch_member(Instant now) {
  download_.poll(now);
  if (download_.state() == ftp::DownloadState::kWorking) {
    return;
  }
  Status taken = security_file_outcome();
  if (taken) {
    taken = manifest_->attach(member_, manifest_sink_.member());
  }
  platform_.set_work(memory_.work(manifest_sink_.bytes().size()));
  if (taken && member_ == suit::Member::kInstall) {
    return leave_repository(now);
  }
  if (taken) {
    taken = processor_->begin(member_);
  }
  if (!taken) {
    return end_visit(taken.error(), now);
  }
  step_ = UpgradeStep::kDownload;
}

// --- 7. Download, 8. integrity ---

void Upgrade::download(Instant now) {
  platform_.set_now(now);
  const auto progress = processor_->step();
  if (progress.error() == Error::kSevered) {
    return start_member(suit::Member::kPayloadFetch, now);
  }
  if (!progress) {
    return end_visit(progress.error(), now);
  }
  if (!announced_ && platform_.waits_for_network()) {
    announced_ = true;
    tell(EventKind::kDownloading, now);
  }
  if (*progress == suit::Progress::kWait) {
    return;
  }
  tell(EventKind::kDownloaded, now);
  if (manifest_->severed(suit::Member::kInstall)) {
    return start_member(suit::Member::kInstall, now);
  }
  leave_repository(now);
}

void Upgrade::leave_repository(Instant now) {
  client_.quit(now);
  deadline_ = now + tuning_.goodbye;
  step_ = UpgradeStep::kLeaveServer;
}

void Upgrade::leave_server(Instant now) {
  client_.poll(now);
  if (client_.state() != ftp::ClientState::kIdle && now < deadline_) {
    return;
  }
  client_.close();
  if (const Status begun = processor_->begin(suit::Member::kInstall); !begun) {
    return end_visit(begun.error(), now);
  }
  step_ = UpgradeStep::kInstall;
}

// --- 9. Decrypt, unpack, burn; then match the image ---

void Upgrade::install(Instant now) {
  platform_.set_now(now);
  const auto progress = processor_->step();
  if (!progress) {
    return end_visit(progress.error(), now);
  }
  if (*progress == suit::Progress::kWait) {
    return;
  }
  tell(EventKind::kBurnt, now);
  if (const Status armed = put_on_trial(now); !armed) {
    return end_visit(armed.error(), now);
  }
  reset();
}

// The envelope makes the slot a whole one; the journal's record puts all of the release on trial, in one write.
Status Upgrade::put_on_trial(Instant now) {
  if (!platform_.application_burnt()) {
    return fail(Error::kUnchecked);
  }
  const SlotSet burnt = platform_.burnt_slots();
  const Area& envelope = environment_.layout.images[0].envelope[static_cast<std::size_t>(burnt.slot(0))];
  FERRY_TRY(write_envelope(envelope, manifest_sink_.envelope()));
  schedule_.visit_decided();
  FERRY_TRY(save_schedule(false));
  FERRY_TRY(time_.observe(environment_.clock.wall_time(), true));
  FERRY_TRY(reporter_.report_across_reset(event(EventKind::kReset, now)));
  return store_.arm_trial(burnt, {.sequence = manifest_->sequence_number(), .manifest = manifest_->digest()},
                          platform_.burnt_handlers());
}

// --- 10. Reset ---

void Upgrade::reset() {
  step_ = UpgradeStep::kStopped;
  environment_.board.reset();
}

void Upgrade::activate(Instant now) {
  if (handler_ == 0 && environment_.business.state() == LinkState::kOffline && !linked_) {
    linked_ = true;
    environment_.business.start(now);
  }
  if (handler_ >= environment_.handlers.size()) {
    step_ = UpgradeStep::kLogIn;
    return;
  }
  if (((store_.state().handlers_to_activate >> handler_) & 1U) == 0) {
    ++handler_;
    return;
  }
  const auto done = environment_.handlers[handler_]->activate();
  if (!done) {
    return revert_trial(Error::kHandlerFailed, now);
  }
  if (*done) {
    warn_unless(store_.handler_activated(handler_), now);
    ++handler_;
  } else if (now >= deadline_) {
    revert_trial(Error::kHandlerFailed, now);
  }
}

// --- 11. Log in to the business server: that confirms ---

void Upgrade::log_in(Instant now) {
  if (environment_.business.state() == LinkState::kOnline) {
    if (const Status confirmed = store_.confirm(); !confirmed) {
      return warn_unless(confirmed, now);  // stays on trial, and tries again
    }
    running_.on_trial = false;
    tell(EventKind::kConfirmed, now);
    step_ = UpgradeStep::kBusiness;
    return;
  }
  if (now >= deadline_) {
    revert_trial(Error::kTrialNotConfirmed, now);
  }
}

void Upgrade::revert_trial(Error reason, Instant now) {
  const SlotId slot = store_.state().trial.slot(0);
  const bool shares_the_slot = slot == store_.state().confirmed.slot(0);
  if (const Status reverted = store_.revert(reason); !reverted) {
    return warn_unless(reverted, now);
  }
  if (!shares_the_slot) {
    warn_unless(erase_envelope(environment_.layout.images[0].envelope[static_cast<std::size_t>(slot)]), now);
  }
  reset();
}

}  // namespace ferry
