#include "host/manifest_builder.h"

#include <gtest/gtest.h>

#include "device/cbor/decoder.h"
#include "device/payload/container.h"
#include "device/suit/processor.h"
#include "host/crypto.h"
#include "host/diagnostic.h"
#include "host/failure.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

using suit::Component;
using suit::Parameters;
using suit::Progress;

// Answers yes to everything and remembers what it was asked, as text.
class Recorder final : public suit::Platform {
 public:
  Result<Progress> vendor_identifier(Component c, ByteView id) override {
    return note(fmt::format("vendor {} {}", c, to_hex(id)));
  }
  Result<Progress> class_identifier(Component c, ByteView id) override {
    return note(fmt::format("class {} {}", c, to_hex(id)));
  }
  Result<Progress> device_identifier(Component c, ByteView id) override {
    return note(fmt::format("device {} {}", c, to_hex(id)));
  }
  Result<Progress> image_match(Component c, const Sha256Digest& digest, std::optional<std::uint32_t> size) override {
    return note(fmt::format("match {} {} {}", c, to_hex(digest), size.value_or(0)));
  }
  Result<Progress> check_content(Component, ByteView) override { return note("content"); }
  Result<Progress> component_slot(Component c, std::uint64_t slot) override {
    if (slot != slot_) {
      return fail(Error::kConditionFailed);
    }
    return note(fmt::format("slot {} {}", c, slot));
  }
  Result<Progress> use_before(std::uint64_t seconds) override { return note(fmt::format("use before {}", seconds)); }
  Result<Progress> minimum_battery(std::uint64_t mwh) override { return note(fmt::format("battery {}", mwh)); }
  Result<Progress> version(Component c, suit::Comparison comparison, const suit::Version& wanted) override {
    return note(fmt::format("version {} {} {}", c, static_cast<int>(comparison), wanted.parts[0]));
  }
  Result<Progress> fetch(Component c, const Parameters& parameters) override {
    return note(fmt::format("fetch {} {} {}", c, parameters.uri, *parameters.image_size));
  }
  Result<Progress> write(Component, const Parameters&) override { return note("write"); }
  Result<Progress> copy(Component c, Component source, const Parameters& parameters) override {
    return note(fmt::format("copy {} from {}{}", c, source, !parameters.encryption_info.empty() ? " encrypted" : ""));
  }
  Result<Progress> swap(Component, Component) override { return note("swap"); }
  Result<Progress> invoke(Component c, const Parameters&) override { return note(fmt::format("invoke {}", c)); }

  std::uint64_t slot_ = 0;
  std::vector<std::string> notes_;

 private:
  Result<Progress> note(std::string text) {
    notes_.push_back(std::move(text));
    return Progress::kDone;
  }
};

class HostBuilder : public testing::Test {
 protected:
  HostBuilder() {
    EXPECT_TRUE(crypto::start());
    spec_.vendor_id = uuid_v5(kDnsNamespace, "acme.example");
    spec_.class_id = uuid_v5(spec_.vendor_id, "m1/r2");
    spec_.sequence = 42;
    spec_.version = {.parts = {2, 1, 0}, .count = 3};
    spec_.components.push_back({.image = {.bytes = to_bytes("This is the application.")}});
  }

  suit::Manifest authenticate(const BuiltRelease& release) {
    anchors_[0] = {.algorithm = cose::kEsp256, .key = key_.public_key().point()};
    auto manifest = suit::authenticate(release.envelope, anchors_);
    EXPECT_TRUE(manifest.has_value()) << name(manifest.error());
    return *manifest;
  }
  static std::vector<std::string> run(const suit::Manifest& manifest, suit::Member member, std::uint64_t slot = 0) {
    Recorder recorder;
    recorder.slot_ = slot;
    suit::Processor processor(manifest, recorder);
    const Status begun = processor.begin(member);
    EXPECT_TRUE(begun.has_value()) << name(begun.error());
    const auto end = processor.step();
    EXPECT_TRUE(end.has_value()) << name(end.error());
    return recorder.notes_;
  }
  std::string identity(std::string_view what) const {
    return fmt::format("{} 0 {}", what, to_hex(what == "vendor" ? spec_.vendor_id : spec_.class_id));
  }
  static std::string match(std::size_t component, ByteView bytes) {
    return fmt::format("match {} {} {}", component, to_hex(sha256(bytes)), bytes.size());
  }
  static std::string fetch(std::size_t component, const PayloadFile& file) {
    return fmt::format("fetch {} {} {}", component, file.path, file.bytes.size());
  }
  std::string digest(ByteView bytes) const { return "<<[-16, h'" + to_hex(sha256(bytes)) + "']>>"; }

