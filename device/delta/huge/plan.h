// Which bytes of a new image are copies, and what becomes of addresses by that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ferry::delta::huge {

// Some literal bytes, then a copy.
struct Piece {
  std::uint32_t literals = 0;
  std::uint32_t old_start = 0;
  std::uint32_t length = 0;
  bool verbatim = false;   // the copy is exact: nothing in it is predicted or coded
  bool words = false;      // the literals are code: taken in words where they can be
  std::uint8_t phase = 0;  // the copy is taken in words, which begin at multiples of four and so much in the old image
  friend bool operator==(const Piece&, const Piece&) = default;
};

// A piece of the section that is being produced. 12 bytes.
struct StoredPiece {
  std::uint32_t new_start;  // of the copy
  std::uint32_t old_start_and_phase;
  std::uint32_t length_and_flags;
  [[nodiscard]] std::uint32_t old_start() const { return old_start_and_phase & 0x3FFFFFFFU; }
  [[nodiscard]] std::uint32_t phase() const { return old_start_and_phase >> 30U; }
  [[nodiscard]] std::uint32_t length() const { return length_and_flags & 0x3FFFFFFFU; }
  [[nodiscard]] bool verbatim() const { return (length_and_flags & 0x80000000U) != 0; }
  [[nodiscard]] bool words() const { return (length_and_flags & 0x40000000U) != 0; }
};

// The pieces of a section as an address map. It looks at memory of its owner's.
class AddressMap {
 public:
  struct Moved {
    std::uint32_t to;
    bool inside;  // of a copy; else the shift is that of one near it
  };

  explicit AddressMap(std::span<std::uint32_t> order) : order_(order) {}
  // `pieces`: as many as `order` holds at most; they stay as they are until the next call.
  void set(std::span<const StoredPiece> pieces);
  // Where the old image's `place` is in the new one.
  [[nodiscard]] Moved move(std::uint32_t place) const;

 private:
  std::span<std::uint32_t> order_;
  std::span<const StoredPiece> pieces_;
  std::span<const std::uint32_t> sorted_;  // by old start; those that copy anything
};

}  // namespace ferry::delta::huge
