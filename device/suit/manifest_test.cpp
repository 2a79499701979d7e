#include "device/suit/manifest.h"

#include <gtest/gtest.h>

#include "device/suit/test_envelope.h"

namespace ferry::suit {
namespace {

using namespace test;  // NOLINT: this is what the tests are written in

Error refusal(ByteView envelope) {
  const auto manifest = open(envelope);
  EXPECT_FALSE(manifest);
  return manifest ? Error::kInvalidArgument : manifest.error();
}

// What a wrapper with these blocks makes of a good manifest.
Error refusal_of_blocks(const std::vector<Bytes>& blocks) {
  const Bytes manifest = Recipe().manifest();
  std::vector<Bytes> items = {bytes(digest_of(bytes(manifest)))};
  for (const Bytes& block : blocks) {
    items.push_back(bytes(block));
  }
  return refusal(wrap(list(items), manifest));
}

TEST(Manifest, SaysWhatItSays) {
  Recipe recipe;
  recipe.members[label::kSetVersion] = bytes(list({number(2), number(1), number(-1), number(3)}));
  recipe.members[label::kReferenceUri] = text("ftp://example.com/m");
  recipe.components = {list({bytes(Bytes{0})}), list({bytes(Bytes{1}), bytes(Bytes{'b'})})};
  recipe.member(label::kValidate, {select(0), kMatch});
  const Bytes envelope = recipe.envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->sequence_number(), 7U);
  EXPECT_EQ(manifest->component_count(), 2U);
  EXPECT_TRUE(equal(manifest->component_id(1), list({bytes(Bytes{1}), bytes(Bytes{'b'})})));
  EXPECT_TRUE(manifest->component_id(2).empty());
  EXPECT_EQ(manifest->set_version(), Version::parse("2.1-rc.3").value());
  EXPECT_EQ(manifest->reference_uri(), "ftp://example.com/m");
  EXPECT_TRUE(equal(manifest->shared_sequence(), sequence(recipe.shared)));
  EXPECT_EQ(manifest->digest(), crypto::sha256(bytes(recipe.manifest())).value());
  EXPECT_TRUE(manifest->has(Member::kValidate));
  EXPECT_TRUE(equal(*manifest->member(Member::kValidate), sequence({select(0), kMatch})));
  EXPECT_FALSE(manifest->has(Member::kInstall));
  EXPECT_EQ(manifest->member(Member::kInstall).error(), Error::kNotFound);
  EXPECT_EQ(manifest->integrated_payload("#x").error(), Error::kNotFound);
}

TEST(Manifest, T1_NoSignature) {
  EXPECT_EQ(refusal_of_blocks({}), Error::kNotAuthentic);
}

TEST(Manifest, T1_UnknownKey) {
  const SigningKey stranger;
  EXPECT_EQ(refusal(Recipe().envelope(stranger)), Error::kNotAuthentic);
  const Bytes envelope = Recipe().envelope();
  EXPECT_EQ(authenticate(envelope, {}).error(), Error::kNotAuthentic);
}

TEST(Manifest, T1_TruncatedOrForeignSignature) {
  const Bytes digest = digest_of(bytes(Recipe().manifest()));
  const Bytes good = release_key().sign1(digest);
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(refusal_of_blocks({Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))}),
              Error::kNotAuthentic);
  }
  const Bytes headers = bytes(map(Numbered{{1, number(cose::kEsp256)}}));
  for (const std::size_t length : {0U, 1U, 63U, 65U, 128U}) {
    Bytes signature = release_key().sign(digest);
    signature.resize(length);
    const Bytes block = tagged(18, list({headers, map(Numbered{}), null(), bytes(signature)}));
    EXPECT_EQ(refusal_of_blocks({block}), Error::kNotAuthentic) << length;
  }
  EXPECT_EQ(refusal_of_blocks({release_key().sign1(digest_of(bytes(Bytes{1})))}), Error::kNotAuthentic);
}

