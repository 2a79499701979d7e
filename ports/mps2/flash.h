// NOR flash: the board's PSRAM, which the emulator keeps in a file. It is read in place; the driver holds to the rules
// of NOR flash: erase sets a sector, program only clears bits of what is erased.
#pragma once

#include "device/factory/factory.h"
#include "device/flash/nor_flash.h"
#include "device/slots/layout.h"

namespace ferry::mps2 {

// The memory map. An application is linked for the slot that it runs in: memory.ld says the same, and main() checks.
inline constexpr std::uint32_t kFlashAddress = 0x21000000;
inline constexpr std::uint32_t kSectorSize = 4096;
inline constexpr std::uint32_t kFactorySize = 2 * kSectorSize;  // factory parameters, in front
inline constexpr LayoutPlan kPlan{.slot_size = 256 * 1024, .staging_size = 256 * 1024};
inline constexpr std::uint32_t kFlashSize =
    Layout::kJournalSectors * kSectorSize + 2 * kPlan.slot_size + kPlan.staging_size;

// Where the images of slots A and B stand, and run (slot_a.ld, slot_b.ld).
inline constexpr std::array<std::uint32_t, 2> kSlotAddress = {
    kFlashAddress + kFactorySize + Layout::kJournalSectors * kSectorSize,
    kFlashAddress + kFactorySize + Layout::kJournalSectors* kSectorSize + kPlan.slot_size};

// Behind the flash, for tests: the power fails in the middle of the operation that brings `left` to zero. Whoever holds
// the emulator's file sets it, sees `failed`, and ends the emulator, which is the cut.
struct PowerCut {
  volatile std::uint32_t left;        // erase and program operations; 0: never
  volatile std::uint32_t operations;  // so far
  volatile std::uint32_t failed;      // 1: nothing goes on any more
};
inline constexpr std::uint32_t kPowerCutAddress = kFlashAddress + 0xF00000;

class Flash final : public NorFlash {
 public:
  [[nodiscard]] FlashGeometry geometry() const override;
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override;
  [[nodiscard]] Status erase(std::uint32_t offset) override;
};

// The factory parameters where they were written. Errors: kNotFound (erased).
[[nodiscard]] Result<ByteView> factory_bytes();

}  // namespace ferry::mps2
