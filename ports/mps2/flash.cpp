#include "ports/mps2/flash.h"

#include <algorithm>

#include "ports/cortexm/factory_area.h"
#include "ports/cortexm/system.h"

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

PowerCut& power_cut() {
  return *reinterpret_cast<PowerCut*>(kPowerCutAddress);
}

// True for the operation in whose middle the power fails.
bool power_fails() {
  PowerCut& cut = power_cut();
  cut.operations = cut.operations + 1;
  if (cut.left == 0) {
    return false;
  }
  cut.left = cut.left - 1;
  return cut.left == 0;
}

[[noreturn]] void power_failed() {
  const cortexm::InterruptLock lock;
  power_cut().failed = 1;
  for (;;) {
    cortexm::wait_for_interrupt();
  }
}

// Writes one byte after the other, or where the power fails half of them.
template <typename Next>
void write(std::uint32_t offset, std::uint32_t size, Next next) {
  const bool fails = power_fails();
  auto* to = reinterpret_cast<volatile std::uint8_t*>(memory(offset));
  for (std::uint32_t i = 0; i < (fails ? size / 2 : size); ++i) {
    to[i] = next(i);
  }
  if (fails) {
    power_failed();
  }
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
  write(offset, static_cast<std::uint32_t>(bytes.size()), [bytes](std::uint32_t i) { return bytes[i]; });
  return ok();
}

Status Flash::erase(std::uint32_t offset) {
  if (!is_inside(offset, kSectorSize) || offset % kSectorSize != 0) {
    return fail(Error::kOutOfRange);
  }
  write(offset, kSectorSize, [](std::uint32_t) { return kErased; });
  return ok();
}

Result<ByteView> factory_bytes() {
  return cortexm::factory_bytes(kFlashAddress, kFactorySize);
}

}  // namespace ferry::mps2
