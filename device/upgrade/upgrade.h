// The upgrade: the story of docs/design.md in one place, in its order. The device is one non-blocking poll(now).
//
//   business -> window -> jump -> manifest -> authentic, for me, newer? -> download -> integrity -> burn -> reset ->
//   trial: log in to the business server -> confirmed
//
// The application runs beside it: it polls this object, and publishes its own data through the same BusinessLink while
// state() says that the device is at work. A power cut is allowed anywhere.
#pragma once

#include "device/schedule/schedule.h"
#include "device/upgrade/update_platform.h"

namespace ferry {

enum class UpgradeStep : std::uint8_t {
  kRollBack,     // handlers of a reverted release go back to what they had
  kBusiness,     // at work; waits for the window
  kGoodbye,      // tells the business server that it leaves
  kLeave,        // closes the business connection
  kManifest,     // downloads the security file
  kMember,       // downloads a member that was severed from the security file: payload-fetch, install
  kDownload,     // runs payload-fetch: conditions, payloads, their integrity
  kLeaveServer,  // closes the FTP connection
  kInstall,      // runs install: decrypt, burn, match
  kActivate,     // on trial: handlers put their files in force
  kLogIn,        // on trial: the business server's login is what confirms
  kStopped,      // a reset was asked for
};

class Upgrade {
 public:
  // `observer` may be null.
  Upgrade(const Environment& environment, const Memory& memory, const Tuning& tuning, Observer* observer);

  // Once, after the boot decision, with the journal mounted. `in_recovery`: no slot held a release that may run, and
  // this program runs all the same (on Linux the agent does): the next good release is fetched at once.
  // Errors: kIo and the journal's: flash cannot be used.
  [[nodiscard]] Status start(Instant now, bool in_recovery);

  void poll(Instant now);
  // When poll() is due even if nothing arrives.
  [[nodiscard]] Instant poll_timeout(Instant now) const;

  // Asks for a visit now, whatever the window.
  void request_visit() { requested_ = true; }

  [[nodiscard]] UpgradeStep step() const { return step_; }
  [[nodiscard]] bool at_work() const { return step_ == UpgradeStep::kBusiness; }
  [[nodiscard]] const RunningRelease& running() const { return running_; }
  [[nodiscard]] const Reporter& reporter() const { return reporter_; }
  // Visits that ended, with or without a decision, since start(); a visit that led to a reset is not among them.
  [[nodiscard]] std::uint32_t visits_ended() const { return visits_ended_; }
  // How the last of them ended: 0 = installed nothing because nothing is newer.
  [[nodiscard]] Error last_error() const { return last_error_; }

 private:
  class ManifestSink final : public ftp::ResumableSink {
   public:
    explicit ManifestSink(ByteSpan buffer) : buffer_(buffer) {}
    void clear() { envelope_ = size_ = 0; }
    void end_envelope() { envelope_ = size_; }
    void clear_member() { size_ = envelope_; }
    [[nodiscard]] ByteView bytes() const { return buffer_.first(size_); }
    [[nodiscard]] ByteView envelope() const { return buffer_.first(envelope_); }
    [[nodiscard]] ByteView member() const { return bytes().subspan(envelope_); }
    [[nodiscard]] Status write(ByteView bytes) override;
    [[nodiscard]] std::uint32_t received() const override { return static_cast<std::uint32_t>(size_ - envelope_); }

   private:
    ByteSpan buffer_;
    std::size_t size_ = 0;
    std::size_t envelope_ = 0;  // behind it, one severed member at a time
  };

  void take_step(Instant now);
  // The steps, in their order.
  void roll_back(Instant now);
  void work_until_the_window(Instant now);
  void say_goodbye(Instant now);
  void leave_business(Instant now);
  void fetch_manifest(Instant now);
  void fetch_member(Instant now);
  void download(Instant now);
  void leave_server(Instant now);
  void install(Instant now);
  void activate(Instant now);
  void log_in(Instant now);

  [[nodiscard]] bool visit_is_due(Instant now) const;
  void jump(Instant now);
  [[nodiscard]] Status start_manifest(Instant now, bool own);
  void start_member(suit::Member member, Instant now);
  [[nodiscard]] Status start_security_file(Instant now);
  [[nodiscard]] Status security_file_outcome() const;
  [[nodiscard]] Status accept_manifest(Instant now);
  void leave_repository(Instant now);
  [[nodiscard]] Status check_release() const;
  [[nodiscard]] Status check_components() const;
  void report_frozen_repository(Instant now);
  [[nodiscard]] Status put_on_trial(Instant now);
  void end_visit(Error error, Instant now);
  void say_goodbye_to_server(Instant now);
  void finish_goodbye(Instant now);
  void back_to_business(Instant now);
  void revert_trial(Error reason, Instant now);
  void reset();
  void report_revert(Instant now);
  void note_delivered_revert();
  [[nodiscard]] Event event(EventKind kind, Instant now, Error error = {}) const;
  void tell(EventKind kind, Instant now, Error error = {});
  [[nodiscard]] Status save_schedule(bool in_visit);
  void load_schedule();
  void warn_unless(const Status& status, Instant now);
  [[nodiscard]] static std::uint32_t random_number(Entropy& entropy);  // 0 where there is none to be had

  const Environment& environment_;
  Tuning tuning_;
  BootStateStore store_;
  TrustedTime time_;
  Reporter reporter_;
  Staging staging_;
  ftp::Client client_;
  ftp::Download download_;
  PathBuilder path_;  // of the file that is being downloaded
  UpdatePlatform platform_;
  ManifestSink manifest_sink_;
  Memory memory_;
  Schedule schedule_;
  std::optional<suit::Manifest> manifest_;
  std::optional<suit::Processor> processor_;
  ftp::Server server_;
  RunningRelease running_;
  UpgradeStep step_ = UpgradeStep::kBusiness;
  bool step_changed_ = false;  // by the last poll: the next one is due at once
  bool requested_ = false;
  bool interrupted_ = false;   // the last visit was cut off by a reset or a power cut
  suit::Member member_{};      // the severed one that is being downloaded
  bool own_manifest_ = false;  // the one asked for now is this device's own
  bool revert_waits_ = false;  // the report of a revert is on its way
  bool announced_ = false;     // that payloads are downloading
  bool linked_ = false;        // the trial's login has begun
  std::uint8_t handler_ = 0;   // the one that is being activated or rolled back
  Instant deadline_ = kNever;  // of the step
  Instant retry_at_ = kNever;  // of a blank device
  Instant goodbye_until_{};    // for QUIT after a visit that changed nothing
  Instant visit_began_{};
  std::uint32_t visits_ended_ = 0;
  Error last_error_{};
  Error last_warning_{};
};

}  // namespace ferry
