// Where what a new image has at some place stands in an old one: for images that are too large to be sorted.
#pragma once

#include <vector>

#include "host/delta/matcher.h"

namespace ferry::host::delta::huge {

// An index of every fourth place of the old image (of fewer, where it is very large) by the bytes that stand there, and
// a look around the place where the copy before would go on.
class Anchors {
 public:
  // Both must outlive it.
  Anchors(ByteView old, ByteView fresh);
  [[nodiscard]] Found longest(Position fresh, Position shift) const;

 private:
  [[nodiscard]] std::uint32_t slot_of(const std::uint8_t* bytes) const;
  void try_place(Position old, Position fresh, Found& best) const;

  ByteView old_;
  ByteView fresh_;
  std::size_t step_;
  unsigned slot_bits_;
  std::vector<std::uint32_t> heads_;   // the last entry of each slot, and 0 for none
  std::vector<std::uint32_t> before_;  // by entry: the one before it in its slot
};

}  // namespace ferry::host::delta::huge
