// The device's own verifier and decryptor are the judges.
#include "host/suit_cose.h"

#include <gtest/gtest.h>

#include "device/cbor/decoder.h"
#include "device/cose/cose.h"
#include "host/crypto.h"
#include "host/diagnostic.h"

namespace ferry::host {
namespace {

class HostCose : public testing::Test {
 protected:
  HostCose() { EXPECT_TRUE(crypto::start()); }
};

TEST_F(HostCose, DeviceOpensWhatTheHostEncrypted) {
  const EcPrivateKey device = EcPrivateKey::generate();
  for (const std::size_t size : {1U, 16U, 4097U}) {
    const Bytes plain(size, 0x77);
    const EncryptedPayload payload = encrypt_payload(plain, device.public_key().point());
    EXPECT_NE(payload.ciphertext, plain);
    const auto key = cose::open_encrypt(payload.encryption_info, {.ecdh = device.scalar(), .key_encryption = {}});
    ASSERT_TRUE(key.has_value()) << name(key.error());
    EXPECT_EQ(aes_ctr(key->key, key->iv, payload.ciphertext), plain);
  }
}

TEST_F(HostCose, AnotherDeviceDoesNot) {
  const EncryptedPayload payload = encrypt_payload(Bytes(10), EcPrivateKey::generate().public_key().point());
  const auto key =
      cose::open_encrypt(payload.encryption_info, {.ecdh = EcPrivateKey::generate().scalar(), .key_encryption = {}});
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error(), Error::kUnwrapFailed);
}

TEST_F(HostCose, EveryPayloadHasKeysOfItsOwn) {
  const P256PublicKey recipient = EcPrivateKey::generate().public_key().point();
  const EncryptedPayload a = encrypt_payload(Bytes(64), recipient);
  const EncryptedPayload b = encrypt_payload(Bytes(64), recipient);
  EXPECT_NE(a.ciphertext, b.ciphertext);
  EXPECT_NE(a.encryption_info, b.encryption_info);
}

// Takes the one COSE_Sign1 out of an envelope.
Bytes signature_block(ByteView envelope) {
  cbor::Decoder in(envelope);
  EXPECT_EQ(in.read_tag().value(), 107U);
  EXPECT_EQ(in.read_map().value(), 2U);
  EXPECT_EQ(in.read_unsigned().value(), 2U);
  cbor::Decoder wrapper(in.read_bytes().value());
  EXPECT_EQ(wrapper.read_array().value(), 2U);
  EXPECT_TRUE(wrapper.read_bytes().has_value());
  return to_bytes(wrapper.read_bytes().value());
}

TEST_F(HostCose, DeviceVerifiesWhatTheHostSigned) {
  const EcPrivateKey key = EcPrivateKey::generate();
  const Bytes manifest = {0xA1, 0x01, 0x01};
  const Bytes block = signature_block(sign_envelope(manifest, key));
  Bytes digest = {0x82, 0x2F, 0x58, 0x20};
  const Sha256Digest hash = manifest_digest(manifest);
  digest.insert(digest.end(), hash.begin(), hash.end());
  const std::array<cose::TrustAnchor, 1> right = {{{.algorithm = cose::kEsp256, .key = key.public_key().point()}}};
  EXPECT_TRUE(cose::verify_sign1(block, digest, right).has_value());
  const std::array<cose::TrustAnchor, 1> wrong = {
      {{.algorithm = cose::kEsp256, .key = EcPrivateKey::generate().public_key().point()}}};
  EXPECT_FALSE(cose::verify_sign1(block, digest, wrong).has_value());
}

TEST_F(HostCose, SignatureStructureIsTheDrafts) {
  const Bytes structure = signature_structure(Bytes{0xA0});
  EXPECT_EQ(diagnose(structure),
            "[\"Signature1\", <<{1: -9}>>, h'', <<[-16, h'" + to_hex(sha256(Bytes{0x41, 0xA0})) + "']>>]");
}

TEST_F(HostCose, SeveredMembersStandBehindTheManifest) {
  const Bytes envelope = sign_envelope(Bytes{0xA0}, EcPrivateKey::generate(), {{.label = 23, .content = {0x80}}});
  EXPECT_NE(diagnose(envelope).find("3: h'a0', 23: h'80'})"), std::string::npos) << diagnose(envelope);
}

}  // namespace
}  // namespace ferry::host