TEST(Manifest, T1_EveryFlippedBitIsSeen) {
  const Bytes envelope = Recipe().member(label::kInvoke, {kInvoke}).envelope();
  ASSERT_TRUE(open(envelope));
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes flipped = envelope;
      flipped[i] = static_cast<std::uint8_t>(flipped[i] ^ (1U << bit));
      EXPECT_FALSE(open(flipped)) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Manifest, T1_AnotherManifestUnderASignature) {
  const Bytes manifest = Recipe().manifest();
  Recipe other;
  other.members[label::kSequenceNumber] = number(8);
  const Bytes digest = digest_of(bytes(manifest));
  const Bytes wrapper = list({bytes(digest), bytes(release_key().sign1(digest))});
  EXPECT_TRUE(open(wrap(wrapper, manifest)));
  EXPECT_EQ(refusal(wrap(wrapper, other.manifest())), Error::kNotAuthentic);
}

TEST(Manifest, T1_TheDigestCoversTheHeadOfTheByteString) {
  const Bytes manifest = Recipe().manifest();
  const Bytes digest = digest_of(manifest);  // of the content alone
  EXPECT_EQ(refusal(wrap(list({bytes(digest), bytes(release_key().sign1(digest))}), manifest)), Error::kNotAuthentic);
}

TEST(Manifest, OneGoodSignatureOfSeveralIsEnough) {
  const SigningKey stranger;
  const Bytes manifest = Recipe().manifest();
  const Bytes digest = digest_of(bytes(manifest));
  const Bytes mac = tagged(17, list({bytes({}), map(Numbered{}), null(), bytes(Bytes(32, 1))}));
  const Bytes wrapper =
      list({bytes(digest), bytes(mac), bytes(stranger.sign1(digest)), bytes(release_key().sign1(digest))});
  EXPECT_TRUE(open(wrap(wrapper, manifest)));
  std::vector<Bytes> many(kMaxAuthenticationBlocks, mac);
  many.push_back(release_key().sign1(digest));
  EXPECT_EQ(refusal_of_blocks(many), Error::kNotAuthentic);
}

TEST(Manifest, T2_TheAlgorithmIsBoundToTheKey) {
  const Bytes digest = digest_of(bytes(Recipe().manifest()));
  for (const std::int64_t algorithm : {cose::kEs256Deprecated, std::int64_t{-19}, std::int64_t{-35}, std::int64_t{-46},
                                       std::int64_t{5}, std::int64_t{0}}) {
    EXPECT_EQ(refusal_of_blocks({release_key().sign1(digest, algorithm)}), Error::kNotAuthentic) << algorithm;
  }
  const Bytes deprecated =
      wrap(list({bytes(digest), bytes(release_key().sign1(digest, cose::kEs256Deprecated))}), Recipe().manifest());
  const std::array<cose::TrustAnchor, 1> bound = {release_key().anchor(cose::kEs256Deprecated)};
  EXPECT_TRUE(authenticate(deprecated, bound));
  EXPECT_EQ(authenticate(Recipe().envelope(), bound).error(), Error::kNotAuthentic);
}

TEST(Manifest, T2_OtherDigestAlgorithmsAreRefused) {
  const Bytes manifest = Recipe().manifest();
  for (const std::int64_t algorithm : {-43, -44, -18, 0, 16}) {
    const Bytes digest = list({number(algorithm), bytes(crypto::sha256(bytes(manifest)).value())});
    EXPECT_EQ(refusal(wrap(list({bytes(digest), bytes(release_key().sign1(digest))}), manifest)),
              Error::kUnknownAlgorithm);
  }
}

TEST(Manifest, T9_WhatIsNoEnvelope) {
  const Bytes good = Recipe().envelope();
  EXPECT_EQ(refusal({}), Error::kCborTruncated);
  EXPECT_EQ(refusal(Bytes{0xA0}), Error::kCborWrongType);
  EXPECT_EQ(refusal(tagged(107, map(Numbered{}))), Error::kManifestMalformed);
  EXPECT_EQ(refusal(tagged(1070, map(Numbered{}))), Error::kManifestMalformed);
  EXPECT_EQ(refusal(good + Bytes{0}), Error::kCborTrailingData);
  const Bytes manifest = bytes(Recipe().manifest());
  EXPECT_EQ(refusal(tagged(107, map(Numbered{{3, manifest}}))), Error::kManifestMalformed);
  EXPECT_EQ(refusal(tagged(107, map(Numbered{{2, manifest}}))), Error::kManifestMalformed);
  EXPECT_EQ(refusal(tagged(107, map(Pairs{{number(3), manifest}, {number(2), manifest}}))), Error::kCborNotCanonical);
  EXPECT_EQ(refusal(tagged(107, map(Pairs{{number(2), manifest}, {number(2), manifest}}))), Error::kCborNotCanonical);
}

