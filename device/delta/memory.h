// What the model of a patch takes of RAM, by class; a patch says which class it was made for.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ferry::delta {

// Sizes of the model's tables. All but `map` and `cache` are powers of two in bits.
struct Capacity {
  std::uint8_t byte_bits;  // of each of the six tables of byte contexts
  std::uint8_t flag_bits;  // of each of the two tables of hashed flag contexts
  std::uint16_t cache;     // addresses whose last shift is remembered; a power of two
  std::uint16_t map;       // blocks of the address map
};

// Part of the format: a patch names its class.
enum class MemoryClass : std::uint8_t {
  kSmall = 0,
  kMedium = 1,
  kLarge = 2,
  kHuge = 3,  // Linux: a format of its own, device/delta/huge
};

[[nodiscard]] constexpr Capacity capacity_of(MemoryClass memory) {
  switch (memory) {
    case MemoryClass::kSmall:
      return {.byte_bits = 7, .flag_bits = 7, .cache = 64, .map = 96};
    case MemoryClass::kMedium:
      return {.byte_bits = 8, .flag_bits = 8, .cache = 128, .map = 256};
    default:
      return {.byte_bits = 9, .flag_bits = 9, .cache = 256, .map = 512};
  }
}

inline constexpr std::size_t kByteContexts = 6;
inline constexpr std::size_t kFlagInputs = 4;
inline constexpr std::size_t kKinds = 10;     // of what a byte stands in: none, or a word by class and source
inline constexpr std::size_t kWordSets = 39;  // of a word's decision: kind or doubtful, stage, do both guesses agree
inline constexpr std::size_t kByteFlagSets = 32;  // of "is the byte as predicted": kind of word, and which byte of it
inline constexpr std::size_t kByteSets = 16;      // of a byte's bits: literal or replaced, and which bit
inline constexpr std::size_t kNumberKinds = 3;
inline constexpr std::size_t kNumberContexts = 96;
inline constexpr std::size_t kBuckets = 64;  // of addresses outside of the image, by their page

struct Block {  // `length` bytes at `old_start` of the old image stand at `new_start` of the new one
  std::uint32_t old_start;
  std::uint32_t new_start;
  std::uint32_t length;
};

// Images are smaller: a block has nine bytes.
inline constexpr std::uint32_t kMostBytes = (1U << 24U) - 1;

class PackedBlock {
 public:
  void set(const Block& block);
  [[nodiscard]] Block get() const { return {number(0), number(3), number(6)}; }
  [[nodiscard]] std::uint32_t old_start() const { return number(0); }

 private:
  [[nodiscard]] std::uint32_t number(std::size_t at) const {
    return bytes_[at] | static_cast<std::uint32_t>(bytes_[at + 1]) << 8U |
           static_cast<std::uint32_t>(bytes_[at + 2]) << 16U;
  }
  std::array<std::uint8_t, 9> bytes_;
};

// Views of the tables.
struct Tables {
  // The part of them that a capacity has: no more than that of the memory behind them.
  [[nodiscard]] Tables first(const Capacity& capacity) const;

  std::span<std::uint16_t> bytes;
  std::span<std::uint16_t, kNumberKinds * kNumberContexts> numbers;
  std::span<std::uint16_t> flags;
  std::span<std::uint8_t> flag_ages;
  std::span<std::int16_t, kWordSets * kFlagInputs> word_weights;
  std::span<std::int16_t, kByteFlagSets * kFlagInputs> flag_weights;
  std::span<std::int16_t, kByteSets * kByteContexts> byte_weights;
  std::span<std::uint16_t> cache_tags;
  std::span<std::uint32_t> cache_shifts;
  std::span<std::uint32_t, kBuckets> buckets;
  std::span<PackedBlock> map;
};

inline constexpr std::size_t kWordHistory = 8;  // contexts by the last three decisions
inline constexpr std::size_t kRuns = 4;         // contexts by how long all was as predicted
inline constexpr std::size_t kByteRuns = 8;
inline constexpr std::size_t kFixedFlags =
    kWordSets * (kWordHistory + kRuns) + kByteFlagSets * kWordHistory + kByteRuns * kKinds;

template <Capacity kCapacity>
struct Memory {
  static constexpr std::size_t kFlags = kFixedFlags + (2U << kCapacity.flag_bits);

  std::array<std::uint32_t, kCapacity.cache> cache_shifts;
  std::array<std::uint32_t, kBuckets> buckets;
  std::array<std::int16_t, kWordSets * kFlagInputs> word_weights;
  std::array<std::int16_t, kByteFlagSets * kFlagInputs> flag_weights;
  std::array<std::int16_t, kByteSets * kByteContexts> byte_weights;
  std::array<std::uint16_t, kCapacity.cache> cache_tags;
  std::array<std::uint16_t, kByteContexts << kCapacity.byte_bits> bytes;
  std::array<std::uint16_t, kNumberKinds * kNumberContexts> numbers;
  std::array<std::uint16_t, kFlags> flags;
  std::array<std::uint8_t, kFlags> flag_ages;
  std::array<PackedBlock, kCapacity.map> map;

  [[nodiscard]] Tables tables() {
    return {bytes,        numbers,    flags,        flag_ages, word_weights, flag_weights,
            byte_weights, cache_tags, cache_shifts, buckets,   map};
  }
};

}  // namespace ferry::delta
