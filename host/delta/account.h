// What the bytes of a delta are for: it is decoded by a decoder that keeps account of every decision.
#pragma once

#include <array>
#include <vector>

#include "device/delta/header.h"
#include "host/bytes.h"

namespace ferry::host::delta {

// What a copied unit is: a word whose operand is predicted, or a byte.
enum class Unit : std::uint8_t { kBranch, kImageAddress, kRamAddress, kByte };
inline constexpr std::size_t kUnits = 4;

struct UnitAccount {
  std::size_t count = 0;
  std::size_t as_predicted = 0;   // of a byte: as in the old image
  double bytes = 0;               // of the delta
  double bytes_of_surprises = 0;  // of them, for what was not as predicted
};

// Some literal bytes, then a copy.
struct BlockAccount {
  std::uint32_t at = 0;  // in the new image
  std::uint32_t literals = 0;
  std::uint32_t old_start = 0;
  std::uint32_t copied = 0;
  std::uint32_t changed = 0;  // copied bytes that are not those of the old image
  double command_bytes = 0;   // of the delta, each
  double literal_bytes = 0;
  double copy_bytes = 0;
  [[nodiscard]] double bytes() const { return command_bytes + literal_bytes + copy_bytes; }
};

struct Account {
  ferry::delta::Header header;
  std::uint32_t new_size = 0;
  std::size_t size = 0;          // of the delta
  std::size_t header_bytes = 0;  // the payload's header and the patch's
  double map_bytes = 0;
  double command_bytes = 0;
  double literal_bytes = 0;
  std::array<UnitAccount, kUnits> units{};  // by Unit
  std::vector<BlockAccount> blocks;         // in the order of the new image
  [[nodiscard]] double copy_bytes() const;
};

// Throws Failure as apply_delta(): an account is kept of a whole delta or of none.
[[nodiscard]] Account account_of(ByteView old, ByteView delta);

}  // namespace ferry::host::delta
