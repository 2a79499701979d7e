// What a manifest's payload-fetch and install sequences act on: staging, the slots that do not run, and handlers.
//
// fetch downloads into staging, image-match hashes what is there, copy decrypts and burns. Each does a bounded piece of
// work per call and answers kWait until it is done.
#pragma once

#include "device/factory/component.h"
#include "device/payload/unpacker.h"
#include "device/slots/slot.h"
#include "device/slots/staging.h"
#include "device/suit/processor.h"
#include "device/upgrade/environment.h"
#include "device/upgrade/path.h"
#include "device/upgrade/reporter.h"
#include "device/upgrade/running_release.h"
#include "device/upgrade/trusted_time.h"

namespace ferry {

// Feeds a download into the payload that staging has selected.
class StagingSink final : public ftp::ResumableSink {
 public:
  StagingSink(Staging& staging, Reporter& reporter) : staging_(staging), reporter_(reporter) {}
  void expect(std::uint32_t total) { total_ = total; }
  [[nodiscard]] Status write(ByteView bytes) override;
  [[nodiscard]] std::uint32_t received() const override { return staging_.received(); }
  [[nodiscard]] std::size_t tail(ByteSpan last) override;

 private:
  Staging& staging_;
  Reporter& reporter_;
  std::uint32_t total_ = 0;
};

class UpdatePlatform final : public suit::Platform {
 public:
  // `page`: where bytes are collected before they go into a slot.
  UpdatePlatform(const Environment& environment, ByteSpan page, Staging& staging, ftp::Download& download,
                 const TrustedTime& time, Reporter& reporter, PathBuilder& path);

  // A new visit. All must outlive it; `work` is what payloads pass through, 256 bytes or more.
  void begin(const suit::Manifest& manifest, const suit::Processor& processor, const ftp::Server& server,
             const RunningRelease& running, ByteSpan work);
  // Another place for what payloads pass through; nothing is under way.
  void set_work(ByteSpan work) { work_buffer_ = work; }
  // The time for the calls that follow.
  void set_now(Instant now) { now_ = now; }
  // True while a call answered kWait because bytes have to come first, not because there is work left.
  [[nodiscard]] bool waits_for_network() const { return work_ == Work::kFetch; }

  // What was burnt: the slots of the new release, and a bit for each handler that holds new bytes.
  [[nodiscard]] SlotSet burnt_slots() const { return burnt_; }
  [[nodiscard]] std::uint8_t burnt_handlers() const { return burnt_handlers_; }
  [[nodiscard]] bool application_burnt() const { return application_burnt_; }

  Result<suit::Progress> vendor_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> class_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> device_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> image_match(suit::Component component, const Sha256Digest& digest,
                                     std::optional<std::uint32_t> size) override;
  Result<suit::Progress> check_content(suit::Component component, ByteView content) override;
  Result<suit::Progress> component_slot(suit::Component component, std::uint64_t slot) override;
  Result<suit::Progress> use_before(std::uint64_t seconds) override;
  Result<suit::Progress> minimum_battery(std::uint64_t mwh) override;
  Result<suit::Progress> version(suit::Component component, suit::Comparison comparison,
                                 const suit::Version& wanted) override;
  Result<suit::Progress> fetch(suit::Component component, const suit::Parameters& parameters) override;
  Result<suit::Progress> write(suit::Component component, const suit::Parameters& parameters) override;
  Result<suit::Progress> copy(suit::Component component, suit::Component source,
                              const suit::Parameters& parameters) override;
  Result<suit::Progress> swap(suit::Component component, suit::Component source) override;
  Result<suit::Progress> invoke(suit::Component component, const suit::Parameters& parameters) override;

 private:
  enum class Work : std::uint8_t { kNone, kFetch, kHash, kUnpack };
  static constexpr std::uint8_t kNotStaged = 0xFF;

  class ContentSource final : public payload::Source {  // bytes that stand in the manifest
   public:
    void set(ByteView bytes) { bytes_ = bytes; }
    [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
    [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;

   private:
    ByteView bytes_;
  };

  struct Place {  // where a component's bytes are, to be written and read back
    ComponentRef ref;
    Area area;
    Handler* handler = nullptr;
    std::uint32_t limit = 0;  // bytes that it may have; none for a payload that is not in staging
    [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) const;
  };

  [[nodiscard]] Status check_sizes() const;
  [[nodiscard]] Result<std::uint8_t> payload_index(suit::Component component);
  [[nodiscard]] Result<suit::Progress> start_fetch(suit::Component component, const suit::Parameters& parameters);
  [[nodiscard]] Result<suit::Progress> start_download(std::string_view uri, std::uint32_t size);
  [[nodiscard]] Result<suit::Progress> take_integrated(std::string_view uri);
  [[nodiscard]] Result<suit::Progress> continue_fetch();
  [[nodiscard]] Result<Place> place_of(suit::Component component) const;
  [[nodiscard]] Result<suit::Progress> continue_hash(const Sha256Digest& digest);
  [[nodiscard]] Error mismatch(suit::Component component);
  [[nodiscard]] Status start_unpack(suit::Component component, payload::Source& source,
                                    const suit::Parameters& parameters, ByteView encryption_info);
  [[nodiscard]] payload::Makers makers_of(const Place& target);
  [[nodiscard]] Result<ImageSink*> sink_of(const Place& target);
  [[nodiscard]] Result<suit::Progress> continue_unpack(suit::Component component);
  [[nodiscard]] SlotId spare_slot(std::size_t image) const { return other(running_->slots.slot(image)); }

  const Environment& environment_;
  ByteSpan page_;
  ByteSpan work_buffer_;
  Staging& staging_;
  ftp::Download& download_;
  const TrustedTime& time_;
  Reporter& reporter_;
  PathBuilder& path_;  // of the file that is being downloaded
  StagingSink staging_sink_;
  crypto::Sha256 hash_;
  payload::Unpacker unpacker_{hash_};
  payload::AreaSource staged_source_;
  payload::AreaSource running_image_;
  payload::AreaSource written_image_;
  ContentSource content_source_;
  std::optional<SlotWriter> slot_writer_;

  const suit::Manifest* manifest_ = nullptr;
  const suit::Processor* processor_ = nullptr;
  const ftp::Server* server_ = nullptr;
  const RunningRelease* running_ = nullptr;
  Instant now_{};
  Work work_ = Work::kNone;

  std::array<std::uint8_t, suit::kMaxComponents> payload_of_{};  // component -> payload in staging
  std::uint8_t payload_count_ = 0;
  Place hashed_;
  std::uint32_t hashed_bytes_ = 0;
  suit::Component hashed_component_ = 0;

  std::uint32_t unpacking_ = 0;              // bytes of the image that is being unpacked
  std::optional<suit::Component> unpacked_;  // the component whose image unpacker_ just finished
  SlotSet burnt_;
  std::uint8_t burnt_handlers_ = 0;
  bool application_burnt_ = false;
};

}  // namespace ferry
