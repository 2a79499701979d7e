#include "sim/nor_flash.h"

#include <algorithm>

namespace ferry::sim {
namespace {

constexpr std::uint8_t kErased = 0xFF;

// The same in one session, and other bits in the next.
std::uint8_t scramble(std::uint32_t offset, std::uint32_t session) {
  std::uint32_t x = offset * 0x9E3779B1U ^ session * 0x85EBCA77U;
  x = (x ^ (x >> 15)) * 0x2C1B3C6DU;
  return static_cast<std::uint8_t>(x >> 24);
}

}  // namespace

NorFlash::NorFlash(FlashGeometry geometry, FaultPlan& faults)
    : geometry_(geometry), faults_(faults), random_(static_cast<std::mt19937::result_type>(faults.seed)) {
  content_.bytes.assign(geometry.size, kErased);
  content_.programmed.assign(geometry.size / geometry.write_size, false);
}

bool NorFlash::inside(std::uint32_t offset, std::size_t size) const {
  return offset <= geometry_.size && size <= geometry_.size - offset;
}

bool NorFlash::is_torn(std::uint32_t offset, std::size_t size) const {
  const auto first = content_.torn.lower_bound(offset / geometry_.write_size);
  return size > 0 && first != content_.torn.end() && *first * geometry_.write_size < offset + size;
}

std::uint64_t NorFlash::erases(std::uint32_t sector_offset) const {
  const auto found = erases_by_sector_.find(sector_offset);
  return found == erases_by_sector_.end() ? 0 : found->second;
}

void NorFlash::notice_power() {
  session_ += was_off_ && !faults_.power_is_off ? 1 : 0;
  was_off_ = faults_.power_is_off;
}

Status NorFlash::read(std::uint32_t offset, ByteSpan bytes) {
  notice_power();
  if (!inside(offset, bytes.size())) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  if (checks_units_ && is_torn(offset, bytes.size())) {
    return fail(Error::kCorrupt);
  }
  copy(ByteView(content_.bytes).subspan(offset, bytes.size()), bytes);
  const std::uint32_t end = offset + static_cast<std::uint32_t>(bytes.size());
  for (auto it = content_.unstable.lower_bound(offset); it != content_.unstable.end() && it->first < end; ++it) {
    bytes[it->first - offset] ^= noise(it->first, it->second);
  }
  for (auto it = blurred_.lower_bound(offset); it != blurred_.end() && *it < end; it = blurred_.erase(it)) {
    bytes[*it - offset] ^= 0x04;
  }
  return ok();
}

std::uint8_t NorFlash::noise(std::uint32_t offset, const Unstable& unstable) {
  switch (unstable.changes) {
    case Changes::kAtEachRead:
      return unstable.bits & random_byte();
    case Changes::kInEachSession:
      return unstable.bits & scramble(offset, session_);
    case Changes::kAllTogether:
      return scramble(0, session_) % 2 == 0 ? unstable.bits : std::uint8_t{0};
  }
  return 0;
}

Status NorFlash::program(std::uint32_t offset, ByteView bytes) {
  notice_power();
  const std::uint32_t unit = geometry_.write_size;
  if (!inside(offset, bytes.size()) || offset % unit != 0 || bytes.size() % unit != 0) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  const auto first = content_.programmed.begin() + offset / unit;
  const auto last = first + static_cast<std::ptrdiff_t>(bytes.size() / unit);
  if (std::find(first, last, true) != last) {
    return fail(Error::kFlashNotErased);
  }
  if (faults_.flash_operation_fails()) {
    tear_program(offset, bytes);
    was_off_ = true;
    return fail(Error::kIo);
  }
  const auto broken = broken_.lower_bound(offset / unit);
  if (broken != broken_.end() && *broken * unit < offset + bytes.size()) {
    return fail(Error::kIo);
  }
  std::fill(first, last, true);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint32_t at = offset + static_cast<std::uint32_t>(i);
    content_.bytes[at] &= bytes[i];
    const auto unstable = content_.unstable.find(at);
    if (unstable != content_.unstable.end()) {
      unstable->second.bits &= bytes[i];  // what is cleared now, and whole, holds
    }
  }
  return ok();
}

Status NorFlash::erase(std::uint32_t offset) {
  notice_power();
  if (!inside(offset, geometry_.sector_size) || offset % geometry_.sector_size != 0) {
    return fail(Error::kOutOfRange);
  }
  if (faults_.power_is_off) {
    return fail(Error::kIo);
  }
  if (faults_.flash_operation_fails()) {
    tear_erase(offset);
    was_off_ = true;
    return fail(Error::kIo);
  }
  ++erases_;
  ++erases_by_sector_[offset];
  if (worn_out_.contains(offset)) {
    return fail(Error::kFlashWornOut);
  }
  const std::uint32_t end = offset + geometry_.sector_size;
  std::fill(content_.bytes.begin() + offset, content_.bytes.begin() + end, kErased);
  const std::uint32_t first = offset / geometry_.write_size;
  const std::uint32_t last = end / geometry_.write_size;
  std::fill(content_.programmed.begin() + first, content_.programmed.begin() + last, false);
  content_.torn.erase(content_.torn.lower_bound(first), content_.torn.lower_bound(last));
  content_.unstable.erase(content_.unstable.lower_bound(offset), content_.unstable.lower_bound(end));
  return ok();
}

