#include "device/journal/journal.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'F', 'J', 'N', '1'};
constexpr std::size_t kHeaderSize = 12;  // magic, generation, CRC-32
constexpr std::uint8_t kRecord = 'R';
constexpr std::uint8_t kSeal = 'S';
constexpr std::size_t kEntryHead = 4;  // kind, tag, length, check
constexpr std::size_t kCrcSize = 4;
constexpr std::size_t kLargestEntry = kEntryHead + Journal::kMaxValue + kCrcSize;
constexpr std::uint8_t kErased = 0xFF;

std::uint8_t head_check(std::uint8_t kind, std::uint8_t tag, std::uint8_t length) {
  return static_cast<std::uint8_t>(kind ^ tag ^ length ^ 0x5AU);
}

bool all_erased(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == kErased; });
}

}  // namespace

std::uint32_t Journal::padded(std::size_t size) const {
  return (static_cast<std::uint32_t>(size) + unit() - 1) / unit() * unit();
}

std::uint32_t Journal::seal_offset(std::size_t which) const {
  return padded(kHeaderSize) + static_cast<std::uint32_t>(which) * padded(kEntryHead + kCrcSize);
}

std::uint32_t Journal::first_record() const {
  return seal_offset(2);
}

// --- mount ---

Status Journal::mount() {
  mounted_ = false;
  lost_records_ = false;
  tail_is_dirty_ = false;
  offsets_.fill(0);
  const std::uint32_t sector = area_.sector_size();
  if (sector == 0 || sector_count() < 2 || unit() > kMaxWriteSize || sector < first_record() + 2 * kLargestEntry) {
    return fail(Error::kInvalidArgument);
  }
  const Status chosen = choose_sector();
  if (!chosen && chosen.error() != Error::kNotFound) {
    return chosen;
  }
  if (!chosen) {
    FERRY_TRY(format());
  } else {
    FERRY_TRY(scan());
    FERRY_TRY(settle_tail());
  }
  mounted_ = true;
  return ok();
}

// The committed sector of the highest generation. One that was begun and not committed is erased, so that no later
// mount can take it for committed. Errors: kNotFound.
Status Journal::choose_sector() {
  bool found = false;
  for (std::uint32_t i = 0; i < sector_count(); ++i) {
    std::array<std::uint8_t, kHeaderSize> header{};
    FERRY_TRY(area_.read(base(i), header));
    const ByteView bytes(header);
    if (!equal(bytes.first(4), kMagic) || load_le32(bytes.subspan(8)) != crc32(bytes.first(8))) {
      FERRY_TRY_ASSIGN(const bool empty, is_erased(base(i) + first_record(), area_.sector_size() - first_record()));
      lost_records_ = lost_records_ || !empty;
      continue;
    }
    FERRY_TRY_ASSIGN(const bool committed, is_committed(i));
    if (!committed) {
      FERRY_TRY(area_.erase_sector(base(i)));
      continue;
    }
    const std::uint32_t generation = load_le32(bytes.subspan(4));
    if (!found || generation > current_.generation) {
      current_ = {.index = i, .generation = generation};
      found = true;
    }
  }
  return found ? ok() : fail(Error::kNotFound);
}

// Two seals behind the header are programmed one after the other when all else is in the sector. A seal that reads well
// by chance (torn) is settled by the second one before anything depends on it; spec/journal.md has the table.
Result<bool> Journal::is_committed(std::uint32_t sector) {
  std::array<std::uint8_t, kMaxValue> value{};
  const std::uint32_t second_at = base(sector) + seal_offset(1);
  FERRY_TRY_ASSIGN(const bool second_erased, is_erased(second_at, padded(kEntryHead + kCrcSize)));
  if (!second_erased) {
    return true;
  }
  const auto first = read_entry(base(sector) + seal_offset(0), value);
  if (!first || first->kind != kSeal) {
    return first || first.error() == Error::kCorrupt ? Result<bool>(false) : fail(first.error());
  }
  FERRY_TRY(program_entry(second_at, {.kind = kSeal}, {}));
  return true;
}

Status Journal::format() {
  current_ = {.index = sector_count() - 1, .generation = 0};  // the move goes to sector 0
  return move(0, {});
}

Status Journal::scan() {
  const std::uint32_t end = base(current_.index) + area_.sector_size();
  std::uint32_t at = base(current_.index) + first_record();
  std::array<std::uint8_t, kMaxValue> value{};
  offsets_.fill(0);
  tail_is_sealed_ = true;
  while (at + padded(kEntryHead + kCrcSize) <= end) {
    auto entry = read_entry(at, value);
    if (!entry && entry.error() != Error::kCorrupt) {
      return fail(entry.error());
    }
    if (!entry) {
      FERRY_TRY_ASSIGN(const bool erased, is_erased(at, end - at));
      if (erased) {
        break;
      }
      tail_is_dirty_ = true;  // a torn last entry, or one that has rotted
      const auto next = find_entry(at + unit(), end);
      if (!next) {
        break;
      }
      lost_records_ = true;
      at = *next;
      continue;
    }
    if (entry->kind == kRecord) {
      offsets_[entry->tag] = at;
    }
    tail_is_sealed_ = entry->kind == kSeal;
    at += padded(kEntryHead + entry->length + kCrcSize);
  }
  tail_ = at;
  return ok();
}

