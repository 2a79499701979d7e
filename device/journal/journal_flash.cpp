// How the journal lies in flash: places, and reading and writing one thing at its place. spec/journal.md draws it.
#include <algorithm>

#include "device/journal/journal.h"

namespace ferry {
namespace {

constexpr std::array<std::uint8_t, 4> kHeaderMagic = {'F', 'J', 'N', '1'};
constexpr std::array<std::uint8_t, 4> kSealMagic = {'F', 'J', 'S', '1'};
constexpr std::size_t kHeaderSize = 12;              // magic, generation, CRC-32
constexpr std::size_t kSealSize = 20;                // magic, generation, size and CRC-32 of the snapshot, CRC-32
constexpr std::uint32_t kNoGeneration = UINT32_MAX;  // none could follow it
constexpr std::uint8_t kRecord = 'R';
constexpr std::size_t kEntryHead = 4;  // kind, tag, length, check
constexpr std::size_t kCrcSize = 4;
constexpr std::size_t kLargestEntry = kEntryHead + Journal::kMaxValue + kCrcSize;
constexpr std::size_t kChunk = 64;  // bytes looked at together; whole write units
constexpr std::uint8_t kErased = 0xFF;

std::uint8_t head_check(std::uint8_t tag, std::uint8_t length) {
  return static_cast<std::uint8_t>(kRecord ^ tag ^ length ^ 0x5AU);
}

// Bound to its block and place: what another block left there is no entry of this one.
std::uint32_t entry_crc(std::uint32_t generation, std::uint32_t offset, ByteView head, ByteView value) {
  std::array<std::uint8_t, 8> place{};
  store_le32(place, generation);
  store_le32(ByteSpan(place).subspan(4), offset);
  return crc32(value, crc32(head, crc32(place)));
}

// Reads bytes that end in their own CRC-32; false where they do not check.
Result<bool> read_checked(const Area& area, std::uint32_t offset, ByteView magic, ByteSpan bytes) {
  const Status read = area.read(offset, bytes);
  if (!read) {
    return read.error() == Error::kCorrupt ? Result<bool>(false) : fail(read.error());
  }
  const std::size_t body = bytes.size() - kCrcSize;
  return equal(bytes.first(magic.size()), magic) && load_le32(bytes.subspan(body)) == crc32(bytes.first(body));
}

}  // namespace

// --- places ---

std::uint32_t Journal::padded(std::size_t size) const {
  return (static_cast<std::uint32_t>(size) + unit() - 1) / unit() * unit();
}

std::uint32_t Journal::entry_size(std::size_t length) const {
  return padded(kEntryHead + length + kCrcSize);
}

std::uint32_t Journal::sector_end(std::uint32_t offset) const {
  return sector_start(offset) + area_.sector_size();
}

std::uint32_t Journal::page_count() const {
  return std::min(kMaxPages, area_.sector_size() / kMinPageSize);
}

std::uint32_t Journal::page_of(std::uint32_t offset) const {
  return offset % area_.sector_size() / page_size();
}

std::uint32_t Journal::seal_at(std::uint32_t block, std::uint32_t which) const {
  return block + padded(kHeaderSize) + which * padded(kSealSize);
}

// Of pages 1 and up; they stand in the head of the block at the start of the sector.
std::uint32_t Journal::page_mark_at(std::uint32_t sector, std::uint32_t page) const {
  return closed_mark_at(sector) + page * unit();
}

std::uint32_t Journal::first_record_at(std::uint32_t block) const {
  const std::uint32_t page_marks = block == sector_start(block) ? page_count() - 1 : 0;
  return closed_mark_at(block) + (1 + page_marks) * unit();
}

bool Journal::geometry_is_fit() const {
  const std::uint32_t sector = area_.sector_size();
  return sector >= kMinPageSize && unit() > 0 && unit() <= kMaxWriteSize && sector_count() >= 2 &&
         sector >= first_record_at(0) + 3 * padded(kLargestEntry);
}

// --- reading ---

Result<bool> Journal::is_erased(std::uint32_t offset, std::uint32_t length) const {
  std::array<std::uint8_t, kChunk> chunk{};
  while (length > 0) {
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(length, chunk.size()));
    const ByteSpan bytes = ByteSpan(chunk).first(size);
    const Status read = area_.read(offset, bytes);
    if (!read) {
      return read.error() == Error::kCorrupt ? Result<bool>(false) : fail(read.error());
    }
    if (!std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == kErased; })) {
      return false;
    }
    offset += size;
    length -= size;
  }
  return true;
}

