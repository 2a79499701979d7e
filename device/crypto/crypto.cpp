#include "device/crypto/crypto.h"

#include <algorithm>

namespace ferry::crypto {
namespace {

// A volatile PSA key that is destroyed with the object, on every path.
class ImportedKey {
 public:
  ImportedKey(psa_key_type_t type, psa_key_usage_t usage, psa_algorithm_t algorithm, ByteView key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, type);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, algorithm);
    status_ = psa_import_key(&attributes, key.data(), key.size(), &id_);
    psa_reset_key_attributes(&attributes);
  }
  ~ImportedKey() {
    if (status_ == PSA_SUCCESS) {
      psa_destroy_key(id_);
    }
  }
  ImportedKey(const ImportedKey&) = delete;
  ImportedKey& operator=(const ImportedKey&) = delete;

  [[nodiscard]] bool valid() const { return status_ == PSA_SUCCESS; }
  [[nodiscard]] psa_key_id_t id() const { return id_; }

 private:
  psa_key_id_t id_ = 0;
  psa_status_t status_ = PSA_ERROR_GENERIC_ERROR;
};

constexpr psa_algorithm_t kEcdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kEcb = PSA_ALG_ECB_NO_PADDING;
constexpr std::size_t kHashBlock = 64;  // of SHA-256, which HMAC fills with its key
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5C;
constexpr std::size_t kWrappedSize = 24;
constexpr std::size_t kBlock = std::tuple_size_v<AesBlock>;
constexpr std::size_t kHalf = kBlock / 2;
constexpr std::uint8_t kWrapSteps = 12;
constexpr std::uint8_t kWrapCheck = 0xA6;

Status check(psa_status_t status) {
  return status == PSA_SUCCESS ? ok() : fail(Error::kCryptoFailure);
}

void wipe(ByteSpan secret) {
  volatile std::uint8_t* bytes = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) {
    bytes[i] = 0;
  }
}

// Hash of the padded key, `first` and `second`.
Result<Sha256Digest> hash_padded(std::span<const std::uint8_t, kHashBlock> key, std::uint8_t pad, ByteView first,
                                 ByteView second) {
  std::array<std::uint8_t, kHashBlock> block{};
  std::ranges::transform(key, block.begin(),
                         [pad](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ pad); });
  Sha256 hash;
  const Status padded = hash.update(block);
  wipe(block);
  FERRY_TRY(padded);
  FERRY_TRY(hash.update(first));
  FERRY_TRY(hash.update(second));
  return hash.finish();
}

// Of `first` and `second`, one behind the other. RFC 2104 over the hash: for a MAC of its own PSA brings 1.5 KiB of
// code.
Result<Sha256Digest> hmac(ByteView key, ByteView first, ByteView second) {
  std::array<std::uint8_t, kHashBlock> padded{};
  if (key.size() <= padded.size()) {
    copy(key, padded);
  } else {
    FERRY_TRY_ASSIGN(const Sha256Digest digest, sha256(key));
    copy(digest, padded);
  }
  Result<Sha256Digest> mac = hash_padded(padded, kInnerPad, first, second);
  if (mac) {
    mac = hash_padded(padded, kOuterPad, *mac, {});
  }
  wipe(padded);
  return mac;
}

// CBC-MAC with AES-128 (RFC 3610, 2.2).
class CbcMac {
 public:
  explicit CbcMac(const AesKey& key)
      : key_(PSA_KEY_TYPE_AES, PSA_KEY_USAGE_ENCRYPT, kEcb, key), operation_(psa_cipher_operation_init()) {}
  ~CbcMac() { psa_cipher_abort(&operation_); }
  CbcMac(const CbcMac&) = delete;
  CbcMac& operator=(const CbcMac&) = delete;

  [[nodiscard]] Status start() { return check(psa_cipher_encrypt_setup(&operation_, key_.id(), kEcb)); }
  [[nodiscard]] Status add(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      state_[used_++] ^= byte;
      if (used_ == state_.size()) {
        FERRY_TRY(pad());
      }
    }
    return ok();
  }
  // Zeros up to a whole block.
  [[nodiscard]] Status pad() {
    if (used_ == 0) {
      return ok();
    }
    used_ = 0;
    std::size_t length = 0;
    return check(psa_cipher_update(&operation_, state_.data(), state_.size(), state_.data(), state_.size(), &length));
  }
  [[nodiscard]] ByteView value() const { return state_; }

 private:
  ImportedKey key_;
  psa_cipher_operation_t operation_;
  AesBlock state_{};
  std::size_t used_ = 0;
};

// A block of CCM: flags, nonce, and a number of two bytes.
AesBlock ccm_block(std::uint8_t flags, const CcmNonce& nonce, std::size_t number) {
  AesBlock block{flags};
  copy(nonce, ByteSpan(block).subspan(1));
  block[14] = static_cast<std::uint8_t>(number >> 8);
  block[15] = static_cast<std::uint8_t>(number);
  return block;
}