TEST(Manifest, T9_EveryPrefixIsRefused) {
  const Bytes envelope = Recipe().member(label::kInvoke, {kInvoke}).envelope();
  for (std::size_t length = 0; length < envelope.size(); ++length) {
    EXPECT_FALSE(open(ByteView(envelope).first(length))) << length;
  }
}

TEST(Manifest, T9_SignedButMalformed) {
  const auto refuse = [](const Bytes& manifest) { return refusal(signed_envelope(manifest)); };
  const auto without = [](std::int64_t label) {
    Recipe recipe;
    recipe.members.erase(label);
    return recipe.manifest();
  };
  EXPECT_EQ(refuse({}), Error::kCborTruncated);
  EXPECT_EQ(refuse(Recipe().manifest() + Bytes{0}), Error::kCborTrailingData);
  EXPECT_EQ(refuse(without(label::kVersion)), Error::kManifestMalformed);
  EXPECT_EQ(refuse(without(label::kSequenceNumber)), Error::kManifestMalformed);
  EXPECT_EQ(refuse(map(Numbered{{1, number(1)}, {2, number(1)}})), Error::kManifestMalformed);
  EXPECT_EQ(refuse(map(Pairs{{number(1), number(1)}, {number(1), number(1)}})), Error::kCborNotCanonical);
  EXPECT_EQ(refuse(map(Pairs{{number(2), number(1)}, {number(1), number(1)}})), Error::kCborNotCanonical);
  EXPECT_EQ(refuse(map(Pairs{{text("x"), number(1)}})), Error::kManifestMalformed);
  EXPECT_EQ(refuse(Bytes{0xBF, 0x01, 0x01, 0xFF}), Error::kCborNotCanonical);
  EXPECT_EQ(refuse(Bytes(2000, 0x81)), Error::kCborWrongType);
  Recipe recipe;
  recipe.members[label::kVersion] = number(2);
  EXPECT_EQ(refuse(recipe.manifest()), Error::kManifestMalformed);
  recipe = Recipe();
  recipe.members[label::kSequenceNumber] = number(-1);
  EXPECT_EQ(refuse(recipe.manifest()), Error::kCborWrongType);
  recipe = Recipe();
  recipe.members[label::kValidate] = bytes({});
  EXPECT_EQ(refuse(recipe.manifest()), Error::kManifestMalformed);
  recipe.members[label::kValidate] = digest(1);  // not a severable member
  EXPECT_EQ(refuse(recipe.manifest()), Error::kCborWrongType);
}

TEST(Manifest, T9_Components) {
  Recipe recipe;
  recipe.components.assign(kMaxComponents, list({bytes(Bytes{1})}));
  EXPECT_TRUE(open(recipe.envelope()));
  recipe.components.push_back(list({bytes(Bytes{1})}));
  EXPECT_EQ(refusal(recipe.envelope()), Error::kTooManyComponents);
  recipe.components = {};
  EXPECT_EQ(refusal(recipe.envelope()), Error::kManifestMalformed);
  recipe.components = {list({text("x")})};
  EXPECT_EQ(refusal(recipe.envelope()), Error::kCborWrongType);
}

TEST(Manifest, T10_LabelsOfOlderDraftsAndOtherExtensions) {
  for (const std::int64_t label : {5, 10, 11, 12, 13, 14, 15, 17, 18, 19, 21, 22, 24, 25, 0, -1}) {
    Recipe recipe;
    recipe.members[label] = bytes(sequence({kInvoke}));
    EXPECT_FALSE(open(recipe.envelope())) << label;
    if (label > 0) {
      EXPECT_EQ(refusal(recipe.envelope()), Error::kManifestMalformed) << label;
    }
  }
  for (const std::int64_t label : {4, 14, 15, 17, 18, 24}) {  // beside the manifest
    Recipe recipe;
    recipe.beside = {{number(label), bytes(sequence({kInvoke}))}};
    EXPECT_EQ(refusal(recipe.envelope()), Error::kManifestMalformed) << label;
  }
  for (const std::int64_t label : {1, 3, 5}) {  // dependencies and others in common
    Recipe recipe;
    recipe.common[label] = map(Numbered{});
    EXPECT_EQ(refusal(recipe.envelope()), Error::kManifestMalformed) << label;
  }
}