  EcPrivateKey key_ = EcPrivateKey::generate();
  EcPrivateKey device_ = EcPrivateKey::generate();
  std::array<cose::TrustAnchor, 1> anchors_;
  ReleaseSpec spec_;
};

Bytes manifest_of(ByteView envelope) {
  cbor::Decoder in(envelope);
  EXPECT_EQ(in.read_tag().value(), 107U);
  EXPECT_GE(in.read_map().value(), 2U);
  EXPECT_EQ(in.read_unsigned().value(), 2U);
  EXPECT_TRUE(in.read_bytes().has_value());
  EXPECT_EQ(in.read_unsigned().value(), 3U);
  return to_bytes(in.read_bytes().value());
}

// Template T1, byte for byte, in clear and without text: nothing in it is random.
TEST_F(HostBuilder, TemplateForEitherSlot) {
  spec_.use_before = 2'000'000'000;
  const BuiltRelease release = build_release(spec_, key_);
  ASSERT_EQ(release.payloads.size(), 1U);
  const Bytes& image = spec_.components[0].image.bytes;
  EXPECT_EQ(release.payloads[0].bytes, image);
  const std::string path = "2.1.0/app-" + to_hex(sha256(image)).substr(0, 8) + ".fpk";
  EXPECT_EQ(release.payloads[0].path, path);
  const std::string expected = fmt::format(
      "{{1: 1, 2: 42, 3: <<{{2: [[h'00'], [h'01']], 4: <<[12, 0, 20, {{1: h'{}', 2: h'{}', 3: {}, 14: 24}}, 1, 15, 2, "
      "15, 12, 1, 20, {{3: {}, 14: 24}}]>>}}>>, 6: <<[2, 1, 0]>>, 7: <<[12, 0, 3, 15]>>, 9: <<[12, 0, 23, 2]>>, "
      "16: <<[12, 0, 20, {{4: 2000000000, 28: <<[5, [2, 1, 0, 0]]>>}}, 4, 15, 28, 15, 12, 1, 20, {{21: \"{}\"}}, 21, "
      "2, "
      "3, 15]>>, 20: <<[12, 0, 20, {{22: 1}}, 22, 2, 3, 15]>>}}",
      to_hex(spec_.vendor_id), to_hex(spec_.class_id), digest(image), digest(image), path);
  EXPECT_EQ(diagnose(manifest_of(release.envelope)), expected);
  EXPECT_EQ(release.manifest_digest, manifest_digest(manifest_of(release.envelope)));
}

TEST_F(HostBuilder, DeviceRunsEverySequence) {
  spec_.encrypt_to = device_.public_key().point();
  spec_.minimum_battery = 500;
  const BuiltRelease release = build_release(spec_, key_);
  const suit::Manifest manifest = authenticate(release);
  EXPECT_EQ(manifest.sequence_number(), 42U);
  EXPECT_EQ(manifest.digest(), release.manifest_digest);
  EXPECT_EQ(manifest.set_version(), spec_.version);
  const Bytes& image = spec_.components[0].image.bytes;
  const PayloadFile& file = release.payloads[0];
  const std::vector<std::string> fetched = {identity("vendor"), identity("class"), "version 0 5 2",
                                            "battery 500",      fetch(1, file),    match(1, file.bytes)};
  EXPECT_EQ(run(manifest, suit::Member::kPayloadFetch), fetched);
  const std::vector<std::string> installed = {identity("vendor"), identity("class"), "battery 500",
                                              "copy 0 from 1 encrypted", match(0, image)};
  EXPECT_EQ(run(manifest, suit::Member::kInstall), installed);
  const std::vector<std::string> validated = {identity("vendor"), identity("class"), match(0, image)};
  EXPECT_EQ(run(manifest, suit::Member::kValidate), validated);
  const std::vector<std::string> invoked = {identity("vendor"), identity("class"), "invoke 0"};
  EXPECT_EQ(run(manifest, suit::Member::kInvoke), invoked);
}

