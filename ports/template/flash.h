// Port: NorFlash (device/flash/nor_flash.h), and the memory map.
//
// Name the manual and section of your part here, as ports/nrf52/flash.h does.
#pragma once

#include <array>

#include "device/flash/nor_flash.h"
#include "device/slots/layout.h"

namespace ferry::board_template {

// The memory map: bootloader, factory parameters, then what Layout::make() lays out: journal, slot A, slot B, staging.
// The linker scripts say the same, and flash.cpp compares. The figures are an example with 1 MiB of 4 KiB sectors.
inline constexpr std::uint32_t kSectorSize = 4096;  // bytes per erase, a power of two, the same everywhere
inline constexpr std::uint32_t kWriteSize = 8;      // bytes per write unit, a power of two, at most kMaxWriteSize
inline constexpr std::uint32_t kFactoryAddress = 0x10000;
inline constexpr std::uint32_t kFactorySize = 2 * kSectorSize;  // `ferry flash --factory-area`
inline constexpr std::uint32_t kFlashAddress = kFactoryAddress + kFactorySize;
inline constexpr LayoutPlan kPlan{.slot_size = 312 * 1024, .staging_size = 312 * 1024};
inline constexpr std::uint32_t kFlashSize =
    Layout::kJournalSectors * kSectorSize + 2 * kPlan.slot_size + kPlan.staging_size;

// Where the images of slots A and B stand, and run: the vector table is the first thing there, so the address is a
// multiple of the table's size rounded up to a power of two (ARMv7-M ARM, DDI 0403E, B3.2.5).
inline constexpr std::array<std::uint32_t, 2> kSlotAddress = {
    kFlashAddress + Layout::kJournalSectors * kSectorSize,
    kFlashAddress + Layout::kJournalSectors* kSectorSize + kPlan.slot_size};

// Offsets count from kFlashAddress. After a power cut in program() or erase(), the units under way may read as
// anything, differently each time: Ferry expects that. All other units, in the same sector too, are as they were.
class Flash final : public NorFlash {
 public:
  // Constant. sector_size is what one erase() erases; write_size what one program operation takes at least.
  [[nodiscard]] FlashGeometry geometry() const override;
  // Any offset and size in bytes, unaligned too. Errors: kOutOfRange (leaves the flash), kIo (the bus failed), kCorrupt
  // (the part's own check of a unit fails, as ECC does after a torn program; not a hard fault).
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  // `offset` and the size are multiples of write_size; `bytes` may stand anywhere, unaligned too. Returns when the part
  // has done it and it reads back. Errors: kOutOfRange (also where it is not whole units), kFlashNotErased (a unit is
  // not erased: nothing was done), kIo (the part reported a failure, or it does not read back).
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override;
  // Sets the sector that starts at `offset` to 0xff. Returns when it is done. May take as long as the part takes, if
  // the watchdog allows and the module's line holds. Errors: kOutOfRange (not a sector's start), kFlashWornOut (it does
  // not read erased), kIo.
  [[nodiscard]] Status erase(std::uint32_t offset) override;
};

// The factory parameters as `ferry flash` wrote them, read in place, for ever. Errors: kNotFound (erased).
[[nodiscard]] Result<ByteView> factory_bytes();

}  // namespace ferry::board_template
