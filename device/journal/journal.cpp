#include "device/journal/journal.h"

#include <algorithm>

namespace ferry {
namespace {

// Under tag 0: not empty = records were lost, and nobody has made good for it yet.
constexpr std::uint8_t kLossTag = 0;
constexpr std::array<std::uint8_t, 1> kLoss = {1};

}  // namespace

// --- mount ---

Status Journal::mount() {
  mounted_ = false;
  lost_ = false;
  is_damaged_ = false;
  is_open_ = false;
  live_ = {};
  doubt_ = {};
  claimed_page_ = 0;
  highest_generation_ = 0;
  if (area_.size() == 0 || !geometry_is_fit()) {
    return fail(Error::kInvalidArgument);
  }
  FERRY_TRY_ASSIGN(has_block_, choose_block());
  if (has_block_) {
    FERRY_TRY(scan_snapshot());
    FERRY_TRY(scan_log());
    FERRY_TRY_ASSIGN(claimed_page_, last_claimed_page());
    lost_ = is_damaged_ || live_.length[kLossTag] != 0;
  }
  FERRY_TRY(settle());
  mounted_ = true;
  return ok();
}

// The committed block of the highest generation becomes the current one; false = there is none.
Result<bool> Journal::choose_block() {
  bool found = false;
  Block older;
  for (std::uint32_t start = 0; start < area_.size(); start += page_size()) {
    const auto block = read_block(start);
    if (!block && block.error() != Error::kNotFound) {
      return fail(block.error());
    }
    if (!block) {
      continue;
    }
    const bool is_newer = !found || block->generation > current_.generation;
    const Block& second = is_newer ? current_ : *block;
    older = found && second.generation > older.generation ? second : older;
    current_ = is_newer ? *block : current_;
    found = true;
  }
  if (found && current_.is_whole && older.generation != 0) {
    FERRY_TRY(close_predecessor(older));
  }
  return found;
}

// The power may have failed between the commit of a block and the mark that closes the one before.
Status Journal::close_predecessor(const Block& older) const {
  FERRY_TRY_ASSIGN(const bool is_missing, is_erased(closed_mark_at(older.start), unit()));
  if (is_missing) {
    static_cast<void>(set_mark(closed_mark_at(older.start)));  // it only helps to notice losses
  }
  return ok();
}

void Journal::take(Entry entry, std::uint32_t offset) {
  live_.offset[entry.tag] = offset;
  live_.length[entry.tag] = entry.length;
}

Status Journal::scan_snapshot() {
  std::array<std::uint8_t, kMaxValue> value{};
  std::uint32_t at = first_record_at(current_.start);
  tail_ = at + current_.snapshot_size;
  while (at < tail_) {
    const auto entry = read_twice(current_, at, value);
    if (entry) {
      take(*entry, at);
      at += entry_size(entry->length);
      continue;
    }
    if (entry.error() != Error::kCorrupt) {
      return fail(entry.error());
    }
    is_damaged_ = true;
    const auto next = find_entry(current_, at + unit(), tail_);
    at = next ? *next : tail_;
  }
  FERRY_TRY_ASSIGN(const bool never_closed, is_erased(closed_mark_at(current_.start), unit()));
  FERRY_TRY_ASSIGN(const bool never_opened, is_erased(open_mark_at(current_.start), unit()));
  // Closed: there was a newer block. One without both seals was never closed; its erase may have been torn.
  is_damaged_ = is_damaged_ || (current_.is_whole && !never_closed);
  is_open_ = !never_opened;
  return ok();
}

// What was put behind the snapshot. The last record there may be torn; a gap before another one is a loss.
Status Journal::scan_log() {
  std::array<std::uint8_t, kMaxValue> value{};
  const std::uint32_t end = sector_end(current_.start);
  while (is_open_ && end - tail_ >= entry_size(0)) {
    const auto entry = read_entry(current_, tail_, value);
    if (entry) {
      doubt_ = {.tag = entry->tag, .offset = tail_, .before = live_.offset[entry->tag]};
      take(*entry, tail_);
      tail_ += entry_size(entry->length);
      continue;
    }
    if (entry.error() != Error::kCorrupt) {
      return fail(entry.error());
    }
    const auto next = find_entry(current_, tail_ + unit(), end);
    if (!next) {
      return next.error() == Error::kNotFound ? ok() : fail(next.error());
    }
    is_damaged_ = true;
    tail_ = *next;
  }
  return ok();
}

// A block to which nothing was put since its seals is taken as it is. From any other one the records move on, so that
// nothing depends on what may read differently the next time. Where that cannot be done they can still be read.
Status Journal::settle() {
  is_spoiled_ = !has_block_ || !current_.is_whole || is_open_ || is_damaged_;
  if (!is_spoiled_) {
    return ok();
  }
  const Status moved = move();
  return has_block_ ? ok() : moved;
}

// --- use ---

Result<ByteView> Journal::get(Tag tag, ByteSpan buffer) const {
  if (!mounted_) {
    return fail(Error::kWrongState);
  }
  const auto number = static_cast<std::size_t>(tag);
  if (number == kLossTag || number >= kMaxTags || live_.offset[number] == 0) {
    return fail(Error::kNotFound);
  }
  std::array<std::uint8_t, kMaxValue> value{};
  FERRY_TRY_ASSIGN(const Entry entry, read_twice(current_, live_.offset[number], value));
  if (entry.length > buffer.size()) {
    return fail(Error::kNoSpace);
  }
  copy(ByteView(value).first(entry.length), buffer);
  return ByteView(buffer.first(entry.length));
}

Status Journal::put(Tag tag, ByteView value) {
  const auto number = static_cast<std::uint8_t>(tag);
  if (!mounted_) {
    return fail(Error::kWrongState);
  }
  if (number == kLossTag || number >= kMaxTags || value.size() > kMaxValue) {
    return fail(Error::kInvalidArgument);
  }
  std::array<std::uint8_t, kMaxValue> before{};
  const auto known = get(tag, before);
  if (known && equal(*known, value)) {
    return ok();
  }
  return would_fit(number, value.size()) ? write(number, value) : fail(Error::kJournalFull);
}

Status Journal::forget_losses() {
  if (!mounted_) {
    return fail(Error::kWrongState);
  }
  if (lost_) {
    FERRY_TRY(write(kLossTag, {}));
    lost_ = false;
  }
  return ok();
}

std::uint32_t Journal::live_size() const {
  std::uint32_t size = entry_size(kLoss.size());
  for (std::uint8_t tag = 1; tag < kMaxTags; ++tag) {
    size += live_.offset[tag] != 0 ? entry_size(live_.length[tag]) : 0;
  }
  return size;
}

// All live records must fit into a sector, with room for the record that is put.
bool Journal::would_fit(std::uint8_t tag, std::size_t length) const {
  const std::uint32_t old = live_.offset[tag] != 0 ? entry_size(live_.length[tag]) : 0;
  const std::uint32_t room = area_.sector_size() - first_record_at(0) - entry_size(kMaxValue);
  return live_size() - old + entry_size(length) <= room;
}

Status Journal::write(std::uint8_t tag, ByteView value) {
  if (append(tag, value)) {
    return ok();
  }
  FERRY_TRY(move());
  return append(tag, value);
}

// Errors: kNoSpace, kFlashWornOut (this block is done with), as program().
Status Journal::append(std::uint8_t tag, ByteView value) {
  const std::uint32_t size = entry_size(value.size());
  if (is_spoiled_) {
    return fail(Error::kFlashWornOut);
  }
  if (size > sector_end(current_.start) - tail_) {
    return fail(Error::kNoSpace);
  }
  is_spoiled_ = true;  // until all of it has succeeded
  if (!is_open_) {
    FERRY_TRY(set_mark(open_mark_at(current_.start)));
    is_open_ = true;
  }
  FERRY_TRY(claim_pages(current_.start, claimed_page_ + 1, page_of(tail_ + size - 1)));
  claimed_page_ = std::max(claimed_page_, page_of(tail_ + size - 1));
  const Entry entry{.tag = tag, .length = static_cast<std::uint8_t>(value.size())};
  FERRY_TRY(program_entry(current_, tail_, entry, value));
  is_spoiled_ = false;
  take(entry, tail_);
  tail_ += size;
  return ok();
}

// --- moving on ---

// Into a page of this sector that nothing was ever written to, else into the next sector that takes an erase.
Status Journal::move() {
  Status moved = fail(Error::kFlashWornOut);
  if (has_block_ && !is_damaged_ && free_page() != 0) {
    moved = fill(free_page());
  }
  const std::uint32_t sector = area_.sector_size();
  const std::uint32_t here = has_block_ ? sector_start(current_.start) : area_.size() - sector;
  for (std::uint32_t step = 1; step <= sector_count() && !moved; ++step) {
    const std::uint32_t start = (here + step * sector) % area_.size();
    if (has_block_ && start == here) {
      break;
    }
    const Status erased = area_.erase_sector(start);
    moved = erased ? fill(start) : erased;
  }
  return moved;
}

// Errors: kIo.
Result<std::uint32_t> Journal::last_claimed_page() const {
  const std::uint32_t sector = sector_start(current_.start);
  for (std::uint32_t page = page_count() - 1; page > 0; --page) {
    FERRY_TRY_ASSIGN(const bool is_untouched, is_erased(page_mark_at(sector, page), unit()));
    if (!is_untouched) {
      return page;
    }
  }
  return 0;
}

// Where a block with room for its log can begin in this sector; 0 = nowhere.
std::uint32_t Journal::free_page() const {
  if (claimed_page_ + 1 >= page_count()) {
    return 0;
  }
  const std::uint32_t start = sector_start(current_.start) + (claimed_page_ + 1) * page_size();
  const std::uint32_t needed = first_record_at(start) - start + live_size() + entry_size(kMaxValue);
  return needed <= sector_end(start) - start ? start : 0;
}

Status Journal::fill(std::uint32_t start) {
  Block block{.start = start, .generation = ++highest_generation_};
  FERRY_TRY_ASSIGN(const bool is_fresh, is_erased(start, sector_end(start) - start));
  if (!is_fresh) {
    return fail(Error::kFlashWornOut);
  }
  std::uint32_t at = first_record_at(start);
  const std::uint32_t last_page = page_of(at + live_size() - 1);
  FERRY_TRY(claim_pages(start, page_of(start), last_page));
  FERRY_TRY(program_header(block));
  Index index;
  FERRY_TRY(copy_live(block, index, at));
  block.snapshot_size = at - first_record_at(start);
  FERRY_TRY(program_seals(block));
  go_on_in(block, index, last_page);
  return ok();
}

void Journal::go_on_in(const Block& block, const Index& index, std::uint32_t last_page) {
  if (has_block_) {
    static_cast<void>(set_mark(closed_mark_at(current_.start)));  // it only helps to notice losses
  }
  current_ = block;
  current_.is_whole = true;
  live_ = index;
  doubt_ = {};
  tail_ = first_record_at(block.start) + block.snapshot_size;
  claimed_page_ = last_page;
  has_block_ = true;
  is_open_ = false;
  is_spoiled_ = false;
  is_damaged_ = false;
}

Status Journal::copy_live(const Block& block, Index& index, std::uint32_t& at) {
  std::array<std::uint8_t, kMaxValue> buffer{};
  for (std::uint8_t i = 1; i <= kMaxTags; ++i) {
    const std::uint8_t tag = i % kMaxTags;  // the loss comes last: it may only now become known
    const auto value = read_live(tag, buffer);
    if (!value && value.error() == Error::kNotFound) {
      continue;
    }
    if (!value) {
      return fail(value.error());
    }
    const Entry entry{.tag = tag, .length = static_cast<std::uint8_t>(value->size())};
    FERRY_TRY(program_entry(block, at, entry, *value));
    index.offset[tag] = at;
    index.length[tag] = entry.length;
    at += entry_size(entry.length);
  }
  return ok();
}

// Errors: kNotFound (also of a record that has rotted since: the others must not be lost for it), kIo.
Result<ByteView> Journal::read_live(std::uint8_t tag, ByteSpan buffer) {
  if (tag == kLossTag) {
    return lost_ ? Result<ByteView>(kLoss) : fail(Error::kNotFound);
  }
  std::uint32_t offset = live_.offset[tag];
  if (offset == 0) {
    return fail(Error::kNotFound);
  }
  const bool is_doubtful = offset == doubt_.offset;
  auto entry = is_doubtful ? read_entry(current_, offset, buffer) : read_twice(current_, offset, buffer);
  if (!entry && entry.error() == Error::kCorrupt && is_doubtful) {
    offset = doubt_.before;  // it was torn, and read well by chance
    entry = offset != 0 ? read_twice(current_, offset, buffer) : fail(Error::kNotFound);
  }
  if (!entry && entry.error() == Error::kCorrupt) {
    lost_ = true;  // and the snapshot will say so
    return fail(Error::kNotFound);
  }
  return entry ? Result<ByteView>(ByteView(buffer).first(entry->length)) : fail(entry.error());
}

}  // namespace ferry