TEST_F(HostBuilder, OneDeviceOnly) {
  spec_.device_id = uuid_v5(spec_.class_id, "0001");
  const suit::Manifest manifest = authenticate(build_release(spec_, key_));
  const auto notes = run(manifest, suit::Member::kInvoke);
  ASSERT_EQ(notes.size(), 4U);
  EXPECT_EQ(notes[2], "device 0 " + to_hex(*spec_.device_id));
}

TEST_F(HostBuilder, SeveralComponentsAreAllFetchedBeforeAnyIsInstalled) {
  spec_.encrypt_to = device_.public_key().point();
  spec_.components.push_back({.name = "modem", .image = {.bytes = Bytes(100, 1)}});
  spec_.components.push_back({.name = "rootfs", .image = {.bytes = Bytes(200, 2)}});
  const BuiltRelease release = build_release(spec_, key_);
  ASSERT_EQ(release.payloads.size(), 3U);
  const suit::Manifest manifest = authenticate(release);
  ASSERT_EQ(manifest.component_count(), 6U);
  EXPECT_EQ(diagnose(manifest.component_id(2)), "[h'6d6f64656d']");
  EXPECT_EQ(diagnose(manifest.component_id(5)), "[h'01', h'726f6f746673']");
  auto notes = run(manifest, suit::Member::kPayloadFetch);
  const std::vector<std::string> fetched = {fetch(1, release.payloads[0]), match(1, release.payloads[0].bytes),
                                            fetch(3, release.payloads[1]), match(3, release.payloads[1].bytes),
                                            fetch(5, release.payloads[2]), match(5, release.payloads[2].bytes)};
  EXPECT_EQ(std::vector<std::string>(notes.begin() + 3, notes.end()), fetched);
  notes = run(manifest, suit::Member::kInstall);
  const std::vector<std::string> installed = {"copy 0 from 1 encrypted", match(0, spec_.components[0].image.bytes),
                                              "copy 2 from 3 encrypted", match(2, spec_.components[1].image.bytes),
                                              "copy 4 from 5 encrypted", match(4, spec_.components[2].image.bytes)};
  EXPECT_EQ(std::vector<std::string>(notes.begin() + 2, notes.end()), installed);
  notes = run(manifest, suit::Member::kValidate);
  EXPECT_EQ(notes.size(), 5U);
}

TEST_F(HostBuilder, AnImageForEachSlot) {
  spec_.encrypt_to = device_.public_key().point();
  spec_.components[0].image_b = ReleaseImage{.bytes = Bytes(50, 3)};
  spec_.components.push_back({.name = "modem", .image = {.bytes = Bytes(100, 1)}});
  const BuiltRelease release = build_release(spec_, key_);
  ASSERT_EQ(release.payloads.size(), 3U);
  EXPECT_TRUE(release.payloads[0].path.starts_with("2.1.0/app-a-"));
  EXPECT_TRUE(release.payloads[1].path.starts_with("2.1.0/app-b-"));
  const suit::Manifest manifest = authenticate(release);
  for (const std::size_t slot : {0U, 1U}) {
    const Bytes& image = slot == 0 ? spec_.components[0].image.bytes : spec_.components[0].image_b->bytes;
    const PayloadFile& file = release.payloads[slot];
    const std::string in_slot = fmt::format("slot 0 {}", slot);
    const std::vector<std::string> head = {identity("vendor"), identity("class"), in_slot};
    std::vector<std::string> expected = head;
    expected.insert(expected.end(), {"version 0 5 2", in_slot, fetch(1, file), match(1, file.bytes),
                                     fetch(3, release.payloads[2]), match(3, release.payloads[2].bytes)});
    EXPECT_EQ(run(manifest, suit::Member::kPayloadFetch, slot), expected);
    expected = head;
    expected.insert(expected.end(), {in_slot, "copy 0 from 1 encrypted", match(0, image), "copy 2 from 3 encrypted",
                                     match(2, spec_.components[1].image.bytes)});
    EXPECT_EQ(run(manifest, suit::Member::kInstall, slot), expected);
    expected = head;
    expected.insert(expected.end(), {match(0, image), match(2, spec_.components[1].image.bytes)});
    EXPECT_EQ(run(manifest, suit::Member::kValidate, slot), expected);
  }
}

