#include "host/packed/account.h"

#include <memory>

#include "device/coding/bit_decoder.h"
#include "device/coding/in_memory.h"
#include "device/packed/codec.h"
#include "device/payload/container.h"
#include "host/failure.h"
#include "host/packed/container.h"
#include "host/packed/converted.h"
#include "host/packed/prices.h"

namespace ferry::host::packed {
namespace {

// A decoder that adds up what each decision costs.
class CountingCoder {
 public:
  explicit CountingCoder(ferry::coding::ByteReader& source) : decoder_(source) {}
  [[nodiscard]] bool code(bool bit, std::uint32_t probability) {
    return counter_.code(decoder_.code(bit, probability), probability);
  }
  // Bytes since the last call.
  [[nodiscard]] double spent() { return counter_.take() / (8.0 * kBit); }

 private:
  ferry::coding::BitDecoder decoder_;
  PriceCoder counter_;
};

// As the decoder of device/packed, with the image known.
class Accountant {
 public:
  Accountant(const Bytes& bytes, ByteView code)
      : bytes_(bytes),
        source_(code),
        reader_(source_),
        coder_(reader_),
        history_(bytes),
        codec_(coder_, memory_->tables(), history_, past_, static_cast<std::uint32_t>(bytes.size())) {}

  PackedParts count() {
    PackedParts parts;
    while (past_.place.at() < bytes_.size()) {
      Unit unit = codec_.unit({});
      if (unit.kind == UnitKind::kByte) {
        (void)codec_.byte(0);
      } else if (unit.kind == UnitKind::kHalf) {
        std::array<std::uint8_t, 4> out{};
        unit.length = codec_.half(out, {});
      }
      for (std::uint32_t i = 0; i < unit.length; ++i) {
        codec_.took(bytes_[past_.place.at()]);
      }
      codec_.finished(unit);
      parts.of(unit.kind).add(unit.length, coder_.spent());
    }
    return parts;
  }

 private:
  using Unit = ferry::packed::Unit;
  using UnitKind = ferry::packed::UnitKind;

  const Bytes& bytes_;
  ferry::coding::BytesInMemory source_;
  ferry::coding::ByteReader reader_;
  CountingCoder coder_;
  ferry::packed::History history_;
  ferry::packed::Past past_;
  std::unique_ptr<ferry::packed::Memory> memory_ = std::make_unique<ferry::packed::Memory>();
  ferry::packed::Codec<CountingCoder> codec_;
};

}  // namespace

Account account_of(ByteView payload) {
  const Bytes image = unpack(payload);  // from here on it is known to be whole
  const ByteView body = payload.subspan(payload::kHeaderSize);
  Account account{.header = ferry::packed::decode_header(body).value(),
                  .header_bytes = payload::kHeaderSize + ferry::packed::kHeaderSize};
  const Bytes bytes = converted(image, account.header.branches);
  account.parts = Accountant(bytes, body.subspan(ferry::packed::kHeaderSize)).count();
  return account;
}

}  // namespace ferry::host::packed
