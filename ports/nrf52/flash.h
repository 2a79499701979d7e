// NOR flash: the part's own (nRF52840 Product Specification v1.1, 4.3 NVMC). 1 MiB, pages of 4 KiB, words of 4 bytes;
// it is read in place. The processor stands still while it writes (41 us a word) and erases (85 ms a page): the
// module's line needs RTS and CTS.
#pragma once

#include <array>

#include "device/flash/nor_flash.h"
#include "device/slots/layout.h"

namespace ferry::nrf52 {

// The memory map, all of the 1 MiB. slot_a.ld and slot_b.ld say the same; the build compares (flash.cpp).
inline constexpr std::uint32_t kPageSize = 4096;
inline constexpr std::uint32_t kFactoryAddress = 0x10000;  // behind the bootloader's 64 KiB
inline constexpr std::uint32_t kFactorySize = 2 * kPageSize;
inline constexpr std::uint32_t kFlashAddress = kFactoryAddress + kFactorySize;
inline constexpr LayoutPlan kPlan{.slot_size = 312 * 1024, .staging_size = 312 * 1024};
inline constexpr std::uint32_t kFlashSize =
    Layout::kJournalSectors * kPageSize + 2 * kPlan.slot_size + kPlan.staging_size;
static_assert(kFlashAddress + kFlashSize == 0x100000);

// Where the images of slots A and B stand, and run (slot_a.ld, slot_b.ld).
inline constexpr std::array<std::uint32_t, 2> kSlotAddress = {
    kFlashAddress + Layout::kJournalSectors * kPageSize,
    kFlashAddress + Layout::kJournalSectors* kPageSize + kPlan.slot_size};

class Flash final : public NorFlash {
 public:
  [[nodiscard]] FlashGeometry geometry() const override;
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override;
  [[nodiscard]] Status erase(std::uint32_t offset) override;
};

// The factory parameters where they were written. Errors: kNotFound (erased).
[[nodiscard]] Result<ByteView> factory_bytes();

}  // namespace ferry::nrf52
