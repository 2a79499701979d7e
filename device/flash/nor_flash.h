// Port: NOR flash. Erase sets a sector to 0xff; program only clears bits; each write unit is programmed at most once
// between two erases (some parts keep ECC per unit, so even clearing more bits of a programmed unit is not allowed).
#pragma once

#include <cstdint>

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry {

struct FlashGeometry {
  std::uint32_t size;         // bytes
  std::uint32_t sector_size;  // bytes per erase, a power of two
  std::uint32_t write_size;   // bytes per write unit, a power of two, at most kMaxWriteSize
};

inline constexpr std::uint32_t kMaxWriteSize = 32;

class NorFlash {
 public:
  [[nodiscard]] virtual FlashGeometry geometry() const = 0;
  // Errors: kOutOfRange, kIo; kCorrupt where the part's own check of a unit fails (ECC of a unit whose program was
  // torn).
  [[nodiscard]] virtual Status read(std::uint32_t offset, ByteSpan bytes) = 0;
  // `offset` and `bytes.size()` are multiples of write_size. Errors: kOutOfRange, kFlashNotErased, kIo.
  [[nodiscard]] virtual Status program(std::uint32_t offset, ByteView bytes) = 0;
  // Erases the one sector that starts at `offset`. Errors: kOutOfRange, kFlashWornOut, kIo.
  [[nodiscard]] virtual Status erase(std::uint32_t offset) = 0;

 protected:
  ~NorFlash() = default;  // never deleted through the port
};

}  // namespace ferry
