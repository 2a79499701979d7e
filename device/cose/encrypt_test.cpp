#include <gtest/gtest.h>

#include "device/cose/messages_test_util.h"

namespace ferry::cose {
namespace {

constexpr AesKey kContentKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr AesBlock kIv = {0xF0, 1, 2, 3};
constexpr AesKey kKeyEncryption = {0x61, 0x62, 0x63};

class CoseEncrypt : public testing::Test {
 protected:
  EncryptParts with(std::vector<RecipientParts> recipients) {
    return {.protected_header = {}, .unprotected_map = content_headers(kIv), .recipients = std::move(recipients)};
  }
  RecipientParts ecdh() { return ecdh_recipient(device_.public_key(), ephemeral_, kContentKey); }
  RecipientParts key_wrap() { return key_wrap_recipient(kKeyEncryption, kContentKey); }
  bool opens(const EncryptParts& parts) {
    const auto content = open_encrypt(encode(parts), keys_);
    return content && content->key == kContentKey && content->iv == kIv;
  }
  Error refusal(const EncryptParts& parts) {
    const auto content = open_encrypt(encode(parts), keys_);
    return content ? Error{} : content.error();
  }
  Error refusal_of(const RecipientParts& recipient) { return refusal(with({recipient})); }

  openssl::P256Key device_;
  openssl::P256Key ephemeral_;
  DecryptionKeys keys_ = {.ecdh = device_.private_key(), .key_encryption = kKeyEncryption};
};

TEST_F(CoseEncrypt, OpensEitherRecipient) {
  EXPECT_TRUE(opens(with({ecdh()})));
  EXPECT_TRUE(opens(with({key_wrap()})));
}

TEST_F(CoseEncrypt, FindsItsRecipientAmongOthers) {
  const auto other = ecdh_recipient(openssl::P256Key().public_key(), ephemeral_, kContentKey);
  RecipientParts foreign;  // ECDH-ES+A256KW with a key on X25519
  foreign.protected_header = algorithm_map(-31);
  foreign.unprotected_map = cbor_of([](cbor::Encoder& out) {
    out.map(1).integer(-1).map(3).integer(1).integer(1).integer(-1).integer(4).integer(-2).bytes(Bytes(32));
  });
  foreign.wrapped_key = Bytes(40);
  EXPECT_TRUE(opens(with({foreign, other, ecdh()})));
  EXPECT_TRUE(opens(with({foreign, other, key_wrap()})));
  EXPECT_TRUE(opens(with({ecdh(), foreign, other})));
}

TEST_F(CoseEncrypt, HeadersComeInAnyOrder) {
  EncryptParts parts = with({ecdh()});
  parts.unprotected_map = cbor_of(
      [](cbor::Encoder& out) { out.map(3).integer(5).bytes(kIv).text("n").null().integer(1).integer(kA128Ctr); });
  const auto point = ephemeral_.public_key();
  parts.recipients[0].unprotected_map = cbor_of([&](cbor::Encoder& out) {
    out.map(2).integer(-1).map(5).integer(-3).bytes(ByteView(point).subspan(33)).integer(2).bytes(as_bytes("kid"));
    out.integer(-2).bytes(ByteView(point).subspan(1, 32)).integer(-1).integer(1).integer(1).integer(2);
    out.integer(4).bytes(as_bytes("kid-2"));
  });
  EXPECT_TRUE(opens(parts));
}

TEST_F(CoseEncrypt, T36_AnotherKeyOpensNothing) {
  keys_.ecdh = openssl::P256Key().private_key();
  keys_.key_encryption = AesKey{};
  EXPECT_EQ(refusal_of(ecdh()), Error::kUnwrapFailed);
  EXPECT_EQ(refusal_of(key_wrap()), Error::kUnwrapFailed);
}

TEST_F(CoseEncrypt, KeysThatTheDeviceLacks) {
  keys_.ecdh.reset();
  EXPECT_EQ(refusal_of(ecdh()), Error::kNoRecipient);
  EXPECT_TRUE(opens(with({ecdh(), key_wrap()})));
  keys_.key_encryption.reset();
  EXPECT_EQ(refusal_of(key_wrap()), Error::kNoRecipient);
  EXPECT_EQ(refusal(with({})), Error::kNoRecipient);
}

TEST_F(CoseEncrypt, T2_OtherAlgorithmsAreRefused) {
  for (const std::int64_t algorithm : {1, 3, 24, -65532, -65531}) {
    EncryptParts parts = with({ecdh()});
    parts.unprotected_map = content_headers(kIv, algorithm);
    EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm);
  }
  RecipientParts recipient = ecdh();
  recipient.protected_header = algorithm_map(-31);
  EXPECT_EQ(refusal_of(recipient), Error::kNoRecipient);
}

TEST_F(CoseEncrypt, T2_HeadersThatOnlyClaimToBeProtected) {
  EncryptParts parts = with({ecdh()});
  parts.protected_header = algorithm_map(kA128Ctr);
  parts.unprotected_map = cbor_of([](cbor::Encoder& out) { out.map(1).integer(5).bytes(kIv); });
  EXPECT_EQ(refusal(parts), Error::kCborMalformed);
  RecipientParts recipient = key_wrap();
  recipient.protected_header = algorithm_map(kA128Kw);
  recipient.unprotected_map = {0xA0};
  EXPECT_EQ(refusal_of(recipient), Error::kCborMalformed);
}

TEST_F(CoseEncrypt, EcdhAlgorithmMustBeInTheContext) {
  RecipientParts recipient = ecdh();
  const auto point = ephemeral_.public_key();
  recipient.protected_header.clear();
  recipient.unprotected_map = cbor_of(
      [&](cbor::Encoder& out) { out.map(2).integer(1).integer(kEcdhEsA128Kw).integer(-1).raw(ec2_key(point)); });
  EXPECT_EQ(refusal_of(recipient), Error::kCborMalformed);
}

TEST_F(CoseEncrypt, LabelsTwiceAreRefused) {
  EncryptParts parts = with({ecdh()});
  parts.unprotected_map = cbor_of(
      [](cbor::Encoder& out) { out.map(3).integer(1).integer(kA128Ctr).integer(5).bytes(kIv).integer(5).bytes(kIv); });
  EXPECT_EQ(refusal(parts), Error::kCborNotCanonical);
  RecipientParts recipient = ecdh();  // once protected, once not
  const auto point = ephemeral_.public_key();
  recipient.unprotected_map = cbor_of(
      [&](cbor::Encoder& out) { out.map(2).integer(1).integer(kEcdhEsA128Kw).integer(-1).raw(ec2_key(point)); });
  EXPECT_EQ(refusal_of(recipient), Error::kCborNotCanonical);
  recipient.unprotected_map = cbor_of([](cbor::Encoder& out) {
    out.map(1).integer(-1).map(3).integer(1).integer(2).integer(-2).bytes(Bytes(32)).integer(-2).bytes(Bytes(32));
  });
  EXPECT_EQ(refusal_of(recipient), Error::kCborNotCanonical);
}

TEST_F(CoseEncrypt, IvOfAnotherLength) {
  for (const std::size_t size : {0U, 12U, 15U, 17U}) {
    EncryptParts parts = with({ecdh()});
    parts.unprotected_map =
        cbor_of([&](cbor::Encoder& out) { out.map(2).integer(1).integer(kA128Ctr).integer(5).bytes(Bytes(size)); });
    EXPECT_EQ(refusal(parts), Error::kCborMalformed) << size;
  }
  EncryptParts parts = with({ecdh()});
  parts.unprotected_map = algorithm_map(kA128Ctr);
  EXPECT_EQ(refusal(parts), Error::kCborMalformed);
}

TEST_F(CoseEncrypt, EphemeralKeysThatAreNone) {
  RecipientParts recipient = ecdh();
  recipient.unprotected_map = {0xA0};
  EXPECT_EQ(refusal_of(recipient), Error::kBadKey);
  auto point = ephemeral_.public_key();
  point[40] ^= 1;  // off the curve
  recipient.unprotected_map = cbor_of([&](cbor::Encoder& out) { out.map(1).integer(-1).raw(ec2_key(point)); });
  EXPECT_EQ(refusal_of(recipient), Error::kBadKey);
  recipient.unprotected_map = cbor_of([](cbor::Encoder& out) {
    out.map(1).integer(-1).map(3).integer(1).integer(2).integer(-1).integer(1).integer(-2).bytes(Bytes(32));
  });
  EXPECT_EQ(refusal_of(recipient), Error::kBadKey);
  recipient.unprotected_map = cbor_of([](cbor::Encoder& out) {  // P-384
    out.map(1).integer(-1).map(4).integer(1).integer(2).integer(-1).integer(2);
    out.integer(-2).bytes(Bytes(48)).integer(-3).bytes(Bytes(48));
  });
  EXPECT_EQ(refusal_of(recipient), Error::kBadKey);
}

TEST_F(CoseEncrypt, WrappedKeyOfAnotherLength) {
  for (const std::size_t size : {0U, 16U, 23U, 25U, 40U}) {
    RecipientParts recipient = key_wrap();
    recipient.wrapped_key.resize(size);
    EXPECT_EQ(refusal_of(recipient), Error::kUnwrapFailed) << size;
  }
}

TEST_F(CoseEncrypt, T9_RecipientsAreBounded) {
  const auto other = key_wrap_recipient(AesKey{}, kContentKey);
  std::vector<RecipientParts> recipients(7, other);
  recipients.push_back(key_wrap());
  EXPECT_TRUE(opens(with(recipients)));
  recipients.push_back(other);
  EXPECT_EQ(refusal(with(recipients)), Error::kCborTooMany);
}

TEST_F(CoseEncrypt, OtherMessagesAreRefused) {
  EncryptParts parts = with({ecdh()});
  parts.tag = 16;
  EXPECT_EQ(refusal(parts), Error::kCborWrongType);
  parts = with({ecdh()});
  parts.ciphertext = {0x41, 0x00};
  EXPECT_EQ(refusal(parts), Error::kCborWrongType);
  Bytes message = encode(with({ecdh()}));
  message.push_back(0xF6);
  EXPECT_EQ(open_encrypt(message, keys_).error(), Error::kCborTrailingData);
}

}  // namespace
}  // namespace ferry::cose
