// What the model of a packed image takes of RAM.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "device/packed/sources.h"
#include "device/packed/states.h"

namespace ferry::packed {

// Part of the format: a payload names its class, and a device with less memory refuses it.
enum class MemoryClass : std::uint8_t {
  kMedium = 1,  // 16 KiB
};

inline constexpr std::size_t kClean = 5764;   // states of contexts of which there are few
inline constexpr std::size_t kSparse = 100;   // states that contexts of which there are many share
inline constexpr std::size_t kSymbols = 256;  // contexts whose last bytes are remembered, in each of the tables
inline constexpr std::size_t kMemories = 3;   // such tables: two of upper bytes, one of lower ones
inline constexpr std::size_t kInputs = 8;     // of one decision
inline constexpr std::size_t kByteSets = 9;   // kinds of byte
// Of weights: for fields of bytes, where a byte is remembered and where not; flags, distances.
inline constexpr std::size_t kSets = kByteSets * 6 + 12 + 5;

// Counters that stand where their contexts say, by what they are for.
inline constexpr std::size_t kExpected = 0;  // what is expected, is it?
inline constexpr std::size_t kExpectedSize = std::size_t{15} * 16;
inline constexpr std::size_t kRemembered = kExpected + kExpectedSize;
inline constexpr std::size_t kRememberedSize = kMemories * 3 * 27;
inline constexpr std::size_t kLengths = kRemembered + kRememberedSize;
inline constexpr std::size_t kLengthSize = 96;
inline constexpr std::size_t kWidths = kLengths + 4 * kLengthSize;
inline constexpr std::size_t kPlainWidths = kWidths + std::size_t{10} * 32;
inline constexpr std::size_t kHighBits = kPlainWidths + std::size_t{2} * 32;
inline constexpr std::size_t kLowBits = kHighBits + std::size_t{24} * 4;
inline constexpr std::size_t kTargets = kLowBits + std::size_t{5} * 4;
inline constexpr std::size_t kTargetSize = 64;
inline constexpr std::size_t kBranches = kTargets + kTargetSize;
inline constexpr std::size_t kDirect = kBranches + 8;

// The last bytes that came in a context, the newest first.
struct Remembered {
  std::array<std::uint8_t, 3> bytes;
  std::uint8_t state;  // check of the context in the upper half, how often the first one came in the lower one
};

// Views of the tables.
struct Tables {
  std::span<std::uint8_t> clean;    // of States, each
  std::span<std::uint8_t> sparse;   // likewise
  std::span<std::uint16_t> maps;    // of a state: how probable a 1 is; of clean ones, then of sparse ones
  std::span<std::uint16_t> direct;  // counters
  std::span<std::int16_t> weights;  // kInputs for each set
  std::span<Remembered> symbols;    // one table after the other
  std::span<std::int8_t> sources;   // weights of Sources
};

struct Memory {
  std::array<std::uint8_t, kClean> clean;
  std::array<std::uint8_t, kSparse> sparse;
  std::array<std::uint16_t, 2 * States::kCount> maps;
  std::array<std::uint16_t, kDirect> direct;
  std::array<std::int16_t, kSets * kInputs> weights;
  std::array<Remembered, kMemories * kSymbols> symbols;
  std::array<std::int8_t, kSourceWeights> sources;

  [[nodiscard]] Tables tables() { return {clean, sparse, maps, direct, weights, symbols, sources}; }
};

}  // namespace ferry::packed