TEST_F(HostBuilder, TextIsForPeopleAndSeverable) {
  spec_.notes = "Fixes the clock.";
  spec_.vendor_domain = "acme.example";
  spec_.model = "m1";
  spec_.hardware = "m1/r2";
  const std::string text =
      R"({"en": {2: "Fixes the clock.", [h'00']: {2: "m1", 3: "acme.example", 4: "m1/r2", 6: "2.1.0"}}})";
  const BuiltRelease whole = build_release(spec_, key_);
  const suit::Manifest manifest = authenticate(whole);
  ASSERT_TRUE(manifest.member(suit::Member::kText).has_value());
  EXPECT_EQ(diagnose(*manifest.member(suit::Member::kText)), text);
  EXPECT_TRUE(whole.members.empty());

  spec_.sever = true;
  const BuiltRelease severed = build_release(spec_, key_);
  suit::Manifest without = authenticate(severed);
  EXPECT_TRUE(without.severed(suit::Member::kText));
  EXPECT_LT(severed.envelope.size() + text.size() / 2, whole.envelope.size());
  ASSERT_EQ(severed.members.size(), 3U);
  ASSERT_TRUE(without.attach(suit::Member::kText, severed.members.back().bytes).has_value());
  EXPECT_EQ(diagnose(*without.member(suit::Member::kText)), text);
}

TEST_F(HostBuilder, SeveredMembersAreThoseOfTheWholeManifest) {
  const BuiltRelease in_one = build_release(spec_, key_);
  const suit::Manifest whole = authenticate(in_one);
  spec_.sever = true;
  const BuiltRelease release = build_release(spec_, key_);
  suit::Manifest severed = authenticate(release);
  EXPECT_EQ(severed.member(suit::Member::kPayloadFetch).error(), Error::kSevered);
  EXPECT_EQ(severed.member(suit::Member::kInstall).error(), Error::kSevered);
  ASSERT_EQ(release.members.size(), 2U) << "no notes, no text";
  for (const SeveredFile& file : release.members) {
    EXPECT_EQ(file.path, fmt::format("members/{}.cbor", to_hex(sha256(file.bytes)).substr(0, 16)));
    ASSERT_TRUE(severed.attach(file.member, file.bytes));
  }
  for (const auto member : {suit::Member::kPayloadFetch, suit::Member::kInstall, suit::Member::kValidate}) {
    EXPECT_EQ(run(severed, member, 0), run(whole, member, 0));
  }
}

TEST_F(HostBuilder, ImageThatLooksLikeAContainerIsWrapped) {
  Bytes image = to_bytes(payload::kMagic);
  image.resize(40, 9);
  const Bytes plaintext = payload_plaintext({.bytes = image});
  ASSERT_EQ(plaintext.size(), image.size() + payload::kHeaderSize);
  const auto header = payload::decode_header(plaintext, static_cast<std::uint32_t>(plaintext.size()));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->kind, payload::Kind::kRaw);
  EXPECT_EQ(header->image_size, image.size());
  image[0] = 0;
  EXPECT_EQ(payload_plaintext({.bytes = image}), image);
  EXPECT_EQ(payload_plaintext({.bytes = image, .payload = Bytes{1, 2}}), (Bytes{1, 2}));
}

TEST_F(HostBuilder, RefusesWhatIsNoRelease) {
  EXPECT_THROW((void)build_release({}, key_), Failure);
  ReleaseSpec spec = spec_;
  spec.components[0].name = "modem";
  EXPECT_THROW((void)build_release(spec, key_), Failure) << "no application";
  spec = spec_;
  spec.components[0].image.bytes.clear();
  EXPECT_THROW((void)build_release(spec, key_), Failure) << "an empty image";
  spec = spec_;
  spec.version = {};
  EXPECT_THROW((void)build_release(spec, key_), Failure) << "no version";
  spec = spec_;
  for (const char* component : {"a", "b", "c", "d"}) {
    spec.components.push_back({.name = component, .image = spec_.components[0].image});
  }
  EXPECT_THROW((void)build_release(spec, key_), Failure) << "too many";
}

}  // namespace
}  // namespace ferry::host