Result<std::uint32_t> Journal::crc_of(std::uint32_t offset, std::uint32_t length) const {
  std::array<std::uint8_t, kChunk> chunk{};
  std::uint32_t crc = 0;
  while (length > 0) {
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(length, chunk.size()));
    const ByteSpan bytes = ByteSpan(chunk).first(size);
    FERRY_TRY(area_.read(offset, bytes));
    crc = crc32(bytes, crc);
    offset += size;
    length -= size;
  }
  return crc;
}

// The block at `start` if it is committed: two seals say so, or one of them and a snapshot that is as it was then.
// Errors: kNotFound, kIo.
Result<Journal::Block> Journal::read_block(std::uint32_t start) {
  const std::uint32_t first = first_record_at(start);
  if (first > sector_end(start)) {
    return fail(Error::kNotFound);
  }
  std::array<std::uint8_t, kHeaderSize> header{};
  FERRY_TRY_ASSIGN(const bool header_is_good, read_checked(area_, start, kHeaderMagic, header));
  if (header_is_good && load_le32(ByteView(header).subspan(4)) != kNoGeneration) {
    highest_generation_ = std::max(highest_generation_, load_le32(ByteView(header).subspan(4)));
  }
  std::array<std::uint8_t, kSealSize> seal{};
  std::uint32_t good_seals = 0;
  Block block{.start = start};
  std::uint32_t snapshot_crc = 0;
  for (std::uint32_t which = 0; which < 2; ++which) {
    FERRY_TRY_ASSIGN(const bool is_good, read_checked(area_, seal_at(start, which), kSealMagic, seal));
    if (is_good) {
      ++good_seals;
      block.generation = load_le32(ByteView(seal).subspan(4));
      block.snapshot_size = load_le32(ByteView(seal).subspan(8));
      snapshot_crc = load_le32(ByteView(seal).subspan(12));
    }
  }
  if (good_seals == 0 || block.generation == kNoGeneration || block.snapshot_size > sector_end(start) - first ||
      block.snapshot_size % unit() != 0) {
    return fail(Error::kNotFound);
  }
  highest_generation_ = std::max(highest_generation_, block.generation);
  block.is_whole = header_is_good && good_seals == 2;
  if (good_seals == 2) {
    return block;
  }
  const auto crc = crc_of(first, block.snapshot_size);
  if (!crc && crc.error() != Error::kCorrupt) {
    return fail(crc.error());
  }
  return crc && *crc == snapshot_crc ? Result<Block>(block) : fail(Error::kNotFound);
}

// Reads and checks the entry at `offset`; its value goes into `value` (kMaxValue bytes). Errors: kCorrupt, kIo.
Result<Journal::Entry> Journal::read_entry(const Block& block, std::uint32_t offset, ByteSpan value) const {
  std::array<std::uint8_t, kEntryHead> head{};
  FERRY_TRY(area_.read(offset, head));
  const Entry entry{.tag = head[1], .length = head[2]};
  const auto size = static_cast<std::uint32_t>(kEntryHead + entry.length + kCrcSize);
  if (head[0] != kRecord || entry.tag >= kMaxTags || head[3] != head_check(entry.tag, entry.length) ||
      entry.length > kMaxValue || size > sector_end(offset) - offset) {
    return fail(Error::kCorrupt);
  }
  std::array<std::uint8_t, kCrcSize> crc{};
  const ByteSpan content = value.first(entry.length);
  if (!content.empty()) {
    FERRY_TRY(area_.read(offset + kEntryHead, content));
  }
  FERRY_TRY(area_.read(offset + size - static_cast<std::uint32_t>(kCrcSize), crc));
  const bool checks = load_le32(crc) == entry_crc(block.generation, offset, head, content);
  return checks ? Result<Entry>(entry) : fail(Error::kCorrupt);
}

// A bit that reads unstable once costs nobody a record.
Result<Journal::Entry> Journal::read_twice(const Block& block, std::uint32_t offset, ByteSpan value) const {
  auto entry = read_entry(block, offset, value);
  if (!entry && entry.error() == Error::kCorrupt) {
    entry = read_entry(block, offset, value);
  }
  return entry;
}

