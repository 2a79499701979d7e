// P-256 keys in PEM files: the release key that signs manifests, and the class key that payloads are encrypted to.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "device/crypto/crypto.h"
#include "host/bytes.h"

struct evp_pkey_st;

namespace ferry::host {

class EcPublicKey {
 public:
  // Throws Failure where `pem` (SPKI) is no P-256 public key; `name` says whose, for the message. A private key is
  // refused as well: where a public one belongs, a private one is a mistake.
  [[nodiscard]] static EcPublicKey from_pem(std::string_view pem, std::string_view name);
  [[nodiscard]] static EcPublicKey from_point(const P256PublicKey& point);
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] P256PublicKey point() const;  // uncompressed
  // `signature` is r || s.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;

 private:
  friend class EcPrivateKey;
  explicit EcPublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class EcPrivateKey {
 public:
  [[nodiscard]] static EcPrivateKey generate();
  // Throws Failure where `pem` (PKCS#8 or SEC 1, not encrypted) is no P-256 private key.
  [[nodiscard]] static EcPrivateKey from_pem(std::string_view pem, std::string_view name);
  [[nodiscard]] static EcPrivateKey from_scalar(const P256PrivateKey& scalar);
  [[nodiscard]] std::string to_pem() const;  // PKCS#8
  [[nodiscard]] P256PrivateKey scalar() const;
  [[nodiscard]] EcPublicKey public_key() const;
  // ECDSA with SHA-256, r || s, 64 bytes.
  [[nodiscard]] Bytes sign(ByteView message) const;
  // The x coordinate of the shared point, 32 bytes.
  [[nodiscard]] Bytes agree(const EcPublicKey& peer) const;

 private:
  explicit EcPrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace ferry::host
