// What the decoder of patches for Linux takes of RAM. Part of the format: both sides must have the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "device/delta/huge/plan.h"

namespace ferry::delta::huge {

inline constexpr std::size_t kInputs = 6;              // contexts of a decision
inline constexpr unsigned kByteBits = 18;              // of each of the tables of the bits of bytes
inline constexpr unsigned kFlagBits = 18;              // of the table of all other decisions
inline constexpr unsigned kLearnedBits = 15;           // of the tables of addresses and words that went another way
inline constexpr unsigned kHistoryBits = 19;           // of the literals so far
inline constexpr unsigned kSeenBits = 16;              // of the table of where literals were seen before
inline constexpr std::int32_t kMostLogOdds = 3072;     // in 1/256
inline constexpr std::size_t kMixers = 2048;           // sets of weights
inline constexpr std::size_t kMatchStates = 2048;      // by how long the literals have been as before
inline constexpr std::size_t kMostPieces = 1U << 17U;  // of a section

struct Memory {
  std::array<std::uint16_t, kInputs << kByteBits> bytes;
  std::array<std::uint32_t, 1U << kFlagBits> flags;
  std::array<std::uint32_t, kMatchStates> match_states;
  std::array<std::int32_t, kMixers*(kInputs + 1)> weights;
  std::array<std::int16_t, 4096> stretched;                           // log odds, by probability
  std::array<std::uint16_t, std::size_t{2} * kMostLogOdds> squashed;  // and back: by log odds and kMostLogOdds
  std::array<StoredPiece, kMostPieces> pieces;
  std::array<std::uint32_t, kMostPieces> order;
  std::array<std::uint32_t, 1U << kLearnedBits> learned_keys;
  std::array<std::uint32_t, 1U << kLearnedBits> learned_values;
  std::array<std::uint32_t, 1U << kLearnedBits> shifts;
  std::array<std::uint8_t, 1U << kHistoryBits> history;
  std::array<std::uint32_t, 1U << kSeenBits> seen;
};

}  // namespace ferry::delta::huge
