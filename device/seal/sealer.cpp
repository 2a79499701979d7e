#include "device/seal/sealer.h"

#include "device/cbor/encoder.h"

namespace ferry::seal {
namespace {

constexpr std::uint64_t kTagEncrypt0 = 16;
constexpr std::int64_t kLabelPartialIv = 6;
constexpr std::array<std::uint8_t, 3> kProtected = {0xA1, 0x01, 0x0A};  // {1: 10}: AES-CCM-16-64-128
constexpr std::uint32_t kLast = 0U - kLeap;                             // no number of a series is as high
constexpr std::size_t kRecord = 8;
constexpr std::size_t kMaxLeaf = 8;

using PartialIv = std::array<std::uint8_t, kPartialIvSize>;

PartialIv partial_iv(std::uint32_t series, std::uint32_t number) {
  PartialIv iv{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t shift = 24 - 8 * i;
    iv[i] = static_cast<std::uint8_t>(series >> shift);
    iv[4 + i] = static_cast<std::uint8_t>(number >> shift);
  }
  return iv;
}

// RFC 9052, 3.1: the partial IV, padded on the left, combined with the context IV, which is the front of the device id.
crypto::CcmNonce nonce(const Uuid& device, const PartialIv& partial) {
  crypto::CcmNonce nonce{};
  copy(device, nonce);
  for (std::size_t i = 0; i < partial.size(); ++i) {
    nonce[nonce.size() - partial.size() + i] ^= partial[i];
  }
  return nonce;
}

// RFC 9052, 5.3: what the tag covers besides the message.
Result<ByteView> enc_structure(const Uuid& device, std::string_view leaf, ByteSpan buffer) {
  cbor::Encoder encoder(buffer);
  encoder.array(3).text("Encrypt0").bytes(kProtected);
  encoder.bytes_head(device.size() + leaf.size()).raw(device).raw(as_bytes(leaf));
  return encoder.finish();
}

}  // namespace

Result<ByteView> Sealer::seal(Channel channel, ByteView message, ByteSpan buffer) {
  if (buffer.size() < message.size() + kOverhead || message.size() > UINT16_MAX) {
    return fail(Error::kNoSpace);
  }
  FERRY_TRY(provide_number());
  const PartialIv partial = partial_iv(series_, next_);
  ++next_;  // before anything is made with it
  cbor::Encoder encoder(buffer);
  const std::size_t sealed_size = message.size() + crypto::kCcmTagSize;
  encoder.tag(kTagEncrypt0).array(3).bytes(kProtected).map(1).integer(kLabelPartialIv).bytes(partial);
  encoder.bytes_head(sealed_size);
  std::array<std::uint8_t, 32 + sizeof(Uuid) + kMaxLeaf> covered{};
  FERRY_TRY_ASSIGN(const ByteView structure, enc_structure(device_, name(channel), covered));
  const ByteSpan sealed = buffer.subspan(encoder.size(), sealed_size);
  FERRY_TRY(crypto::seal_ccm(key_, nonce(device_, partial), structure, message, sealed));
  return ByteView(buffer.first(encoder.size() + sealed_size));
}

Status Sealer::provide_number() {
  if (failed_ != Error{}) {
    return fail(failed_);
  }
  if (end_ == 0) {
    take_up();
  }
  if (next_ < end_) {
    return ok();
  }
  const Status reserved = reserve();
  failed_ = reserved.error();
  return reserved;
}

// Where the session before left off. Its last record may be gone without a trace, when it rotted as the last thing in
// the journal: hence one leap more.
void Sealer::take_up() {
  std::array<std::uint8_t, kRecord> record{};
  const auto kept = journal_.get(Tag::kSeal, record);
  if (!kept || kept->size() != kRecord || journal_.lost_records()) {
    return;
  }
  const std::uint32_t reserved = load_le32(ByteView(record).subspan(4));
  if (reserved != 0 && reserved < kLast - kLeap && reserved % kLeap == 0) {
    series_ = load_le32(record);
    next_ = end_ = reserved + kLeap;
  }
}

Status Sealer::begin_series() {
  std::array<std::uint8_t, 4> drawn{};
  FERRY_TRY(entropy_.fill(drawn));
  series_ = load_le32(drawn);
  next_ = 0;
  end_ = 0;
  return ok();
}

// A journal that takes nothing any more is no reason to fall silent: the whole of a new series is for this session, and
// the next one finds the record before, or draws anew.
Status Sealer::reserve() {
  if (end_ == 0 || end_ >= kLast) {
    FERRY_TRY(begin_series());
  }
  const std::uint32_t end = end_ + kLeap;
  std::array<std::uint8_t, kRecord> record{};
  store_le32(record, series_);
  store_le32(ByteSpan(record).subspan(4), end);
  if (journal_.put(Tag::kSeal, record)) {
    end_ = end;
    return ok();
  }
  FERRY_TRY(begin_series());
  end_ = kLast;
  return ok();
}

}  // namespace ferry::seal
