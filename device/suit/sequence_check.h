// The form of a command sequence, all of it, before its first command is executed.
#pragma once

#include "device/suit/platform.h"

namespace ferry::suit {

enum class SequenceKind : std::uint8_t {
  kShared,  // conditions, set-component-index, try-each, override-parameters, run-sequence: nothing that acts
  kMember,
};

inline constexpr std::size_t kMaxAlternatives = 32;  // of a try-each

[[nodiscard]] bool is_condition(std::int64_t command);

// `sequence`: encoded; not empty. Sequences nested in try-each and run-sequence are checked too, to kMaxNesting. With
// more than one component the sequence must begin with set-component-index.
// Errors: kUnknownCommand, kUnknownParameter, kManifestMalformed, kUnknownAlgorithm, kCbor*.
[[nodiscard]] Status check_sequence(ByteView sequence, SequenceKind kind, std::size_t component_count);

}  // namespace ferry::suit
