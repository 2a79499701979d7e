#include "device/slots/staging.h"

#include <algorithm>

namespace ferry {
namespace {

// The progress record: release, what is selected, how much of it is durable, and the sizes so far.
constexpr std::size_t kSequenceAt = 0;
constexpr std::size_t kDigestAt = 8;
constexpr std::size_t kDigestKept = 20;
constexpr std::size_t kSelectedAt = 28;
constexpr std::size_t kDurableAt = 29;
constexpr std::size_t kSizesAt = 33;
constexpr std::size_t kRecordSize = kSizesAt + 4 * Staging::kMaxPayloads;
constexpr std::uint32_t kMaxRecords = 128;
constexpr std::uint8_t kErased = 0xFF;

std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Staging::Staging(Area area, Journal& journal, ByteSpan buffer) : area_(area), journal_(journal), buffer_(buffer) {}

Status Staging::open(const Release& release) {
  std::array<std::uint8_t, kRecordSize> record{};
  release_ = release;
  forget_position();
  const auto found = journal_.get(Tag::kProgress, record);
  if (found && found->size() == kRecordSize) {
    const ByteView bytes = *found;
    const bool same = load_le64(bytes.subspan(kSequenceAt)) == release.sequence &&
                      equal(bytes.subspan(kDigestAt, kDigestKept), ByteView(release.manifest).first(kDigestKept));
    if (same && bytes[kSelectedAt] < kMaxPayloads) {
      recorded_.selected = bytes[kSelectedAt];
      recorded_.durable = load_le32(bytes.subspan(kDurableAt));
      for (std::size_t i = 0; i < kMaxPayloads; ++i) {
        recorded_.sizes[i] = load_le32(bytes.subspan(kSizesAt + 4 * i));
      }
    }
  }
  return found || found.error() == Error::kNotFound || found.error() == Error::kCorrupt ? ok() : fail(found.error());
}

Status Staging::select(std::size_t index, std::uint32_t size) {
  if (index >= kMaxPayloads || index > declared_) {
    return fail(Error::kWrongState);
  }
  if (index < declared_ && sizes_[index] != size) {
    return fail(Error::kInvalidArgument);
  }
  if (index < declared_ && index == selected_) {
    return ok();
  }
  const std::uint32_t offset = offset_of(index);
  if (size > area_.size() || round_up(size, area_.sector_size()) > area_.size() - offset) {
    return fail(Error::kStagingTooSmall);
  }
  sizes_[index] = size;
  declared_ = std::max(declared_, index + 1);
  selected_ = index;
  offset_ = offset;
  durable_ = recorded_bytes(index);
  unrecorded_ = 0;
  buffered_ = 0;
  return ok();
}

// What the journal knows of payload `index`: all of those before the recorded one are whole.
std::uint32_t Staging::recorded_bytes(std::size_t index) const {
  for (std::size_t i = 0; i <= index; ++i) {
    if (recorded_.sizes[i] != sizes_[i]) {
      return 0;  // laid out otherwise then: what is there is something else
    }
  }
  if (index < recorded_.selected) {
    return sizes_[index];
  }
  return index == recorded_.selected ? std::min(recorded_.durable, sizes_[index]) : 0;
}

std::uint32_t Staging::received() const {
  return durable_ + static_cast<std::uint32_t>(buffered_) + unrecorded_;
}

Status Staging::read_last(ByteSpan last) const {
  const std::uint32_t size = received();
  if (buffered_ != 0 || size < last.size()) {
    return fail(Error::kNotFound);
  }
  return area_.read(offset_ + size - static_cast<std::uint32_t>(last.size()), last);
}

bool Staging::complete() const {
  return selected_ < declared_ && unrecorded_ == 0 && buffered_ == 0 && durable_ == sizes_[selected_];
}

Status Staging::append(ByteView bytes) {
  if (selected_ >= declared_) {
    return fail(Error::kWrongState);
  }
  if (bytes.size() > sizes_[selected_] - received()) {
    return fail(Error::kPayloadTooLong);
  }
  while (!bytes.empty()) {
    const std::size_t length = copy(bytes, buffer_.subspan(buffered_, room()));
    buffered_ += length;
    bytes = bytes.subspan(length);
    if (room() == 0) {
      FERRY_TRY(program_buffer());
    }
  }
  if (received() == sizes_[selected_]) {
    FERRY_TRY(program_buffer());
    FERRY_TRY(record());
  }
  return ok();
}

// Up to the end of the buffer or of the sector, so that progress can be recorded at every sector.
std::size_t Staging::room() const {
  const std::uint32_t at = durable_ + unrecorded_;
  const std::uint32_t to_sector_end = area_.sector_size() - at % area_.sector_size();
  return std::min<std::size_t>(buffer_.size(), to_sector_end) - buffered_;
}

Status Staging::program_buffer() {
  if (buffered_ == 0) {
    return ok();
  }
  const std::uint32_t at = offset_ + durable_ + unrecorded_;
  if (at % area_.sector_size() == 0) {
    FERRY_TRY(area_.erase_sector(at));
  }
  const std::size_t padded = round_up(static_cast<std::uint32_t>(buffered_), area_.write_size());
  const ByteSpan units = buffer_.first(padded);
  std::fill(units.begin() + static_cast<std::ptrdiff_t>(buffered_), units.end(), kErased);
  FERRY_TRY(area_.program(at, units));
  unrecorded_ += static_cast<std::uint32_t>(buffered_);
  buffered_ = 0;
  return (durable_ + unrecorded_) % grain() == 0 ? record() : ok();
}

// Whole sectors; a large staging area is not recorded more than kMaxRecords times.
std::uint32_t Staging::grain() const {
  return round_up(std::max(area_.size() / kMaxRecords, std::uint32_t{1}), area_.sector_size());
}

Status Staging::record() {
  if (unrecorded_ == 0 && recorded_.selected == selected_ && recorded_.durable == durable_ &&
      recorded_.sizes == sizes_) {
    return ok();
  }
  std::array<std::uint8_t, kRecordSize> bytes{};
  const ByteSpan out(bytes);
  store_le64(out.subspan(kSequenceAt), release_.sequence);
  copy(ByteView(release_.manifest).first(kDigestKept), out.subspan(kDigestAt));
  out[kSelectedAt] = static_cast<std::uint8_t>(selected_);
  store_le32(out.subspan(kDurableAt), durable_ + unrecorded_);
  for (std::size_t i = 0; i < kMaxPayloads; ++i) {
    store_le32(out.subspan(kSizesAt + 4 * i), i < declared_ ? sizes_[i] : 0);
  }
  FERRY_TRY(journal_.put(Tag::kProgress, bytes));
  durable_ += unrecorded_;
  unrecorded_ = 0;
  recorded_ = {.selected = selected_, .durable = durable_, .sizes = sizes_};
  return ok();
}

Status Staging::discard(std::size_t index) {
  if (index >= declared_) {
    return fail(Error::kInvalidArgument);
  }
  selected_ = index;
  declared_ = index + 1;
  std::fill(sizes_.begin() + static_cast<std::ptrdiff_t>(declared_), sizes_.end(), 0U);
  offset_ = offset_of(index);
  durable_ = unrecorded_ = 0;
  buffered_ = 0;
  recorded_ = {};
  return record();
}

Area Staging::payload(std::size_t index) const {
  return index < declared_
             ? area_.part(offset_of(index), round_up(std::max<std::uint32_t>(sizes_[index], 1), area_.sector_size()))
             : Area();
}

std::uint32_t Staging::payload_size(std::size_t index) const {
  return index < declared_ ? sizes_[index] : 0;
}

Status Staging::clear() {
  forget_position();
  return journal_.put(Tag::kProgress, {});
}

std::uint32_t Staging::offset_of(std::size_t index) const {
  std::uint32_t offset = 0;
  for (std::size_t i = 0; i < index; ++i) {
    offset += round_up(sizes_[i], area_.sector_size());
  }
  return offset;
}

void Staging::forget_position() {
  declared_ = 0;
  recorded_ = {};
  sizes_.fill(0);
  selected_ = 0;
  offset_ = 0;
  durable_ = unrecorded_ = 0;
  buffered_ = 0;
}

}  // namespace ferry
