#include "host/severed.h"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "device/upgrade/environment.h"
#include "host/crypto.h"
#include "host/files.h"
#include "host/manifest_builder.h"
#include "host/repository.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;
using suit::Member;

// As `ferry release` would: images linked for two slots, and deltas for each of `precursors` older releases, which ran
// in either slot.
ReleaseSpec spec_of(std::size_t precursors) {
  ReleaseSpec spec;
  spec.vendor_id = uuid_v5(kDnsNamespace, "acme.example");
  spec.class_id = uuid_v5(spec.vendor_id, "m1/r2");
  spec.encrypt_to = EcPrivateKey::generate().public_key().point();
  spec.sequence = 250;
  spec.version = *suit::Version::parse("12.10.3");
  spec.vendor_domain = "acme.example";
  spec.model = "m1";
  spec.hardware = "m1/r2";
  spec.notes = "What has changed, in a sentence or two for the people who decide when it goes out.";
  spec.use_before = 1790000000;
  spec.sever = true;
  spec.components.push_back(
      {.image = {.bytes = Bytes(200'000, 1)}, .image_b = ReleaseImage{.bytes = Bytes(200'000, 2)}});
  for (std::size_t i = 0; i < 2 * precursors; ++i) {
    ReleaseComponent& application = spec.components.front();
    ReleaseImage& image = i % 2 == 0 ? application.image : *application.image_b;
    const Bytes old(190'000 + i, 3);
    image.deltas.push_back({.precursor = sha256(old),
                            .precursor_size = old.size(),
                            .payload = Bytes(9'000 + i, static_cast<std::uint8_t>(i))});
  }
  return spec;
}

// What every poll costs, and what a new release costs once.
TEST(Severed, APollIsSmallAndTheWholeFitsTheDevice) {
  const BuiltRelease release = build_release(spec_of(8), EcPrivateKey::generate());
  std::size_t total = release.envelope.size();
  std::size_t longest = 0;
  for (const SeveredFile& file : release.members) {
    fmt::print("member {}: {} bytes\n", static_cast<int>(file.member), file.bytes.size());
    total += file.bytes.size();
    longest = file.member == Member::kText ? longest : std::max(longest, file.bytes.size());
  }
  fmt::print("2 slots, 8 older releases: a poll takes {} bytes, all of the manifest {}\n", release.envelope.size(),
             total);
  EXPECT_LE(release.envelope.size(), 450U);
  EXPECT_LE(total, 4096U);
  EXPECT_LE(release.envelope.size() + longest, MemoryOf<>::kLongestManifest) << "a device's buffer of 4 KiB";
}

class SeveredFiles : public testing::Test {
 protected:
  SeveredFiles() {
    EXPECT_TRUE(crypto::start());
    std::string name = (fs::temp_directory_path() / "ferry-severed-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_release(release_, folder_, folder_ / manifest_path(std::nullopt));
  }
  ~SeveredFiles() override { fs::remove_all(folder_); }

  [[nodiscard]] WholeEnvelope read() const { return read_whole_envelope(folder_ / "manifest.suit"); }
  [[nodiscard]] Result<suit::Manifest> authenticate(const Bytes& envelope) const {
    const std::array<cose::TrustAnchor, 1> anchors = {{{.algorithm = cose::kEsp256, .key = key_.public_key().point()}}};
    return suit::authenticate(envelope, anchors);
  }

  EcPrivateKey key_ = EcPrivateKey::generate();
  BuiltRelease release_ = build_release(spec_of(1), key_);
  fs::path folder_;
};

TEST_F(SeveredFiles, AreReadWithTheManifest) {
  const WholeEnvelope whole = read();
  ASSERT_EQ(whole.files.size(), 3U);
  for (const MemberOnDisk& file : whole.files) {
    EXPECT_TRUE(file.there && file.matches) << file.path;
  }
  const auto manifest = authenticate(whole.bytes);
  ASSERT_TRUE(manifest) << name(manifest.error());
  for (const SeveredFile& file : release_.members) {
    EXPECT_FALSE(manifest->severed(file.member));
  }
}

TEST_F(SeveredFiles, AWrongOrMissingOneIsSaidAndLeftOut) {
  fs::remove(folder_ / release_.members[0].path);
  Bytes changed = release_.members[1].bytes;
  changed.back() ^= 1;
  FileSet files;
  files.put(folder_ / release_.members[1].path, changed);
  files.commit();
  const WholeEnvelope whole = read();
  ASSERT_EQ(whole.files.size(), 3U);
  EXPECT_FALSE(whole.files[0].there);
  EXPECT_TRUE(whole.files[1].there);
  EXPECT_FALSE(whole.files[1].matches);
  const auto manifest = authenticate(whole.bytes);
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(manifest->severed(Member::kPayloadFetch));
  EXPECT_TRUE(manifest->severed(Member::kInstall));
  EXPECT_FALSE(manifest->severed(Member::kText));
}

TEST_F(SeveredFiles, OfADevicesOwnManifestStandWithTheProduct) {
  EXPECT_EQ(product_folder("a/b/devices/1.suit").lexically_normal(), fs::path("a/b/").lexically_normal());
  EXPECT_EQ(product_folder("a/b/manifest.suit"), "a/b");
  EXPECT_EQ(product_folder("manifest.suit"), "");
}

TEST_F(SeveredFiles, WhatIsNoEnvelopeOrHasNothingSeveredStaysAsItIs) {
  for (Bytes bytes : {Bytes{}, Bytes{1, 2, 3}, Bytes{0xD8, 0x6B, 0xA1, 0x03, 0x41, 0xA0}}) {
    EXPECT_EQ(with_members(bytes, folder_).bytes, bytes);
  }
  ReleaseSpec spec = spec_of(1);
  spec.sever = false;
  const BuiltRelease whole = build_release(spec, key_);
  EXPECT_EQ(with_members(whole.envelope, folder_).bytes, whole.envelope);
  EXPECT_TRUE(with_members(whole.envelope, folder_).files.empty());
}

}  // namespace
}  // namespace ferry::host
