#include "device/suit/sequence_check.h"

#include <array>

#include "device/cbor/decoder.h"
#include "device/suit/labels.h"
#include "device/suit/parameters.h"
#include "device/suit/processor.h"

namespace ferry::suit {
namespace {

constexpr std::uint64_t kLargestPolicy = 15;  // SUIT_Rep_Policy: four bits
constexpr std::size_t kMaxAlternatives = 32;
constexpr std::size_t kFewestAlternatives = 2;  // the last may be nil

// Walks over nested sequences with a stack of its own: bytes from outside decide how deep they go.
class Checker {
 public:
  Checker(SequenceKind kind, std::size_t component_count) : kind_(kind), component_count_(component_count) {}

  Status run(ByteView sequence) {
    FERRY_TRY(open(sequence));
    FERRY_TRY(check_selection_comes_first());
    while (depth_ > 0) {
      FERRY_TRY(advance());
    }
    return ok();
  }

 private:
  struct Level {
    cbor::Decoder commands;
    std::size_t items = 0;         // left of the sequence
    std::size_t alternatives = 0;  // left of the try-each at which `commands` stands
  };

  Status open(ByteView sequence) {
    if (depth_ == levels_.size()) {
      return fail(Error::kManifestMalformed);
    }
    Level level;
    level.commands = cbor::Decoder(sequence);
    FERRY_TRY_ASSIGN(level.items, level.commands.read_array());
    if (level.items == 0 || level.items % 2 != 0) {
      return fail(Error::kManifestMalformed);
    }
    levels_[depth_++] = level;
    return ok();
  }

  Status check_selection_comes_first() const {
    cbor::Decoder decoder = levels_[0].commands;
    FERRY_TRY_ASSIGN(const std::int64_t first, decoder.read_integer());
    const bool selects = first == label::kDirectiveSetComponentIndex;
    return selects || component_count_ == 1 ? ok() : fail(Error::kManifestMalformed);
  }

  Status advance() {
    Level& level = levels_[depth_ - 1];
    if (level.alternatives > 0) {
      return alternative(level);
    }
    if (level.items == 0) {
      --depth_;
      return level.commands.expect_end();
    }
    level.items -= 2;
    FERRY_TRY_ASSIGN(const std::int64_t command, level.commands.read_integer());
    return argument(level, command);
  }

  Status argument(Level& level, std::int64_t command) {
    switch (command) {
      case label::kConditionVendorIdentifier:
      case label::kConditionClassIdentifier:
      case label::kConditionImageMatch:
      case label::kConditionUseBefore:
      case label::kConditionComponentSlot:
      case label::kConditionCheckContent:
      case label::kConditionAbort:
      case label::kConditionDeviceIdentifier:
      case label::kConditionImageNotMatch:
      case label::kConditionMinimumBattery:
      case label::kConditionVersion:
        return policy(level.commands);
      case label::kDirectiveWrite:
      case label::kDirectiveFetch:
      case label::kDirectiveCopy:
      case label::kDirectiveInvoke:
      case label::kDirectiveSwap:
        return kind_ == SequenceKind::kShared ? fail(Error::kManifestMalformed) : policy(level.commands);
      case label::kDirectiveSetComponentIndex:
        return component_index(level.commands);
      case label::kDirectiveOverrideParameters:
        return parameters(level.commands);
      case label::kDirectiveTryEach:
        return alternatives(level);
      case label::kDirectiveRunSequence: {
        FERRY_TRY_ASSIGN(const ByteView nested, level.commands.read_bytes());
        return open(nested);
      }
      default:
        return fail(Error::kUnknownCommand);
    }
  }

  static Status policy(cbor::Decoder& decoder) {
    FERRY_TRY_ASSIGN(const std::uint64_t value, decoder.read_unsigned());
    return value <= kLargestPolicy ? ok() : fail(Error::kManifestMalformed);
  }

  Result<std::uint64_t> one_index(cbor::Decoder& decoder) const {
    FERRY_TRY_ASSIGN(const std::uint64_t index, decoder.read_unsigned());
    return index < component_count_ ? Result<std::uint64_t>(index) : fail(Error::kManifestMalformed);
  }

  // An index, true (all components), or a list of different indexes.
  Status component_index(cbor::Decoder& decoder) const {
    FERRY_TRY_ASSIGN(const cbor::Type type, decoder.peek());
    if (type == cbor::Type::kUnsigned) {
      FERRY_TRY(one_index(decoder));
      return ok();
    }
    if (type == cbor::Type::kArray) {
      return index_list(decoder);
    }
    FERRY_TRY_ASSIGN(const bool all, decoder.read_bool());
    return all ? ok() : fail(Error::kManifestMalformed);
  }

  Status index_list(cbor::Decoder& decoder) const {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.read_array());
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < count; ++i) {
      FERRY_TRY_ASSIGN(const std::uint64_t index, one_index(decoder));
      const std::uint64_t bit = std::uint64_t{1} << index;
      if ((seen & bit) != 0) {
        return fail(Error::kManifestMalformed);
      }
      seen |= bit;
    }
    return seen != 0 ? ok() : fail(Error::kManifestMalformed);
  }

  Status parameters(cbor::Decoder& decoder) const {
    Parameters unused;
    Steering steering;
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        break;
      }
      if (map.key_is_text()) {
        return fail(Error::kUnknownParameter);
      }
      FERRY_TRY(read_parameter(decoder, map.key(), component_count_, unused, steering));
    }
    // A failure can be soft only where a try-each or run-sequence goes on behind it.
    return steering.soft_failure && depth_ == 1 ? fail(Error::kManifestMalformed) : ok();
  }

  static Status alternatives(Level& level) {
    FERRY_TRY_ASSIGN(level.alternatives, level.commands.read_array());
    const bool fits = level.alternatives >= kFewestAlternatives && level.alternatives <= kMaxAlternatives;
    return fits ? ok() : fail(Error::kManifestMalformed);
  }

  Status alternative(Level& level) {
    --level.alternatives;
    if (level.alternatives == 0 && level.commands.next_is_null()) {
      return level.commands.read_null();
    }
    FERRY_TRY_ASSIGN(const ByteView nested, level.commands.read_bytes());
    return open(nested);
  }

  SequenceKind kind_;
  std::size_t component_count_;
  std::array<Level, kMaxNesting + 1> levels_{};
  std::size_t depth_ = 0;
};

}  // namespace

Status check_sequence(ByteView sequence, SequenceKind kind, std::size_t component_count) {
  return Checker(kind, component_count).run(sequence);
}

}  // namespace ferry::suit