// The last record may be torn and read well only today: it is written once more, and sealed, before anything is built
// on it. Behind what is no entry nothing is appended at all.
Status Journal::settle_tail() {
  if (tail_is_dirty_) {
    return move(0, {});
  }
  if (tail_is_sealed_) {
    return ok();
  }
  std::array<std::uint8_t, kMaxValue> value{};
  std::uint32_t last = 0;
  for (const std::uint32_t offset : offsets_) {
    last = std::max(last, offset);
  }
  FERRY_TRY_ASSIGN(const Entry entry, read_entry(last, value));
  const std::uint32_t needed = padded(kEntryHead + entry.length + kCrcSize) + padded(kEntryHead + kCrcSize);
  if (tail_ + needed > base(current_.index) + area_.sector_size()) {
    return move(0, {});
  }
  FERRY_TRY(append(entry, ByteView(value).first(entry.length)));
  return append({.kind = kSeal}, {});
}

// --- use ---

Result<ByteView> Journal::get(Tag tag, ByteSpan buffer) const {
  if (!mounted_) {
    return fail(Error::kWrongState);
  }
  const auto index = static_cast<std::size_t>(tag);
  if (index >= kMaxTags || offsets_[index] == 0) {
    return fail(Error::kNotFound);
  }
  std::array<std::uint8_t, kMaxValue> value{};
  auto entry = read_entry(offsets_[index], value);
  if (!entry && entry.error() == Error::kCorrupt) {
    entry = read_entry(offsets_[index], value);  // a bit that read unstable once
  }
  if (!entry) {
    return fail(entry.error());
  }
  if (entry->length > buffer.size()) {
    return fail(Error::kNoSpace);
  }
  copy(ByteView(value).first(entry->length), buffer);
  return ByteView(buffer.first(entry->length));
}

Status Journal::put(Tag tag, ByteView value) {
  const auto number = static_cast<std::uint8_t>(tag);
  if (!mounted_) {
    return fail(Error::kWrongState);
  }
  if (number == 0 || number >= kMaxTags || value.size() > kMaxValue) {
    return fail(Error::kInvalidArgument);
  }
  std::array<std::uint8_t, kMaxValue> before{};
  const auto known = get(tag, before);
  if (known && equal(*known, value)) {
    return ok();
  }
  const std::uint32_t needed = padded(kEntryHead + value.size() + kCrcSize);
  if (tail_is_dirty_ || tail_ + needed > base(current_.index) + area_.sector_size()) {
    return move(number, value);
  }
  const std::uint32_t at = tail_;
  const Status appended =
      append({.kind = kRecord, .tag = number, .length = static_cast<std::uint8_t>(value.size())}, value);
  if (!appended) {
    return move(number, value);  // the place is bad: another sector may not be
  }
  offsets_[number] = at;
  return ok();
}

// --- moving to another sector ---

Status Journal::move(std::uint8_t tag, ByteView value) {
  tail_is_dirty_ = true;  // until this has succeeded
  Status moved = fail(Error::kFlashWornOut);
  for (std::uint32_t step = 1; step <= sector_count(); ++step) {
    const Sector target{.index = (current_.index + step) % sector_count(), .generation = current_.generation + step};
    if (target.index == current_.index && current_.generation != 0) {
      continue;
    }
    moved = fill_sector(target, tag, value);
    if (moved) {
      current_ = target;
      tail_is_dirty_ = false;
      return scan();
    }
    if (moved.error() == Error::kJournalFull) {
      return moved;
    }
  }
  return moved;
}

Status Journal::fill_sector(const Sector& target, std::uint8_t tag, ByteView value) {
  const std::uint32_t start = base(target.index);
  FERRY_TRY(area_.erase_sector(start));
  std::array<std::uint8_t, kHeaderSize + kMaxWriteSize> header{};
  header.fill(kErased);
  const ByteSpan bytes(header);
  copy(kMagic, bytes);
  store_le32(bytes.subspan(4), target.generation);
  store_le32(bytes.subspan(8), crc32(bytes.first(8)));
  FERRY_TRY(area_.program(start, bytes.first(padded(kHeaderSize))));
  std::uint32_t at = start + first_record();
  FERRY_TRY(copy_live(at, start + area_.sector_size(), tag, value));
  FERRY_TRY(program_entry(start + seal_offset(0), {.kind = kSeal}, {}));
  return program_entry(start + seal_offset(1), {.kind = kSeal}, {});
}

