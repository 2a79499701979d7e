// A platform that answers yes to everything, to see where a manifest's sequences go by themselves.
#pragma once

#include "device/suit/processor.h"

namespace ferry::host {

class AgreeablePlatform : public suit::Platform {
 public:
  virtual ~AgreeablePlatform() = default;
  // `slot`: the one that component-slot is true for.
  explicit AgreeablePlatform(std::uint64_t slot) : slot_(slot) {}
  Result<suit::Progress> vendor_identifier(suit::Component, ByteView) override { return suit::Progress::kDone; }
  Result<suit::Progress> class_identifier(suit::Component, ByteView) override { return suit::Progress::kDone; }
  Result<suit::Progress> device_identifier(suit::Component, ByteView) override { return suit::Progress::kDone; }
  Result<suit::Progress> image_match(suit::Component, const Sha256Digest&, std::optional<std::uint32_t>) override {
    return suit::Progress::kDone;
  }
  Result<suit::Progress> check_content(suit::Component, ByteView) override { return suit::Progress::kDone; }
  Result<suit::Progress> component_slot(suit::Component, std::uint64_t slot) override {
    if (slot != slot_) {
      return fail(Error::kConditionFailed);
    }
    return suit::Progress::kDone;
  }
  Result<suit::Progress> use_before(std::uint64_t) override { return suit::Progress::kDone; }
  Result<suit::Progress> minimum_battery(std::uint64_t) override { return suit::Progress::kDone; }
  Result<suit::Progress> version(suit::Component, suit::Comparison, const suit::Version&) override {
    return suit::Progress::kDone;
  }
  Result<suit::Progress> fetch(suit::Component, const suit::Parameters&) override { return suit::Progress::kDone; }
  Result<suit::Progress> write(suit::Component, const suit::Parameters&) override { return suit::Progress::kDone; }
  Result<suit::Progress> copy(suit::Component, suit::Component, const suit::Parameters&) override {
    return suit::Progress::kDone;
  }
  Result<suit::Progress> swap(suit::Component, suit::Component) override { return suit::Progress::kDone; }
  Result<suit::Progress> invoke(suit::Component, const suit::Parameters&) override { return suit::Progress::kDone; }

 private:
  std::uint64_t slot_;
};

// Runs one sequence to its end. Errors: as Processor::begin and step.
[[nodiscard]] inline Status run_sequence(const suit::Manifest& manifest, suit::Platform& platform,
                                         suit::Member member) {
  suit::Processor processor(manifest, platform);
  FERRY_TRY(processor.begin(member));
  for (std::size_t i = 0; i <= suit::kMaxSteps; ++i) {
    FERRY_TRY_ASSIGN(const suit::Progress progress, processor.step());
    if (progress == suit::Progress::kDone) {
      return ok();
    }
  }
  return fail(Error::kTooManySteps);
}

}  // namespace ferry::host
