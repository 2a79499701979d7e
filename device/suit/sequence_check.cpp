#include "device/suit/sequence_check.h"

#include "device/cbor/decoder.h"
#include "device/suit/labels.h"
#include "device/suit/parameters.h"
#include "device/suit/processor.h"

namespace ferry::suit {
namespace {

constexpr std::uint64_t kLargestPolicy = 15;  // SUIT_Rep_Policy: four bits
constexpr std::size_t kMaxAlternatives = 32;
constexpr std::size_t kFewestAlternatives = 2;  // the last may be nil

class Checker {
 public:
  Checker(SequenceKind kind, std::size_t component_count) : kind_(kind), component_count_(component_count) {}

  // Nested at most kMaxNesting deep, so the recursion is bounded.
  Status sequence(ByteView encoded, std::size_t depth) {
    if (depth > kMaxNesting) {
      return fail(Error::kManifestMalformed);
    }
    cbor::Decoder decoder(encoded);
    FERRY_TRY_ASSIGN(const std::size_t items, decoder.read_array());
    if (items % 2 != 0) {
      return fail(Error::kManifestMalformed);
    }
    for (std::size_t i = 0; i < items; i += 2) {
      FERRY_TRY_ASSIGN(const std::int64_t command, decoder.read_integer());
      FERRY_TRY(argument(decoder, command, depth));
    }
    return decoder.expect_end();
  }

 private:
  Status argument(cbor::Decoder& decoder, std::int64_t command, std::size_t depth) {
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
        return policy(decoder);
      case label::kDirectiveWrite:
      case label::kDirectiveFetch:
      case label::kDirectiveCopy:
      case label::kDirectiveInvoke:
      case label::kDirectiveSwap:
        return kind_ == SequenceKind::kShared ? fail(Error::kManifestMalformed) : policy(decoder);
      case label::kDirectiveSetComponentIndex:
        return component_index(decoder);
      case label::kDirectiveOverrideParameters:
        return parameters(decoder);
      case label::kDirectiveTryEach:
        return alternatives(decoder, depth);
      case label::kDirectiveRunSequence: {
        FERRY_TRY_ASSIGN(const ByteView nested, decoder.read_bytes());
        return sequence(nested, depth + 1);
      }
      default:
        return fail(Error::kUnknownCommand);
    }
  }

  static Status policy(cbor::Decoder& decoder) {
    FERRY_TRY_ASSIGN(const std::uint64_t value, decoder.read_unsigned());
    return value <= kLargestPolicy ? ok() : fail(Error::kManifestMalformed);
  }

  Status one_index(cbor::Decoder& decoder) const {
    FERRY_TRY_ASSIGN(const std::uint64_t index, decoder.read_unsigned());
    return index < component_count_ ? ok() : fail(Error::kManifestMalformed);
  }

  // An index, true (all components), or a list of indexes.
  Status component_index(cbor::Decoder& decoder) const {
    FERRY_TRY_ASSIGN(const cbor::Type type, decoder.peek());
    if (type == cbor::Type::kUnsigned) {
      return one_index(decoder);
    }
    if (type == cbor::Type::kArray) {
      FERRY_TRY_ASSIGN(const std::size_t count, decoder.read_array());
      if (count < 1 || count > component_count_) {
        return fail(Error::kManifestMalformed);
      }
      for (std::size_t i = 0; i < count; ++i) {
        FERRY_TRY(one_index(decoder));
      }
      return ok();
    }
    FERRY_TRY_ASSIGN(const bool all, decoder.read_bool());
    return all ? ok() : fail(Error::kManifestMalformed);
  }

  Status parameters(cbor::Decoder& decoder) const {
    Parameters unused;
    Steering steering;
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        return ok();
      }
      if (map.key_is_text()) {
        return fail(Error::kUnknownParameter);
      }
      FERRY_TRY(read_parameter(decoder, map.key(), component_count_, unused, steering));
    }
  }

  Status alternatives(cbor::Decoder& decoder, std::size_t depth) {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.read_array());
    if (count < kFewestAlternatives || count > kMaxAlternatives) {
      return fail(Error::kManifestMalformed);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (i + 1 == count && decoder.next_is_null()) {
        return decoder.read_null();
      }
      FERRY_TRY_ASSIGN(const ByteView nested, decoder.read_bytes());
      FERRY_TRY(sequence(nested, depth + 1));
    }
    return ok();
  }

  SequenceKind kind_;
  std::size_t component_count_;
};

}  // namespace

Status check_sequence(ByteView sequence, SequenceKind kind, std::size_t component_count) {
  return sequence.empty() ? ok() : Checker(kind, component_count).sequence(sequence, 0);
}

}  // namespace ferry::suit