Status Journal::copy_live(std::uint32_t& at, std::uint32_t end, std::uint8_t tag, ByteView value) {
  std::array<std::uint8_t, kMaxValue> old{};
  for (std::uint8_t i = 1; i < kMaxTags; ++i) {
    ByteView content = value;
    if (i != tag) {
      if (offsets_[i] == 0) {
        continue;
      }
      const auto found = get_settled(i, old);
      if (!found) {
        lost_records_ = true;  // it has rotted since; the others must not be lost for it
        continue;
      }
      content = *found;
    }
    const Entry entry{.kind = kRecord, .tag = i, .length = static_cast<std::uint8_t>(content.size())};
    const std::uint32_t size = padded(kEntryHead + content.size() + kCrcSize);
    if (at + size + padded(kEntryHead + kCrcSize) > end) {
      return fail(Error::kJournalFull);
    }
    FERRY_TRY(program_entry(at, entry, content));
    at += size;
  }
  return program_entry(at, {.kind = kSeal}, {});
}

Result<ByteView> Journal::get_settled(std::uint8_t tag, ByteSpan buffer) const {
  Result<Entry> entry = fail(Error::kCorrupt);
  for (int attempt = 0; attempt < 2 && !entry; ++attempt) {
    entry = read_entry(offsets_[tag], buffer);
  }
  if (!entry) {
    return fail(entry.error());
  }
  return ByteView(buffer.first(entry->length));
}

// --- entries ---

Result<Journal::Entry> Journal::read_entry(std::uint32_t offset, ByteSpan value) const {
  const std::uint32_t end = offset - offset % area_.sector_size() + area_.sector_size();
  std::array<std::uint8_t, kEntryHead> head{};
  FERRY_TRY(area_.read(offset, head));
  const Entry entry{.kind = head[0], .tag = head[1], .length = head[2]};
  const auto size = static_cast<std::uint32_t>(kEntryHead + entry.length + kCrcSize);
  const bool known = (entry.kind == kRecord && entry.tag > 0 && entry.tag < kMaxTags) ||
                     (entry.kind == kSeal && entry.tag == 0 && entry.length == 0);
  if (!known || head[3] != head_check(entry.kind, entry.tag, entry.length) || entry.length > kMaxValue ||
      offset + size > end) {
    return fail(Error::kCorrupt);
  }
  std::array<std::uint8_t, kCrcSize> crc{};
  const ByteSpan content = value.first(entry.length);
  FERRY_TRY(area_.read(offset + kEntryHead, content));
  FERRY_TRY(area_.read(offset + size - static_cast<std::uint32_t>(kCrcSize), crc));
  if (load_le32(crc) != crc32(content, crc32(head))) {
    return fail(Error::kCorrupt);
  }
  return entry;
}

Status Journal::program_entry(std::uint32_t offset, const Entry& entry, ByteView value) {
  std::array<std::uint8_t, kLargestEntry + kMaxWriteSize> buffer{};
  buffer.fill(kErased);
  const ByteSpan bytes(buffer);
  const std::size_t size = kEntryHead + value.size();
  bytes[0] = entry.kind;
  bytes[1] = entry.tag;
  bytes[2] = entry.length;
  bytes[3] = head_check(entry.kind, entry.tag, entry.length);
  copy(value, bytes.subspan(kEntryHead));
  store_le32(bytes.subspan(size), crc32(bytes.first(size)));
  return area_.program(offset, bytes.first(padded(size + kCrcSize)));
}

Status Journal::append(const Entry& entry, ByteView value) {
  const Status programmed = program_entry(tail_, entry, value);
  if (!programmed) {
    tail_is_dirty_ = true;
    return programmed;
  }
  if (entry.kind == kRecord) {
    offsets_[entry.tag] = tail_;
  }
  tail_is_sealed_ = entry.kind == kSeal;
  tail_ += padded(kEntryHead + value.size() + kCrcSize);
  return ok();
}

Result<bool> Journal::is_erased(std::uint32_t offset, std::uint32_t length) const {
  std::array<std::uint8_t, 64> chunk{};
  while (length > 0) {
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(length, chunk.size()));
    const ByteSpan bytes = ByteSpan(chunk).first(size);
    FERRY_TRY(area_.read(offset, bytes));
    if (!all_erased(bytes)) {
      return false;
    }
    offset += size;
    length -= size;
  }
  return true;
}

Result<std::uint32_t> Journal::find_entry(std::uint32_t from, std::uint32_t end) const {
  std::array<std::uint8_t, kMaxValue> value{};
  for (std::uint32_t at = from; at + padded(kEntryHead + kCrcSize) <= end; at += unit()) {
    if (read_entry(at, value)) {
      return at;
    }
  }
  return fail(Error::kNotFound);
}

}  // namespace ferry
