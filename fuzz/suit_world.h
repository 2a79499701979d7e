// A manifest as if it were rightly signed, on a platform that says anything: the run ends within bounds, nothing acts
// before vendor and class were checked, all that was written was matched, and waiting changes nothing.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "device/cbor/encoder.h"
#include "device/suit/processor.h"

namespace ferry::fuzz {

using suit::Component;
using suit::Member;
using suit::Parameters;
using suit::Progress;

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class AnyPlatform final : public suit::Platform {
 public:
  AnyPlatform(std::uint8_t seed, bool waits, std::size_t components)
      : state_(seed * 2654435761U), agreeable_(seed == 0), waits_(waits), components_(components) {}

  [[nodiscard]] const std::string& calls() const { return calls_; }
  [[nodiscard]] bool all_matched() const { return unmatched_ == 0; }

  Result<Progress> vendor_identifier(Component component, ByteView id) override {
    require(id.size() == 16);
    return check('v', component, vendor_);
  }
  Result<Progress> class_identifier(Component component, ByteView id) override {
    require(id.size() == 16);
    return check('c', component, class_);
  }
  Result<Progress> device_identifier(Component component, ByteView) override { return answer('d', component); }
  Result<Progress> image_match(Component component, const Sha256Digest&, std::optional<std::uint32_t>) override {
    const auto matched = answer('m', component);
    if (matched && *matched == Progress::kDone) {
      unmatched_ &= ~(1U << component);
    }
    return matched;
  }
  Result<Progress> check_content(Component component, ByteView) override { return answer('k', component); }
  Result<Progress> component_slot(Component component, std::uint64_t) override { return answer('s', component); }
  Result<Progress> use_before(std::uint64_t) override { return answer('b', 0); }
  Result<Progress> minimum_battery(std::uint64_t) override { return answer('p', 0); }
  Result<Progress> version(Component component, suit::Comparison, const suit::Version& wanted) override {
    require(wanted.count >= 1 && wanted.count <= suit::Version::kMaxParts);
    return answer('n', component);
  }
  Result<Progress> fetch(Component component, const Parameters&) override { return act('F', component); }
  Result<Progress> write(Component component, const Parameters&) override { return act('W', component); }
  Result<Progress> copy(Component component, Component source, const Parameters&) override {
    require(is_matched(source) && source != component);
    return act('C', component);
  }
  Result<Progress> swap(Component component, Component source) override {
    require(source < components_ && source != component);
    const auto done = act('S', component);
    if (done && *done == Progress::kDone) {
      unmatched_ |= 1U << source;
    }
    return done;
  }
  Result<Progress> invoke(Component component, const Parameters&) override {
    require(vendor_ && class_ && is_matched(component));
    return answer('I', component);
  }

 private:
  [[nodiscard]] bool is_matched(Component component) const {
    return component < components_ && (unmatched_ >> component & 1U) == 0;
  }
  Result<Progress> check(char name, Component component, bool& checked) {
    const auto done = answer(name, component);
    checked = checked || (done && *done == Progress::kDone);
    return done;
  }
  Result<Progress> act(char name, Component component) {
    require(vendor_ && class_);
    unmatched_ |= 1U << component;
    return answer(name, component);
  }
  Result<Progress> answer(char name, Component component) {
    require(component < components_);
    waiting_ = waits_ && !waiting_;
    if (waiting_) {
      return Progress::kWait;
    }
    calls_ += {name, static_cast<char>('0' + component)};
    if (agreeable_) {
      return Progress::kDone;
    }
    state_ = state_ * 1664525U + 1013904223U;
    switch (state_ >> 28) {
      case 0:
        return fail(Error::kConditionFailed);
      case 1:
        return fail(Error::kImageMismatch);
      case 2:
        return (state_ >> 20 & 7U) == 0 ? Result<Progress>(fail(Error::kIo)) : Progress::kDone;
      default:
        return Progress::kDone;
    }
  }

  std::uint32_t state_;
  bool agreeable_;
  bool waits_;
  std::size_t components_;
  std::string calls_;
  unsigned unmatched_ = 0;
  bool vendor_ = false;
  bool class_ = false;
  bool waiting_ = false;
};

inline std::vector<std::uint8_t> sign(ByteView manifest) {
  std::vector<std::uint8_t> item(manifest.size() + 9);
  cbor::Encoder item_encoder(item);
  const ByteView item_bytes = item_encoder.bytes(manifest).finish().value();
  std::array<std::uint8_t, 64> digest{};
  cbor::Encoder digest_encoder(digest);
  digest_encoder.array(2).integer(cose::kSha256).bytes(crypto::sha256(item_bytes).value());
  std::array<std::uint8_t, 128> wrapper{};
  cbor::Encoder wrapper_encoder(wrapper);
  wrapper_encoder.array(2).bytes(digest_encoder.finish().value()).bytes({});
  std::vector<std::uint8_t> envelope(manifest.size() + 256);
  cbor::Encoder encoder(envelope);
  encoder.tag(107).map(2).integer(2).bytes(wrapper_encoder.finish().value()).integer(3).raw(item_bytes);
  envelope.resize(encoder.finish().value().size());
  return envelope;
}

inline std::string run(const suit::Manifest& manifest, Member member, std::uint8_t seed, bool waits) {
  AnyPlatform platform(seed, waits, manifest.component_count());
  suit::Processor processor(manifest, platform);
  if (const Status begun = processor.begin(member); !begun) {
    require(platform.calls().empty());
    return std::string(name(begun.error()));
  }
  for (std::size_t steps = 0;; ++steps) {
    require(steps <= suit::kMaxSteps * suit::kMaxComponents);
    const auto progress = processor.step();
    if (!progress) {
      return platform.calls() + std::string(name(progress.error()));
    }
    if (*progress == Progress::kDone) {
      require(platform.all_matched());
      return platform.calls() + "done";
    }
  }
}

// `seed` decides what the platform says; 0 is yes to everything.
inline void run_manifest(ByteView content, std::uint8_t seed) {
  const std::vector<std::uint8_t> envelope = sign(content);
  const auto manifest = suit::authenticate(envelope, {});
  if (!manifest) {
    return;
  }
  require(manifest->component_count() >= 1 && manifest->component_count() <= suit::kMaxComponents);
  for (const Member member :
       {Member::kPayloadFetch, Member::kInstall, Member::kValidate, Member::kLoad, Member::kInvoke}) {
    require(run(*manifest, member, seed, false) == run(*manifest, member, seed, true));
  }
}

}  // namespace ferry::fuzz
