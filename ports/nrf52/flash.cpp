#include "ports/nrf52/flash.h"

#include <algorithm>

#include "ports/cortexm/factory_area.h"
#include "ports/nrf52/registers.h"

namespace ferry::nrf52 {
namespace {

constexpr std::uint32_t kWordSize = 4;

static_assert(kSlotAddress[0] == 0x16000 && kSlotAddress[1] == 0x64000, "as in slot_a.ld and slot_b.ld");

bool is_inside(std::uint32_t offset, std::size_t size) {
  return offset <= kFlashSize && size <= kFlashSize - offset;
}

ByteView memory(std::uint32_t offset, std::size_t size) {
  return {reinterpret_cast<const std::uint8_t*>(kFlashAddress + offset), size};
}

bool is_erased(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

// The part changes its flash while one of these lives.
class Change {
 public:
  explicit Change(std::uint32_t mode) { word_at(nvmc::kConfig) = mode; }
  ~Change() { word_at(nvmc::kConfig) = nvmc::kReadOnly; }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  void set(std::uint32_t address, std::uint32_t value) const {
    word_at(address) = value;
    while (word_at(nvmc::kReady) == 0) {
    }
  }
};

}  // namespace

FlashGeometry Flash::geometry() const {
  return {.size = kFlashSize, .sector_size = kPageSize, .write_size = kWordSize};
}

Status Flash::read(std::uint32_t offset, ByteSpan bytes) {
  if (!is_inside(offset, bytes.size())) {
    return fail(Error::kOutOfRange);
  }
  copy(memory(offset, bytes.size()), bytes);
  return ok();
}

Status Flash::program(std::uint32_t offset, ByteView bytes) {
  if (!is_inside(offset, bytes.size()) || offset % kWordSize != 0 || bytes.size() % kWordSize != 0) {
    return fail(Error::kOutOfRange);
  }
  const ByteView there = memory(offset, bytes.size());
  if (!is_erased(there)) {
    return fail(Error::kFlashNotErased);
  }
  {
    const Change change(nvmc::kWrite);
    for (std::uint32_t i = 0; i < bytes.size(); i += kWordSize) {
      change.set(kFlashAddress + offset + i, load_le32(bytes.subspan(i)));
    }
  }
  return std::ranges::equal(there, bytes) ? ok() : Status(fail(Error::kIo));
}

Status Flash::erase(std::uint32_t offset) {
  if (!is_inside(offset, kPageSize) || offset % kPageSize != 0) {
    return fail(Error::kOutOfRange);
  }
  {
    const Change change(nvmc::kErase);
    change.set(nvmc::kErasePage, kFlashAddress + offset);
  }
  return is_erased(memory(offset, kPageSize)) ? ok() : Status(fail(Error::kFlashWornOut));
}

Result<ByteView> factory_bytes() {
  return cortexm::factory_bytes(kFactoryAddress, kFactorySize);
}

}  // namespace ferry::nrf52