// The next entry at or behind `from`, by write units. Errors: kNotFound, kIo.
Result<std::uint32_t> Journal::find_entry(const Block& block, std::uint32_t from, std::uint32_t end) const {
  std::array<std::uint8_t, kMaxValue> value{};
  std::array<std::uint8_t, kChunk> chunk{};
  while (from < end) {
    const ByteSpan bytes = ByteSpan(chunk).first(std::min<std::size_t>(end - from, chunk.size()));
    const Status read = area_.read(from, bytes);
    if (!read && read.error() != Error::kCorrupt) {
      return fail(read.error());
    }
    for (std::uint32_t at = 0; at < bytes.size(); at += unit()) {
      const bool may_be = !read || bytes[at] == kRecord;
      if (may_be && end - (from + at) >= entry_size(0) && read_entry(block, from + at, value)) {
        return from + at;
      }
    }
    from += static_cast<std::uint32_t>(bytes.size());
  }
  return fail(Error::kNotFound);
}

// --- writing ---

// Whole units. What does not read back as meant is a place that takes no program any more. Errors: kFlashWornOut, and
// as NorFlash.
Status Journal::program(std::uint32_t offset, ByteView bytes) const {
  FERRY_TRY(area_.program(offset, bytes));
  std::array<std::uint8_t, kChunk> chunk{};
  while (!bytes.empty()) {
    const ByteSpan read = ByteSpan(chunk).first(std::min(bytes.size(), chunk.size()));
    FERRY_TRY(area_.read(offset, read));
    if (!equal(read, bytes.first(read.size()))) {
      return fail(Error::kFlashWornOut);
    }
    offset += static_cast<std::uint32_t>(read.size());
    bytes = bytes.subspan(read.size());
  }
  return ok();
}

// A mark is a unit of zeros, and says what it says as soon as it does not read erased. One that was torn and reads
// erased may be programmed over: the same bits are cleared again, none other.
Status Journal::set_mark(std::uint32_t offset) const {
  constexpr std::array<std::uint8_t, kMaxWriteSize> zeros{};
  return program(offset, ByteView(zeros).first(unit()));
}

// Marks pages first to last, but for page 0, before the first byte is written into them.
Status Journal::claim_pages(std::uint32_t block, std::uint32_t first, std::uint32_t last) const {
  for (std::uint32_t page = std::max<std::uint32_t>(first, 1); page <= last; ++page) {
    FERRY_TRY(set_mark(page_mark_at(sector_start(block), page)));
  }
  return ok();
}

Status Journal::program_entry(const Block& block, std::uint32_t offset, Entry entry, ByteView value) const {
  std::array<std::uint8_t, kLargestEntry + kMaxWriteSize> buffer{};
  buffer.fill(kErased);
  const ByteSpan bytes(buffer);
  const std::size_t size = kEntryHead + value.size();
  bytes[0] = kRecord;
  bytes[1] = entry.tag;
  bytes[2] = entry.length;
  bytes[3] = head_check(entry.tag, entry.length);
  copy(value, bytes.subspan(kEntryHead));
  store_le32(bytes.subspan(size), entry_crc(block.generation, offset, bytes.first(kEntryHead), value));
  return program(offset, bytes.first(padded(size + kCrcSize)));
}

Status Journal::program_header(const Block& block) const {
  std::array<std::uint8_t, kHeaderSize + kMaxWriteSize> buffer{};
  buffer.fill(kErased);
  const ByteSpan bytes(buffer);
  copy(kHeaderMagic, bytes);
  store_le32(bytes.subspan(4), block.generation);
  store_le32(bytes.subspan(8), crc32(bytes.first(8)));
  return program(block.start, bytes.first(padded(kHeaderSize)));
}

Status Journal::program_seals(const Block& block) const {
  FERRY_TRY_ASSIGN(const std::uint32_t crc, crc_of(first_record_at(block.start), block.snapshot_size));
  std::array<std::uint8_t, kSealSize + kMaxWriteSize> buffer{};
  buffer.fill(kErased);
  const ByteSpan bytes(buffer);
  copy(kSealMagic, bytes);
  store_le32(bytes.subspan(4), block.generation);
  store_le32(bytes.subspan(8), block.snapshot_size);
  store_le32(bytes.subspan(12), crc);
  store_le32(bytes.subspan(16), crc32(bytes.first(16)));
  const ByteView seal = bytes.first(padded(kSealSize));
  FERRY_TRY(program(seal_at(block.start, 0), seal));
  return program(seal_at(block.start, 1), seal);
}

}  // namespace ferry
