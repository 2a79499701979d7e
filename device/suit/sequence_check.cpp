#include "device/suit/sequence_check.h"

#include <array>

#include "device/suit/labels.h"
#include "device/suit/parameters.h"
#include "device/suit/processor.h"

namespace ferry::suit {

bool is_condition(std::int64_t command) {
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
      return true;
    default:
      return false;
  }
}

namespace {

bool is_action(std::int64_t command) {
  switch (command) {
    case label::kDirectiveWrite:
    case label::kDirectiveFetch:
    case label::kDirectiveCopy:
    case label::kDirectiveInvoke:
    case label::kDirectiveSwap:
      return true;
    default:
      return false;
  }
}

constexpr std::uint64_t kLargestPolicy = 15;    // SUIT_Rep_Policy: four bits
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
    cbor::Reader commands;
    std::size_t items = 0;         // left of the sequence
    std::size_t alternatives = 0;  // left of the try-each at which `commands` stands
  };

  Status open(ByteView sequence) {
    if (depth_ == levels_.size()) {
      return fail(Error::kManifestMalformed);
    }
    Level& level = levels_[depth_++];
    level = {};
    level.commands = cbor::Reader(sequence);
    level.items = level.commands.array();
    level.commands.require(level.items != 0 && level.items % 2 == 0, Error::kManifestMalformed);
    return level.commands.status();
  }

  Status check_selection_comes_first() const {
    cbor::Reader reader = levels_[0].commands;
    reader.require(reader.integer() == label::kDirectiveSetComponentIndex || component_count_ == 1,
                   Error::kManifestMalformed);
    return reader.status();
  }

  Status advance() {
    Level& level = levels_[depth_ - 1];
    ByteView nested;
    if (level.alternatives > 0) {
      nested = alternative(level);
    } else if (level.items > 0) {
      level.items -= 2;
      nested = argument(level, level.commands.integer());
    } else {
      level.commands.end();
      --depth_;
    }
    FERRY_TRY(level.commands.status());
    return nested.data() != nullptr ? open(nested) : ok();
  }

  // Answers the sequence that the argument holds, for the two commands that have one.
  ByteView argument(Level& level, std::int64_t command) {
    cbor::Reader& reader = level.commands;
    switch (command) {
      case label::kDirectiveSetComponentIndex:
        component_index(reader);
        break;
      case label::kDirectiveOverrideParameters:
        parameters(reader);
        break;
      case label::kDirectiveTryEach:
        level.alternatives = reader.array();
        reader.require(level.alternatives >= kFewestAlternatives && level.alternatives <= kMaxAlternatives,
                       Error::kManifestMalformed);
        break;
      case label::kDirectiveRunSequence:
        return reader.bytes();
      default:
        reader.require(is_condition(command) || is_action(command), Error::kUnknownCommand);
        reader.require(is_condition(command) || kind_ != SequenceKind::kShared, Error::kManifestMalformed);
        reader.require(reader.unsigned_integer() <= kLargestPolicy, Error::kManifestMalformed);
    }
    return {};
  }

  std::uint64_t one_index(cbor::Reader& reader) const {
    const std::uint64_t index = reader.unsigned_integer();
    reader.require(index < component_count_, Error::kManifestMalformed);
    return reader.good() ? index : 0;
  }

  // An index, true (all components), or a list of different indexes.
  void component_index(cbor::Reader& reader) const {
    switch (reader.peek()) {
      case cbor::Type::kUnsigned:
        static_cast<void>(one_index(reader));
        break;
      case cbor::Type::kArray:
        index_list(reader);
        break;
      default: {
        const bool all = reader.boolean();
        reader.require(all, Error::kManifestMalformed);
      }
    }
  }

  void index_list(cbor::Reader& reader) const {
    std::uint32_t seen = 0;
    for (std::size_t left = reader.array(); left > 0 && reader.good(); --left) {
      const std::uint32_t bit = 1U << one_index(reader);
      reader.require((seen & bit) == 0, Error::kManifestMalformed);
      seen |= bit;
    }
    reader.require(seen != 0, Error::kManifestMalformed);
  }

  void parameters(cbor::Reader& reader) const {
    Parameters unused;
    Steering steering;
    for (cbor::MapReader map(reader); map.next();) {
      reader.require(!map.key_is_text(), Error::kUnknownParameter);
      read_parameter(reader, map.key(), component_count_, unused, steering);
    }
    // A failure can be soft only where a try-each or run-sequence goes on behind it.
    reader.require(!steering.soft_failure || depth_ > 1, Error::kManifestMalformed);
  }

  static ByteView alternative(Level& level) {
    --level.alternatives;
    if (level.alternatives == 0 && level.commands.next_is_null()) {
      level.commands.null();
      return {};
    }
    return level.commands.bytes();
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
