#include "ports/mps2/flash.h"

#include <algorithm>

#include "ports/cortexm/factory_area.h"

namespace ferry::mps2 {
namespace {

constexpr std::uint32_t kWriteSize = 8;
constexpr std::uint8_t kErased = 0xFF;

std::uint8_t* memory(std::uint32_t offset) {
  return reinterpret_cast<std::uint8_t*>(kFlashAddress + kFactorySize + offset);
}

bool is_inside(std::uint32_t offset, std::size_t size) {
  return offset <= kFlashSize && size <= kFlashSize - offset;
}

}  // namespace

FlashGeometry Flash::geometry() const {
  return {.size = kFlashSize, .sector_size = kSectorSize, .write_size = kWriteSize};
}

Status Flash::read(std::uint32_t offset, ByteSpan bytes) {
  if (!is_inside(offset, bytes.size())) {
    return fail(Error::kOutOfRange);
  }
  copy(ByteView(memory(offset), bytes.size()), bytes);
  return ok();
}

Status Flash::program(std::uint32_t offset, ByteView bytes) {
  if (!is_inside(offset, bytes.size()) || offset % kWriteSize != 0 || bytes.size() % kWriteSize != 0) {
    return fail(Error::kOutOfRange);
  }
  const ByteView there(memory(offset), bytes.size());
  if (!std::ranges::all_of(there, [](std::uint8_t byte) { return byte == kErased; })) {
    return fail(Error::kFlashNotErased);
  }
  auto* to = reinterpret_cast<volatile std::uint8_t*>(memory(offset));
  for (const std::uint8_t byte : bytes) {
    *to++ = byte;
  }
  return ok();
}

Status Flash::erase(std::uint32_t offset) {
  if (!is_inside(offset, kSectorSize) || offset % kSectorSize != 0) {
    return fail(Error::kOutOfRange);
  }
  auto* to = reinterpret_cast<volatile std::uint8_t*>(memory(offset));
  for (std::uint32_t i = 0; i < kSectorSize; ++i) {
    to[i] = kErased;
  }
  return ok();
}

Result<ByteView> factory_bytes() {
  return cortexm::factory_bytes(kFlashAddress, kFactorySize);
}

}  // namespace ferry::mps2
