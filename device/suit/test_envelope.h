// For tests: writes envelopes, good and bad, and signs them; and a platform that records what it is asked.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <psa/crypto.h>
#include <string>
#include <vector>

#include "device/cbor/encoder.h"
#include "device/suit/labels.h"
#include "device/suit/processor.h"

namespace ferry::suit::test {

using Bytes = std::vector<std::uint8_t>;

template <typename Write>
Bytes encode(Write write) {
  Bytes buffer(1U << 16U);
  cbor::Encoder encoder(buffer);
  write(encoder);
  buffer.resize(encoder.finish().value().size());
  return buffer;
}

inline Bytes number(std::int64_t value) {
  return encode([&](auto& out) { out.integer(value); });
}
inline Bytes text(std::string_view value) {
  return encode([&](auto& out) { out.text(value); });
}
inline Bytes flag(bool value) {
  return encode([&](auto& out) { out.boolean(value); });
}
inline Bytes null() {
  return {0xF6};
}
inline Bytes bytes(ByteView value) {
  return encode([&](auto& out) { out.bytes(value); });
}
inline Bytes list(const std::vector<Bytes>& items) {
  return encode([&](auto& out) {
    out.array(items.size());
    for (const Bytes& item : items) {
      out.raw(item);
    }
  });
}
inline Bytes tagged(std::uint64_t tag, const Bytes& item) {
  return encode([&](auto& out) { out.tag(tag).raw(item); });
}

using Pairs = std::vector<std::pair<Bytes, Bytes>>;  // in the order in which they are written
inline Bytes map(const Pairs& pairs) {
  return encode([&](auto& out) {
    out.map(pairs.size());
    for (const auto& [key, value] : pairs) {
      out.raw(key).raw(value);
    }
  });
}
using Numbered = std::map<std::int64_t, Bytes>;
inline Bytes map(const Numbered& numbered) {
  Pairs pairs;
  for (const auto& [key, value] : numbered) {
    pairs.emplace_back(number(key), value);
  }
  return map(pairs);
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// --- Command sequences ---

using Command = std::pair<std::int64_t, Bytes>;

inline Bytes sequence(const std::vector<Command>& commands) {
  std::vector<Bytes> items;
  for (const auto& [label, argument] : commands) {
    items.push_back(number(label));
    items.push_back(argument);
  }
  return list(items);
}
inline Command run(std::int64_t label) {  // a condition, or a directive with a reporting policy
  return {label, number(15)};
}
inline Command select(std::uint64_t component) {
  return {label::kDirectiveSetComponentIndex, number(static_cast<std::int64_t>(component))};
}
inline Command set(const Numbered& parameters) {
  return {label::kDirectiveOverrideParameters, map(parameters)};
}
inline Command try_each(const std::vector<std::vector<Command>>& alternatives, bool or_none = false) {
  std::vector<Bytes> items;
  for (const auto& alternative : alternatives) {
    items.push_back(bytes(sequence(alternative)));
  }
  if (or_none) {
    items.push_back(null());
  }
  return {label::kDirectiveTryEach, list(items)};
}
inline Command run_sequence(const std::vector<Command>& commands) {
  return {label::kDirectiveRunSequence, bytes(sequence(commands))};
}
inline Bytes digest(std::uint8_t fill) {  // SUIT_Digest
  return list({number(cose::kSha256), bytes(Bytes(kSha256Size, fill))});
}

inline constexpr std::uint8_t kVendor = 0xA1;
inline constexpr std::uint8_t kClass = 0xA2;
inline constexpr std::uint8_t kDevice = 0xA3;
inline Bytes uuid(std::uint8_t fill) {
  return bytes(Bytes(16, fill));
}
inline Command identity(const Numbered& more = {}) {
  Numbered parameters = {{label::kParameterVendorIdentifier, uuid(kVendor)},
                         {label::kParameterClassIdentifier, uuid(kClass)},
                         {label::kParameterImageDigest, bytes(digest(1))},
                         {label::kParameterImageSize, number(100)}};
  for (const auto& [key, value] : more) {
    parameters[key] = value;
  }
  return set(parameters);
}
inline const Command kCheckVendor = run(label::kConditionVendorIdentifier);
inline const Command kCheckClass = run(label::kConditionClassIdentifier);
inline const Command kMatch = run(label::kConditionImageMatch);
inline const Command kFetch = run(label::kDirectiveFetch);
inline const Command kWrite = run(label::kDirectiveWrite);
inline const Command kCopy = run(label::kDirectiveCopy);
inline const Command kSwap = run(label::kDirectiveSwap);
inline const Command kInvoke = run(label::kDirectiveInvoke);
inline const Command kAbort = run(label::kConditionAbort);

// --- Keys and signatures ---

class SigningKey {
 public:
  SigningKey() {
    static_cast<void>(crypto::start());
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    static_cast<void>(psa_generate_key(&attributes, &id_));
    std::size_t length = 0;
    static_cast<void>(psa_export_public_key(id_, anchor_.key.data(), anchor_.key.size(), &length));
  }
  ~SigningKey() { psa_destroy_key(id_); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  [[nodiscard]] cose::TrustAnchor anchor(std::int64_t algorithm = cose::kEsp256) const {
    return {.algorithm = algorithm, .key = anchor_.key};
  }
  // COSE_Sign1, tagged and detached.
  [[nodiscard]] Bytes sign1(ByteView payload, std::int64_t algorithm = cose::kEsp256) const {
    const Bytes headers = map(Numbered{{1, number(algorithm)}});
    const Bytes to_sign = list({text("Signature1"), bytes(headers), bytes({}), bytes(payload)});
    return tagged(18, list({bytes(headers), map(Numbered{}), null(), bytes(sign(to_sign))}));
  }
  [[nodiscard]] Bytes sign(ByteView message) const {
    const Sha256Digest hash = crypto::sha256(message).value();
    Bytes signature(64);
    std::size_t length = 0;
    static_cast<void>(psa_sign_hash(id_, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash.data(), hash.size(), signature.data(),
                                    signature.size(), &length));
    return signature;
  }

 private:
  psa_key_id_t id_ = 0;
  cose::TrustAnchor anchor_;
};

inline const SigningKey& release_key() {
  static const SigningKey key;
  return key;
}

// --- Envelopes ---

// What goes into a manifest, to be changed by a test before it is written.
struct Recipe {
  Numbered members = {{label::kVersion, number(1)}, {label::kSequenceNumber, number(7)}};
  std::vector<Bytes> components = {list({bytes(Bytes{0})})};
  std::vector<Command> shared = {identity(), kCheckVendor, kCheckClass};
  Numbered common = {};   // further members of common
  Pairs beside = {};      // further members of the envelope, behind the manifest
  bool write_all = true;  // with components and shared sequence

  Recipe& member(std::int64_t label, const std::vector<Command>& commands) {
    members[label] = bytes(sequence(commands));
    return *this;
  }
  [[nodiscard]] Bytes manifest() const {
    Numbered all = members;
    if (write_all) {
      Numbered content = common;
      content[label::kComponents] = list(components);
      if (!shared.empty()) {
        content[label::kSharedSequence] = bytes(sequence(shared));
      }
      all[label::kCommon] = bytes(map(content));
    }
    return map(all);
  }
  [[nodiscard]] Bytes envelope(const SigningKey& key = release_key()) const;
};

inline Bytes digest_of(ByteView content) {
  return list({number(cose::kSha256), bytes(crypto::sha256(content).value())});
}

inline Bytes wrap(const Bytes& wrapper, const Bytes& manifest, const Pairs& beside = {}) {
  Pairs pairs = {{number(label::kAuthenticationWrapper), bytes(wrapper)}, {number(label::kManifest), bytes(manifest)}};
  pairs.insert(pairs.end(), beside.begin(), beside.end());
  return tagged(label::kEnvelopeTag, map(pairs));
}

inline Bytes signed_envelope(const Bytes& manifest, const Pairs& beside = {}, const SigningKey& key = release_key()) {
  const Bytes digest = digest_of(bytes(manifest));
  return wrap(list({bytes(digest), bytes(key.sign1(digest))}), manifest, beside);
}

inline Bytes Recipe::envelope(const SigningKey& key) const {
  return signed_envelope(manifest(), beside, key);
}

inline Result<Manifest> open(ByteView envelope) {
  const std::array<cose::TrustAnchor, 1> anchors = {release_key().anchor()};
  return authenticate(envelope, anchors);
}

// --- Platform ---

// Writes down every call; each may wait some times first; `answers` says no, by call ("fetch 0").
class RecordingPlatform final : public Platform {
 public:
  std::vector<std::string> calls;
  std::map<std::string, Error> refusals;
  std::size_t waits = 0;

  Result<Progress> vendor_identifier(Component component, ByteView id) override {
    return identify("vendor", component, id, kVendor);
  }
  Result<Progress> class_identifier(Component component, ByteView id) override {
    return identify("class", component, id, kClass);
  }
  Result<Progress> device_identifier(Component component, ByteView id) override {
    return identify("device", component, id, kDevice);
  }
  Result<Progress> image_match(Component component, const Sha256Digest& digest,
                               std::optional<std::uint32_t> size) override {
    return answer("match", component, std::to_string(digest[0]) + (size ? "/" + std::to_string(*size) : ""));
  }
  Result<Progress> check_content(Component component, ByteView content) override {
    return answer("content", component, std::string(as_text(content)));
  }
  Result<Progress> component_slot(Component component, std::uint64_t slot) override {
    return answer("slot", component, std::to_string(slot));
  }
  Result<Progress> use_before(std::uint64_t seconds) override { return answer("before", 0, std::to_string(seconds)); }
  Result<Progress> minimum_battery(std::uint64_t mwh) override { return answer("battery", 0, std::to_string(mwh)); }
  Result<Progress> version(Component component, Comparison comparison, const Version& wanted) override {
    std::array<std::uint8_t, 64> buffer{};
    return answer("version", component,
                  std::to_string(static_cast<int>(comparison)) + " " + std::string(wanted.format(buffer).value()));
  }
  Result<Progress> fetch(Component component, const Parameters& parameters) override {
    return answer("fetch", component, std::string(parameters.uri));
  }
  Result<Progress> write(Component component, const Parameters& parameters) override {
    return answer("write", component, std::string(as_text(parameters.content)));
  }
  Result<Progress> copy(Component component, Component source, const Parameters&) override {
    return answer("copy", component, std::to_string(source));
  }
  Result<Progress> swap(Component component, Component source) override {
    return answer("swap", component, std::to_string(source));
  }
  Result<Progress> invoke(Component component, const Parameters& parameters) override {
    return answer("invoke", component, std::string(as_text(parameters.invoke_arguments)));
  }

 private:
  Result<Progress> identify(const std::string& what, Component component, ByteView id, std::uint8_t own) {
    if (!equal(id, Bytes(16, own))) {
      calls.push_back(what + " " + std::to_string(component) + " differs");
      return fail(Error::kNotForThisDevice);
    }
    return answer(what, component, "");
  }
  Result<Progress> answer(const std::string& what, Component component, const std::string& detail) {
    if (waited_ < waits) {
      ++waited_;
      return Progress::kWait;
    }
    waited_ = 0;
    const std::string call = what + " " + std::to_string(component) + (detail.empty() ? "" : " " + detail);
    calls.push_back(call);
    for (const auto& [start, error] : refusals) {
      if (call.starts_with(start)) {
        return fail(error);
      }
    }
    return Progress::kDone;
  }

  std::size_t waited_ = 0;
};

struct Outcome {
  Status status;
  std::vector<std::string> calls;
  std::size_t steps = 0;
};

// Authenticates and runs one member to its end.
inline Outcome execute(const Recipe& recipe, Member member, RecordingPlatform platform = {}) {
  const Bytes envelope = recipe.envelope();
  const auto manifest = open(envelope);
  if (!manifest) {
    return {.status = fail(manifest.error()), .calls = {}};
  }
  Processor processor(*manifest, platform);
  Outcome outcome{.status = processor.begin(member), .calls = {}};
  if (!outcome.status) {
    return outcome;
  }
  for (;;) {
    const auto progress = processor.step();
    ++outcome.steps;
    if (!progress || *progress == Progress::kDone) {
      outcome.status = progress ? ok() : fail(progress.error());
      outcome.calls = platform.calls;
      return outcome;
    }
  }
}

// --- Recipes that several tests share ---

inline Command uri(std::string_view value) {
  return set({{label::kParameterUri, text(value)}});
}

inline Recipe two_components() {
  Recipe recipe;
  recipe.components = {list({bytes(Bytes{0})}), list({bytes(Bytes{1})})};
  recipe.shared = {
      select(0),    identity(),
      kCheckVendor, kCheckClass,
      select(1),    set({{label::kParameterImageDigest, bytes(digest(2))}, {label::kParameterImageSize, number(50)}})};
  return recipe;
}

// Runs `commands` as the install sequence behind a shared sequence that checks vendor and class.
inline Outcome install(const std::vector<Command>& commands, const RecordingPlatform& platform = {}) {
  return execute(Recipe().member(label::kInstall, commands), Member::kInstall, platform);
}

}  // namespace ferry::suit::test