// A frame of its own, so that this and the encryption behind it do not hold their keys at once.
[[gnu::noinline]] Status ccm_mac(const AesKey& key, const CcmNonce& nonce, ByteView covered, ByteView message,
                                 ByteSpan mac) {
  constexpr std::uint8_t flags = 0x59;  // something is covered; 8 bytes of tag; a length of 2 bytes
  const std::array<std::uint8_t, 2> covered_size = {static_cast<std::uint8_t>(covered.size() >> 8),
                                                    static_cast<std::uint8_t>(covered.size())};
  CbcMac cbc(key);
  FERRY_TRY(cbc.start());
  FERRY_TRY(cbc.add(ccm_block(flags, nonce, message.size())));
  FERRY_TRY(cbc.add(covered_size));
  FERRY_TRY(cbc.add(covered));
  FERRY_TRY(cbc.pad());
  FERRY_TRY(cbc.add(message));
  FERRY_TRY(cbc.pad());
  copy(cbc.value(), mac);
  return ok();
}

// One of the twelve steps of RFC 3394, 2.2.2. `state`: check value, then the two halves of the key.
Status unwrap_step(psa_key_id_t key, std::uint8_t step, std::span<std::uint8_t, kWrappedSize> state) {
  const ByteSpan half = state.subspan(step % 2 == 0 ? 2 * kHalf : kHalf, kHalf);
  AesBlock block{};
  AesBlock plain{};
  copy(state.first(kHalf), block);
  block[kHalf - 1] ^= step;
  copy(half, ByteSpan(block).subspan(kHalf));
  std::size_t length = 0;
  FERRY_TRY(check(psa_cipher_decrypt(key, kEcb, block.data(), block.size(), plain.data(), plain.size(), &length)));
  copy(ByteView(plain).first(kHalf), state);
  copy(ByteView(plain).subspan(kHalf), half);
  wipe(plain);
  return ok();
}

}  // namespace

Status start() {
  return check(psa_crypto_init());
}

Sha256::Sha256() : operation_(psa_hash_operation_init()) {}

Sha256::~Sha256() {
  psa_hash_abort(&operation_);
}

Status Sha256::restart() {
  FERRY_TRY(crypto::start());
  psa_hash_abort(&operation_);
  started_ = psa_hash_setup(&operation_, PSA_ALG_SHA_256) == PSA_SUCCESS;
  return started_ ? ok() : fail(Error::kCryptoFailure);
}

Status Sha256::update(ByteView bytes) {
  if (!started_) {
    FERRY_TRY(restart());
  }
  return check(psa_hash_update(&operation_, bytes.data(), bytes.size()));
}

Result<Sha256Digest> Sha256::finish() {
  if (!started_) {
    FERRY_TRY(restart());
  }
  started_ = false;
  Sha256Digest digest{};
  std::size_t length = 0;
  FERRY_TRY(check(psa_hash_finish(&operation_, digest.data(), digest.size(), &length)));
  return digest;
}

Result<Sha256Digest> sha256(ByteView bytes) {
  Sha256 hash;
  FERRY_TRY(hash.update(bytes));
  return hash.finish();
}

AesCtr::AesCtr() : operation_(psa_cipher_operation_init()) {}

AesCtr::~AesCtr() {
  psa_cipher_abort(&operation_);
  psa_destroy_key(key_);  // 0 is allowed, and does nothing
}

Status AesCtr::start(const AesKey& key, const AesBlock& iv) {
  FERRY_TRY(crypto::start());
  psa_cipher_abort(&operation_);
  psa_destroy_key(key_);
  key_ = 0;
  used_ = 0;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT);
  psa_set_key_algorithm(&attributes, PSA_ALG_CTR);
  FERRY_TRY(check(psa_import_key(&attributes, key.data(), key.size(), &key_)));
  FERRY_TRY(check(psa_cipher_encrypt_setup(&operation_, key_, PSA_ALG_CTR)));
  return check(psa_cipher_set_iv(&operation_, iv.data(), iv.size()));
}

// mbedTLS works in place on whole blocks alone, and only while it stands between two blocks: what is left over at
// either end goes through a block of its own.
Status AesCtr::apply(ByteView in, ByteSpan out) {
  if (in.size() != out.size()) {
    return fail(Error::kInvalidArgument);
  }
  const std::size_t head = std::min((kBlock - used_) % kBlock, in.size());
  const std::size_t whole = (in.size() - head) / kBlock * kBlock;
  FERRY_TRY(apply_part(in.first(head), out.first(head)));
  FERRY_TRY(update(in.subspan(head, whole), out.subspan(head, whole)));
  return apply_part(in.subspan(head + whole), out.subspan(head + whole));
}

