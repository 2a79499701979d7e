// In which contexts the bits of a byte are counted. Part of the format.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ferry::packed {

// Which bits count of what stands in front of a byte.
struct Context {
  std::uint32_t
      before;          // the two halfwords in front, the nearer one in the lower half; of other bytes the four in front
  std::uint32_t here;  // upper byte of the same halfword, its kind << 8, its place / 2 << 10
  std::uint32_t third;  // the halfword in front of those two
  bool field;           // of the bits of the same byte only those of its field: 2, 3 and 3 bits
  bool sparse;          // there are many of these: they share a small table
};

inline constexpr std::array<Context, 2> kUpperCode = {{{0, 0x700, 0, false, false}, {0xF800, 0x700, 0, false, true}}};
inline constexpr std::array<Context, 3> kLowerCode = {
    {{0, 0x3FF, 0, false, true}, {0x0007, 0x3F8, 0, true, true}, {0, 0x3FF, 0, true, false}}};
inline constexpr std::array<Context, 3> kUpperLiteral = {
    {{0, 0x700, 0, false, false}, {0xFF00, 0x300, 0, false, true}, {0, 0x300, 0xFF00, false, true}}};
inline constexpr std::array<Context, 2> kLowerLiteral = {{{0, 0x7FF, 0, false, true}, {0xFF00, 0x3FF, 0, false, true}}};
inline constexpr std::array<Context, 3> kSingleByte = {
    {{0, 0x400, 0, false, false}, {0xFF, 0x400, 0, false, true}, {0xFFFF, 0x400, 0, false, true}}};

// A byte by where it stands: a set of contexts, and the weights that it has for them.
struct ByteKind {
  std::span<const Context> contexts;
  std::uint32_t set;
};

// Whether a unit is of a kind: of the byte in front << 16, distance to the last match << 10, place << 8, kind of the
// halfword << 6, kinds of the units in front.
inline constexpr std::array<std::uint32_t, 4> kFlagContexts = {0x13F, 0xFF01C0, 0x1F03, 0xFF};

}  // namespace ferry::packed
