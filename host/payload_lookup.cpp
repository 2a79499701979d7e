#include "host/payload_lookup.h"

#include <set>

#include "device/suit/processor.h"
#include "host/agreeable_platform.h"
#include "host/precursors.h"
#include "host/profile_check.h"

namespace ferry::host {
namespace {

using suit::Component;
using suit::Parameters;
using suit::Progress;

class Watcher final : public AgreeablePlatform {
 public:
  Watcher(std::uint64_t slot, const Sha256Digest& wanted, Precursors& precursors)
      : AgreeablePlatform(slot), wanted_(wanted), precursors_(precursors) {}

  // What was neither fetched nor installed is what the device runs.
  Result<Progress> image_match(Component component, const Sha256Digest& digest, std::optional<std::uint32_t>) override {
    if (!written_.contains(component) && !precursors_.ask(digest)) {
      return fail(Error::kImageMismatch);
    }
    return Progress::kDone;
  }

  Result<Progress> fetch(Component component, const Parameters& parameters) override {
    written_.insert(component);
    if (equal(parameters.image_digest, wanted_)) {
      staged_ = component;
    }
    return Progress::kDone;
  }
  Result<Progress> copy(Component component, Component source, const Parameters& parameters) override {
    written_.insert(component);
    if (staged_ == source) {
      use_ = PayloadUse{.component = component, .encryption_info = {}};
      if (!parameters.encryption_info.empty()) {
        use_->encryption_info = to_bytes(parameters.encryption_info);
      }
    }
    return Progress::kDone;
  }
  [[nodiscard]] const std::optional<PayloadUse>& use() const { return use_; }

 private:
  Sha256Digest wanted_;
  Precursors& precursors_;
  std::set<Component> written_;
  std::optional<Component> staged_;
  std::optional<PayloadUse> use_;
};

}  // namespace

std::optional<PayloadUse> find_payload(ByteView envelope, const Sha256Digest& digest) {
  const EcPrivateKey key = EcPrivateKey::generate();
  const std::array<cose::TrustAnchor, 1> anchors = {{{.algorithm = cose::kEsp256, .key = key.public_key().point()}}};
  const Bytes signed_envelope = sign_anew(envelope, key).value_or(Bytes());
  const auto manifest = suit::authenticate(signed_envelope, anchors);
  if (!manifest) {
    return std::nullopt;
  }
  for (const std::uint64_t slot : {0U, 1U}) {
    Precursors precursors;
    std::optional<PayloadUse> use;
    (void)run_on_each(precursors, [&] {
      Watcher watcher(slot, digest, precursors);
      static_cast<void>(run_sequence(*manifest, watcher, suit::Member::kPayloadFetch));
      static_cast<void>(run_sequence(*manifest, watcher, suit::Member::kInstall));
      use = watcher.use();
      return !use.has_value();
    });
    if (use) {
      use->precursor = precursors.running();
      return use;
    }
  }
  return std::nullopt;
}

}  // namespace ferry::host