void NorFlash::make_unstable(std::uint32_t offset, std::uint8_t bits, Changes changes) {
  if (bits != 0) {
    content_.unstable[offset] = {.bits = bits, .changes = changes};
  }
}

// Some units got all of their bits, some a part, some none, in what order is the part's own affair; or all of them the
// same; or all is done but for one bit.
void NorFlash::tear_program(std::uint32_t offset, ByteView bytes) {
  enum Pattern { kMixed, kAlike, kAllButOneBit, kCount };
  const auto pattern = static_cast<Pattern>(random() % kCount);
  Tear tear{.fate = static_cast<Fate>(random() % 5),
            .changes = static_cast<Changes>(random() % 3),
            .takes_program = random() % 2 == 0};
  tear.fate = pattern == kAllButOneBit ? Fate::kWhole : tear.fate;
  const std::uint32_t unit = geometry_.write_size;
  for (std::uint32_t at = 0; at < bytes.size(); at += unit) {
    tear_unit(offset + at, bytes.subspan(at, unit), tear);
    tear.fate = pattern == kMixed ? static_cast<Fate>(random() % 5) : tear.fate;
  }
  if (pattern == kAllButOneBit) {
    const std::uint32_t at = random() % static_cast<std::uint32_t>(bytes.size());
    const auto cleared = static_cast<std::uint8_t>(~bytes[at]);
    content_.torn.insert((offset + at) / unit);
    make_unstable(offset + at, cleared & static_cast<std::uint8_t>(1U << random() % 8), tear.changes);
  }
}

void NorFlash::tear_unit(std::uint32_t offset, ByteView bytes, const Tear& tear) {
  if (tear.fate == Fate::kUntouched) {
    return;
  }
  const std::uint32_t unit = offset / geometry_.write_size;
  content_.programmed[unit] = tear.fate != Fate::kBarely || !tear.takes_program;
  if (tear.fate != Fate::kWhole) {
    content_.torn.insert(unit);
  }
  for (std::uint32_t i = 0; i < bytes.size(); ++i) {
    std::uint8_t& byte = content_.bytes[offset + i];
    const auto to_clear = static_cast<std::uint8_t>(byte & ~bytes[i]);
    if (tear.fate == Fate::kWhole || tear.fate == Fate::kWeak) {
      byte &= bytes[i];
    }
    if (tear.fate == Fate::kPart) {
      byte &= static_cast<std::uint8_t>(bytes[i] | random_byte());
    }
    const bool some_hold = tear.fate == Fate::kPart || (tear.changes != Changes::kAllTogether && random() % 2 == 0);
    const auto bits = static_cast<std::uint8_t>(some_hold ? to_clear & random_byte() & random_byte() : to_clear);
    make_unstable(offset + i, tear.fate == Fate::kWhole ? std::uint8_t{0} : bits, tear.changes);
  }
}

// From nothing at all to done but for bits that do not hold.
void NorFlash::tear_erase(std::uint32_t offset) {
  enum Work { kUntouched, kScattered, kFromStart, kFromEnd, kWeak };
  const auto work = static_cast<Work>(random() % 5);
  const auto changes = static_cast<Changes>(random() % 3);
  if (work == kUntouched) {
    return;
  }
  const std::uint32_t border = random() % geometry_.sector_size;
  for (std::uint32_t at = offset; at < offset + geometry_.sector_size; ++at) {
    const bool is_before = at - offset < border;
    const bool in_part = work == kFromStart ? is_before : (work == kFromEnd ? !is_before : random() % 2 == 0);
    const auto set = static_cast<std::uint8_t>(work == kWeak || in_part ? kErased : 0);
    const auto scattered = static_cast<std::uint8_t>(work == kScattered ? random_byte() : 0);
    const auto raised = static_cast<std::uint8_t>((set | scattered) & ~content_.bytes[at]);
    content_.bytes[at] |= raised;
    const bool whole_sector = work == kWeak && changes == Changes::kAllTogether;  // there today, gone tomorrow
    const std::uint8_t some = random() % 8 == 0 && set != 0 ? random_byte() : std::uint8_t{0};
    make_unstable(at, whole_sector ? raised : some, changes);
    content_.torn.insert(at / geometry_.write_size);
  }
  if (work == kWeak) {
    const auto first = content_.programmed.begin() + offset / geometry_.write_size;
    std::fill(first, first + geometry_.sector_size / geometry_.write_size, random() % 2 == 0);
  }
}

}  // namespace ferry::sim
