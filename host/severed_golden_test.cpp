// The format of severed members, held in place: envelope and members that are stored here must be taken for ever, and
// the builder makes the same manifest and members of the same release.
#include <gtest/gtest.h>

#include "host/crypto.h"
#include "host/manifest_builder.h"
#include "host/severed.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

constexpr const char* kPublicKey =
    "04ccfada66fa2154b048f39e2a48163dd627f326a50edae13d19b5c7f88fe7492a3421d7b2dc22cdc0f5cef8095e4a92e5d6"
    "517135cf2279e07d1d4a67606e97bd";
constexpr const char* kEnvelope =
    "d86ba2025873825824822f58205b4e259ee744639335673d8027523f713a832fe6223fad05229b2e4a5caedb2d584ad28443"
    "a10128a0f658403acd4500ec3503462e50c11e872a743e99532f4ad503b80e15361f438aead21a0fa440e66c4fdb74b51566"
    "356cc368ba117131eec3ede8fd90ad46500e1b2a860358f9a801010207035893a202828141008141010458878c0c0014a401"
    "500637e301e05d505b8267486f5677de9b02507a874da2527d5df8b9a9450e9856ba86035824822f5820dd128ff0ec9391a9"
    "bbfbe5df89898c568e39e0cce1104a4add8be7fb53ea9a760e19012c010f020f0c0114a2035824822f5820dd128ff0ec9391"
    "a9bbfbe5df89898c568e39e0cce1104a4add8be7fb53ea9a760e19012c0644830201000745840c00030f0945840c00170210"
    "822f5820f59e282c81a25301e133d94a876b3730d61fb3494eca79609d9a776ea08714ed14822f58203b16e8f128f2b85057"
    "f1c23ba2c28e7a7ec5006bc9e095f1baedcd33b71cb4b2";
constexpr const char* kPayloadFetch =
    "583a900c0014a2041a6ab13b80181c4782058402010000040f181c0f0c0114a11576322e312e302f6170702d646431323866"
    "66302e66706b1502030f";
constexpr const char* kInstall = "4b880c0014a116011602030f";

ReleaseSpec spec() {
  ReleaseSpec spec;
  spec.vendor_id = uuid_v5(kDnsNamespace, "acme.example");
  spec.class_id = uuid_v5(spec.vendor_id, "m1/r2");
  spec.sequence = 7;
  spec.version = *suit::Version::parse("2.1.0");
  spec.use_before = 1790000000;
  spec.sever = true;
  spec.components.push_back({.image = {.bytes = Bytes(300, 0x5A)}});
  return spec;
}

cose::TrustAnchor anchor() {
  cose::TrustAnchor anchor{.algorithm = cose::kEsp256, .key = {}};
  const Bytes point = from_hex(kPublicKey).value();
  std::copy(point.begin(), point.end(), anchor.key.begin());
  return anchor;
}

TEST(SeveredGolden, StoredEnvelopeTakesItsStoredMembers) {
  ASSERT_TRUE(crypto::start());
  const Bytes envelope = from_hex(kEnvelope).value();
  const std::array<cose::TrustAnchor, 1> anchors = {anchor()};
  auto manifest = suit::authenticate(envelope, anchors);
  ASSERT_TRUE(manifest) << name(manifest.error());
  EXPECT_EQ(manifest->sequence_number(), 7U);
  EXPECT_TRUE(manifest->severed(suit::Member::kPayloadFetch));
  EXPECT_TRUE(manifest->severed(suit::Member::kInstall));
  EXPECT_EQ(member_path(manifest->severed_digest(suit::Member::kPayloadFetch)), "members/f59e282c81a25301.cbor");
  EXPECT_EQ(member_path(manifest->severed_digest(suit::Member::kInstall)), "members/3b16e8f128f2b850.cbor");
  const Bytes fetch = from_hex(kPayloadFetch).value();
  const Bytes install = from_hex(kInstall).value();
  EXPECT_EQ(manifest->attach(suit::Member::kPayloadFetch, install).error(), Error::kMemberMismatch);
  EXPECT_TRUE(manifest->attach(suit::Member::kPayloadFetch, fetch));
  EXPECT_TRUE(manifest->attach(suit::Member::kInstall, install));
  manifest->sever(suit::Member::kPayloadFetch);
  EXPECT_TRUE(manifest->severed(suit::Member::kPayloadFetch));
  EXPECT_FALSE(manifest->severed(suit::Member::kInstall));
}

TEST(SeveredGolden, BuilderMakesTheStoredManifestAndMembers) {
  const BuiltRelease release = build_release(spec(), EcPrivateKey::generate());
  EXPECT_EQ(to_hex(release.manifest_digest), "5b4e259ee744639335673d8027523f713a832fe6223fad05229b2e4a5caedb2d");
  ASSERT_EQ(release.members.size(), 2U);
  EXPECT_EQ(to_hex(release.members[0].bytes), kPayloadFetch);
  EXPECT_EQ(to_hex(release.members[1].bytes), kInstall);
}

}  // namespace
}  // namespace ferry::host
