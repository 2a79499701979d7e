#include "host/delta/account.h"

#include <cmath>
#include <memory>

#include "device/coding/bit_decoder.h"
#include "device/delta/codec.h"
#include "device/delta/in_memory.h"
#include "device/payload/container.h"
#include "host/delta/container.h"
#include "host/delta/modes.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::MemoryClass;
using ferry::delta::Word;

// A decoder that adds up what each decision costs: the less probable, the more.
class CountingCoder {
 public:
  explicit CountingCoder(ferry::coding::ByteReader& source) : decoder_(source) {}
  [[nodiscard]] bool code(bool bit, std::uint32_t probability) {
    const bool decoded = decoder_.code(bit, probability);
    const double share = (decoded ? probability : 65536.0 - probability) / 65536.0;
    bits_ -= std::log2(share);
    first_ = first_.value_or(decoded);
    return decoded;
  }
  // Bytes since the last call.
  [[nodiscard]] double spent() {
    const double bytes = bits_ / 8;
    bits_ = 0;
    first_.reset();
    return bytes;
  }
  // The first decision since then: of a copied unit, whether it is as predicted.
  [[nodiscard]] bool first() const { return first_.value_or(true); }

 private:
  ferry::coding::BitDecoder decoder_;
  double bits_ = 0;
  std::optional<bool> first_;
};

Unit unit_of(ferry::delta::Operand operand) {
  switch (operand) {
    case ferry::delta::Operand::kBranch:
      return Unit::kBranch;
    case ferry::delta::Operand::kInside:
      return Unit::kImageAddress;
    case ferry::delta::Operand::kOutside:
      return Unit::kRamAddress;
    default:
      return Unit::kByte;
  }
}

// As the decoder of device/delta, with the new image known.
class Accountant {
 public:
  // `body`: the patch behind its header.
  Accountant(ByteView old, ByteView fresh, ByteView body, Account& account)
      : old_(old),
        fresh_(fresh),
        account_(account),
        instructions_(account.header, body),
        source_(body.subspan(instructions_.bytes())) {
    account_.header_bytes += instructions_.bytes();
  }

  void run() {
    if (!codec_.address_map({})) {
      throw Failure("the delta is damaged: it has too many blocks");
    }
    account_.map_bytes = coder_.spent();
    while (at_ < fresh_.size()) {
      take_piece(codec_.piece(at_, {}));
    }
  }

 private:
  void take_piece(const ferry::delta::Piece& piece) {
    BlockAccount block{.at = at_, .literals = piece.literals, .old_start = piece.old_start, .copied = piece.length};
    block.command_bytes = coder_.spent();
    for (std::uint32_t i = 0; i < piece.literals; ++i) {
      (void)codec_.literal(at_++, 0);
    }
    block.literal_bytes = coder_.spent();
    for (std::uint32_t done = 0; done < piece.length;) {
      done += take_unit(block, piece.old_start + done, piece.length - done);
    }
    account_.command_bytes += block.command_bytes;
    account_.literal_bytes += block.literal_bytes;
    account_.blocks.push_back(block);
  }

  std::uint32_t take_unit(BlockAccount& block, std::uint32_t from, std::uint32_t left) {
    Word word{};
    ferry::copy(old_.subspan(from, std::min<std::size_t>(left, word.size())), word);
    Word made{};
    const ferry::delta::Step step = codec_.copy(at_, from, left, made, {});
    const std::size_t size = step.size;
    UnitAccount& unit = account_.units[static_cast<std::size_t>(unit_of(step.operand))];
    const bool as_predicted = coder_.first();
    const double bytes = coder_.spent();
    const std::size_t count = step.operand != ferry::delta::Operand::kNone ? 1 : size;  // words, or bytes
    unit.count += count;
    unit.as_predicted += as_predicted ? count : 0;
    unit.bytes += bytes;
    unit.bytes_of_surprises += as_predicted ? 0 : bytes;
    block.copy_bytes += bytes;
    for (std::size_t i = 0; i < size; ++i) {
      block.changed += word[i] != made[i] ? 1 : 0;
    }
    at_ += static_cast<std::uint32_t>(size);
    return static_cast<std::uint32_t>(size);
  }

  ByteView old_;
  ByteView fresh_;
  Account& account_;
  PatchInstructions instructions_;
  ferry::delta::PatchInMemory source_;
  ferry::coding::ByteReader reader_{source_};
  CountingCoder coder_{reader_};
  ferry::delta::Window window_{old_};
  std::unique_ptr<ferry::delta::Memory<capacity_of(MemoryClass::kLarge)>> memory_ =
      std::make_unique<ferry::delta::Memory<capacity_of(MemoryClass::kLarge)>>();
  ferry::delta::Tables tables_ = tables_of(memory_->tables(), account_.header);
  ferry::delta::Codec<CountingCoder> codec_{coder_, tables_, window_, instructions_.get()};
  std::uint32_t at_ = 0;
};

}  // namespace

double Account::copy_bytes() const {
  double bytes = 0;
  for (const UnitAccount& unit : units) {
    bytes += unit.bytes;
  }
  return bytes;
}

Account account_of(ByteView old, ByteView delta) {
  const Bytes fresh = apply_delta(old, delta);  // so that nothing below meets anything but a good delta
  const ByteView patch = delta.subspan(payload::kHeaderSize);
  Account account{.header = *ferry::delta::decode_header(patch.first(ferry::delta::kHeaderSize))};
  if (account.header.memory == MemoryClass::kHuge) {
    throw Failure("the delta is one for Linux, of which no account is kept");
  }
  account.new_size = static_cast<std::uint32_t>(fresh.size());
  account.size = delta.size();
  account.header_bytes = payload::kHeaderSize + ferry::delta::kHeaderSize;
  Accountant(old, fresh, patch.subspan(ferry::delta::kHeaderSize), account).run();
  return account;
}

}  // namespace ferry::host::delta
