#include "servers/hub/seal.h"

#include <algorithm>

#include "device/cbor/encoder.h"
#include "device/cbor/reader.h"
#include "host/crypto.h"

namespace ferry::hub {

using host::Bytes;

namespace {

constexpr std::uint8_t kFirstByte = 0xD0;  // tag 16: COSE_Encrypt0
constexpr std::uint64_t kTagEncrypt0 = 16;
constexpr std::int64_t kLabelPartialIv = 6;
constexpr std::size_t kPartialIv = 8;                                   // series and number
constexpr std::array<std::uint8_t, 3> kProtected = {0xA1, 0x01, 0x0A};  // {1: 10}: AES-CCM-16-64-128
constexpr std::int64_t kLeap = 256;                                     // numbers that a device reserves at a time
constexpr std::int64_t kWindow = 64;                                    // numbers that are looked back on

struct Parts {
  ByteView partial_iv;
  ByteView ciphertext;
};

std::optional<Parts> read(ByteView sealed) {
  cbor::Reader reader(sealed);
  Parts parts;
  reader.require(reader.tag() == kTagEncrypt0, Error::kCborWrongType);
  reader.array(3);
  reader.require(equal(reader.bytes(), kProtected), Error::kUnknownAlgorithm);
  reader.require(reader.map() == 1 && reader.integer() == kLabelPartialIv, Error::kCborMalformed);
  parts.partial_iv = reader.bytes();
  reader.require(parts.partial_iv.size() == kPartialIv, Error::kCborMalformed);
  parts.ciphertext = reader.bytes();
  reader.end();
  return reader.good() ? std::optional(parts) : std::nullopt;
}

std::int64_t big_endian(ByteView bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = (value << 8) | byte;
  }
  return value;
}

// RFC 9052, 3.1: the partial IV, padded on the left, on the context IV, which is the front of the device id.
crypto::CcmNonce nonce(const Uuid& device, ByteView partial) {
  crypto::CcmNonce nonce{};
  copy(device, nonce);
  for (std::size_t i = 0; i < partial.size(); ++i) {
    nonce[nonce.size() - partial.size() + i] ^= partial[i];
  }
  return nonce;
}

// RFC 9052, 5.3. A topic's leaf is short.
Bytes covered(const Uuid& device, std::string_view leaf) {
  Bytes external(device.begin(), device.end());
  external.insert(external.end(), leaf.begin(), leaf.end());
  Bytes buffer(external.size() + 32);
  cbor::Encoder encoder(buffer);
  encoder.array(3).text("Encrypt0").bytes(kProtected).bytes(external);
  return host::to_bytes(encoder.finish().value());
}

// Names a key in the store without giving it away.
std::string id_of(const AesKey& key) {
  constexpr std::size_t kIdBytes = 8;
  Bytes named = host::to_bytes(as_bytes("ferry seal key"));
  named.insert(named.end(), key.begin(), key.end());
  return host::to_hex(ByteView(host::sha256(named)).first(kIdBytes));
}

int digit_of(char c) {
  const std::size_t found = std::string_view("0123456789abcdef").find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

}  // namespace

std::optional<SealKey> parse_seal_key(std::string_view text) {
  SealKey key;
  if (text.size() != 2 * key.key.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < key.key.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    key.key[i] = static_cast<std::uint8_t>((high << 4) | low);
  }
  key.id = id_of(key.key);
  return key;
}

bool looks_sealed(ByteView message) {
  return !message.empty() && message[0] == kFirstByte;
}

tl::expected<Unsealed, Refusal> unseal(ByteView sealed, const SealKey& key, const Uuid& device, std::string_view leaf) {
  const auto parts = read(sealed);
  if (!parts) {
    return tl::unexpected(Refusal::kBadSeal);
  }
  auto message = host::open_ccm(key.key, nonce(device, parts->partial_iv), covered(device, leaf), parts->ciphertext);
  if (!message) {
    return tl::unexpected(Refusal::kBadSeal);
  }
  return Unsealed{.message = std::move(*message),
                  .number = {.key = key.id,
                             .series = big_endian(parts->partial_iv.first(4)),
                             .number = big_endian(parts->partial_iv.last(4))}};
}

SealState first_of_series(std::int64_t number) {
  return {.highest = number, .seen = 1, .received = 1};
}

std::optional<SealState> enter_number(const SealState& state, std::int64_t number) {
  SealState next = state;
  ++next.received;
  if (number > state.highest) {
    // A device begins at a multiple of kLeap after a reset: what lies between may never have been used.
    const std::int64_t used_from = std::max(state.highest + 1, number - number % kLeap);
    const std::int64_t step = number - state.highest;
    next.missing += number - used_from;
    next.highest = number;
    next.seen = step < kWindow ? (state.seen << step) | 1U : 1U;
    return next;
  }
  const std::int64_t back = state.highest - number;
  if (back >= kWindow || ((state.seen >> back) & 1U) != 0) {
    return std::nullopt;
  }
  next.seen |= std::uint64_t{1} << back;
  next.missing -= number / kLeap == state.highest / kLeap && next.missing > 0 ? 1 : 0;
  return next;
}

}  // namespace ferry::hub