Status AesCtr::apply_part(ByteView in, ByteSpan out) {
  AesBlock block{};
  const ByteSpan part = ByteSpan(block).first(in.size());
  FERRY_TRY(update(in, part));
  copy(part, out);
  wipe(block);
  used_ = (used_ + in.size()) % kBlock;
  return ok();
}

Status AesCtr::update(ByteView in, ByteSpan out) {
  if (in.empty()) {
    return ok();
  }
  std::size_t length = 0;
  FERRY_TRY(check(psa_cipher_update(&operation_, in.data(), in.size(), out.data(), out.size(), &length)));
  return length == in.size() ? ok() : fail(Error::kCryptoFailure);
}

// Over the block cipher and counter mode that are there: docs/decisions/sealed.md.
Status seal_ccm(const AesKey& key, const CcmNonce& nonce, ByteView covered, ByteView message, ByteSpan out) {
  constexpr std::size_t longest_covered = 0xFEFF;  // longer ones have another form of length
  if (out.size() != message.size() + kCcmTagSize || message.size() > UINT16_MAX || covered.empty() ||
      covered.size() > longest_covered) {
    return fail(Error::kInvalidArgument);
  }
  FERRY_TRY(start());
  AesBlock mac{};
  FERRY_TRY(ccm_mac(key, nonce, covered, message, mac));
  AesCtr cipher;
  FERRY_TRY(cipher.start(key, ccm_block(1, nonce, 0)));
  FERRY_TRY(cipher.apply(mac, mac));
  copy(ByteView(mac).first(kCcmTagSize), out.last(kCcmTagSize));
  return cipher.apply(message, out.first(message.size()));
}

Status verify_p256(const P256PublicKey& key, ByteView message, ByteView signature) {
  FERRY_TRY(start());
  const ImportedKey imported(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), PSA_KEY_USAGE_VERIFY_HASH, kEcdsa,
                             key);
  if (!imported.valid()) {
    return fail(Error::kBadKey);
  }
  FERRY_TRY_ASSIGN(const Sha256Digest digest, sha256(message));
  const psa_status_t status =
      psa_verify_hash(imported.id(), kEcdsa, digest.data(), digest.size(), signature.data(), signature.size());
  return status == PSA_SUCCESS ? ok() : fail(Error::kBadSignature);
}

// One block of expansion is enough for 16 bytes.
Result<AesKey> hkdf_sha256(ByteView secret, ByteView info) {
  constexpr Sha256Digest no_salt{};
  constexpr std::array<std::uint8_t, 1> first_block{1};
  FERRY_TRY_ASSIGN(Sha256Digest pseudorandom, hmac(no_salt, secret, {}));
  Result<Sha256Digest> block = hmac(pseudorandom, info, first_block);
  wipe(pseudorandom);
  FERRY_TRY(block);
  AesKey derived{};
  copy(*block, derived);
  wipe(*block);
  return derived;
}

Result<AesKey> agree_p256(const P256PrivateKey& key, const P256PublicKey& peer, ByteView info) {
  FERRY_TRY(start());
  const ImportedKey imported(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH,
                             key);
  if (!imported.valid()) {
    return fail(Error::kBadKey);
  }
  std::array<std::uint8_t, 32> secret{};
  std::size_t length = 0;
  const psa_status_t status = psa_raw_key_agreement(PSA_ALG_ECDH, imported.id(), peer.data(), peer.size(),
                                                    secret.data(), secret.size(), &length);
  if (status != PSA_SUCCESS) {
    return fail(Error::kBadKey);
  }
  auto derived = hkdf_sha256(ByteView(secret).first(length), info);
  wipe(secret);
  return derived;
}

// RFC 3394, 2.2.2, for two blocks: PSA has no key wrap in mbedTLS 2.28, and not every build of it has nist_kw.h.
Result<AesKey> unwrap_key(const AesKey& key_encryption_key, ByteView wrapped) {
  FERRY_TRY(start());
  if (wrapped.size() != kWrappedSize) {
    return fail(Error::kUnwrapFailed);
  }
  const ImportedKey imported(PSA_KEY_TYPE_AES, PSA_KEY_USAGE_DECRYPT, kEcb, key_encryption_key);
  if (!imported.valid()) {
    return fail(Error::kCryptoFailure);
  }
  std::array<std::uint8_t, kWrappedSize> state{};
  copy(wrapped, state);
  for (std::uint8_t step = kWrapSteps; step >= 1; --step) {
    FERRY_TRY(unwrap_step(imported.id(), step, state));
  }
  const bool good = std::ranges::all_of(ByteView(state).first(kHalf), [](auto byte) { return byte == kWrapCheck; });
  AesKey key{};
  if (good) {
    copy(ByteView(state).subspan(kHalf), key);
  }
  wipe(state);
  return good ? Result<AesKey>(key) : fail(Error::kUnwrapFailed);
}

Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message) {
  return key.empty() ? fail(Error::kBadKey) : hmac(key, message, {});
}

}  // namespace ferry::crypto
