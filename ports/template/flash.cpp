#include "ports/template/flash.h"

namespace ferry::board_template {

static_assert(kSlotAddress[0] == 0x16000 && kSlotAddress[1] == 0x64000, "as in slot_a.ld and slot_b.ld");

FlashGeometry Flash::geometry() const {
  return {.size = kFlashSize, .sector_size = kSectorSize, .write_size = kWriteSize};
}

Status Flash::read(std::uint32_t /*offset*/, ByteSpan /*bytes*/) {
  return fail(Error::kUnsupported);
}

Status Flash::program(std::uint32_t /*offset*/, ByteView /*bytes*/) {
  return fail(Error::kUnsupported);
}

Status Flash::erase(std::uint32_t /*offset*/) {
  return fail(Error::kUnsupported);
}

// In flash that is read in place, cortexm::factory_bytes() does it (ports/cortexm/factory_area.h).
Result<ByteView> factory_bytes() {
  return fail(Error::kUnsupported);
}

}  // namespace ferry::board_template