// --- Severed members ---

Recipe severed_install(const Bytes& install) {
  Recipe recipe;
  recipe.members[label::kInstall] = digest_of(install);
  return recipe;
}

TEST(Severed, BesideTheManifest) {
  const Bytes install = bytes(sequence({kFetch, kMatch}));
  Recipe recipe = severed_install(install);
  recipe.beside = {{number(label::kInstall), install}};
  const Bytes envelope = recipe.envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  EXPECT_FALSE(manifest->severed(Member::kInstall));
  EXPECT_TRUE(equal(*manifest->member(Member::kInstall), sequence({kFetch, kMatch})));
}

TEST(Severed, DeliveredApart) {
  const Bytes install = bytes(sequence({kFetch, kMatch}));
  const Bytes envelope = severed_install(install).envelope();
  auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(manifest->has(Member::kInstall));
  EXPECT_TRUE(manifest->severed(Member::kInstall));
  EXPECT_EQ(manifest->member(Member::kInstall).error(), Error::kSevered);
  EXPECT_EQ(manifest->attach(Member::kInstall, sequence({kFetch, kMatch})).error(), Error::kMemberMismatch);  // no head
  EXPECT_EQ(manifest->attach(Member::kText, install).error(), Error::kNotFound);
  EXPECT_EQ(manifest->member(Member::kInstall).error(), Error::kSevered);
  EXPECT_TRUE(manifest->attach(Member::kInstall, install));
  EXPECT_TRUE(equal(*manifest->member(Member::kInstall), sequence({kFetch, kMatch})));
}

TEST(Severed, T9_MismatchAndSurplusAreRefused) {
  const Bytes install = bytes(sequence({kFetch, kMatch}));
  Recipe recipe = severed_install(install);
  recipe.beside = {{number(label::kInstall), bytes(sequence({kFetch}))}};
  EXPECT_EQ(refusal(recipe.envelope()), Error::kMemberMismatch);
  recipe.beside = {{number(label::kText), install}};  // the manifest knows of none
  EXPECT_EQ(refusal(recipe.envelope()), Error::kMemberMismatch);
  Recipe whole;
  whole.member(label::kInstall, {kFetch, kMatch});
  whole.beside = {{number(label::kInstall), install}};  // here twice: which one counts?
  EXPECT_EQ(refusal(whole.envelope()), Error::kMemberMismatch);
}

TEST(IntegratedPayload, IsFoundByItsKey) {
  Recipe recipe;
  recipe.beside = {{text("#a"), bytes(Bytes{1, 2, 3})}, {text("#b"), bytes({})}};
  const Bytes envelope = recipe.envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(equal(*manifest->integrated_payload("#a"), Bytes{1, 2, 3}));
  EXPECT_TRUE(manifest->integrated_payload("#b")->empty());
  EXPECT_EQ(manifest->integrated_payload("#").error(), Error::kNotFound);
}

TEST(IntegratedPayload, T9_TooManyOrTwiceTheSame) {
  Recipe recipe;
  for (std::size_t i = 0; i < kMaxIntegratedPayloads; ++i) {
    recipe.beside.emplace_back(text("#" + std::to_string(i)), bytes({}));
  }
  EXPECT_TRUE(open(recipe.envelope()));
  recipe.beside.emplace_back(text("#9"), bytes({}));
  EXPECT_EQ(refusal(recipe.envelope()), Error::kManifestMalformed);
  recipe.beside = {{text("#a"), bytes({})}, {text("#a"), bytes({})}};
  EXPECT_EQ(refusal(recipe.envelope()), Error::kCborNotCanonical);
  recipe.beside = {{text("#a"), text("not bytes")}};
  EXPECT_EQ(refusal(recipe.envelope()), Error::kCborWrongType);
}

}  // namespace
}  // namespace ferry::suit
