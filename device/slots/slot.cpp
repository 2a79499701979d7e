#include "device/slots/slot.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'F', 'E', 'N', '1'};
constexpr std::size_t kHeaderSize = 12;  // magic, length, CRC-32 of the envelope
constexpr std::size_t kCompareSize = 256;
constexpr std::uint8_t kErased = 0xFF;

// Whole write units of `bytes`, as much as may be programmed without padding.
std::size_t whole_units(std::size_t size, std::uint32_t unit) {
  return size - size % unit;
}

Status compare(const Area& area, std::uint32_t offset, ByteView expected) {
  std::array<std::uint8_t, kCompareSize> chunk{};
  while (!expected.empty()) {
    const ByteSpan read = ByteSpan(chunk).first(std::min(chunk.size(), expected.size()));
    FERRY_TRY(area.read(offset, read));
    if (!equal(read, expected.first(read.size()))) {
      return fail(Error::kIo);
    }
    offset += static_cast<std::uint32_t>(read.size());
    expected = expected.subspan(read.size());
  }
  return ok();
}

// What is in flash is what was meant. Errors: kIo where it is not, and as NorFlash.
Status program_checked(const Area& area, std::uint32_t offset, ByteView units) {
  FERRY_TRY(area.program(offset, units));
  return compare(area, offset, units);
}

// The last unit of `bytes`, where it is not whole, is filled up with erased bytes.
Status program_padded(const Area& area, std::uint32_t offset, ByteView bytes) {
  const std::size_t whole = whole_units(bytes.size(), area.write_size());
  FERRY_TRY(program_checked(area, offset, bytes.first(whole)));
  if (whole == bytes.size()) {
    return ok();
  }
  std::array<std::uint8_t, kMaxWriteSize> last{};
  last.fill(kErased);
  copy(bytes.subspan(whole), last);
  return program_checked(area, offset + static_cast<std::uint32_t>(whole), ByteView(last).first(area.write_size()));
}

std::uint32_t padded_header(std::uint32_t unit) {
  return (static_cast<std::uint32_t>(kHeaderSize) + unit - 1) / unit * unit;
}

}  // namespace

Status SlotWriter::begin(std::uint32_t size) {
  if (size > area_.size()) {
    return fail(Error::kImageTooLarge);
  }
  size_ = size;
  taken_ = 0;
  programmed_ = 0;
  erased_ = 0;
  buffered_ = 0;
  return ok();
}

Status SlotWriter::write(ByteView bytes) {
  if (bytes.size() > size_ - taken_) {
    return fail(Error::kImageTooLarge);
  }
  taken_ += static_cast<std::uint32_t>(bytes.size());
  while (!bytes.empty()) {
    if (buffered_ == 0 && bytes.size() >= area_.write_size()) {  // straight from the caller's memory
      const std::size_t length = whole_units(bytes.size(), area_.write_size());
      FERRY_TRY(program(bytes.first(length)));
      bytes = bytes.subspan(length);
      continue;
    }
    const std::size_t length = copy(bytes, buffer_.first(area_.write_size()).subspan(buffered_));
    buffered_ += length;
    bytes = bytes.subspan(length);
    if (buffered_ == area_.write_size()) {
      buffered_ = 0;
      FERRY_TRY(program(buffer_.first(area_.write_size())));
    }
  }
  return ok();
}

Status SlotWriter::finish() {
  if (taken_ != size_) {
    return fail(Error::kWrongState);
  }
  if (buffered_ > 0) {
    const ByteSpan unit = buffer_.first(area_.write_size());
    std::fill(unit.begin() + static_cast<std::ptrdiff_t>(buffered_), unit.end(), kErased);
    buffered_ = 0;
    FERRY_TRY(program(unit));
  }
  return ok();
}

// Erases ahead, a sector at a time.
Status SlotWriter::program(ByteView units) {
  while (erased_ < programmed_ + units.size()) {
    FERRY_TRY(area_.erase_sector(erased_));
    erased_ += area_.sector_size();
  }
  FERRY_TRY(program_checked(area_, programmed_, units));
  programmed_ += static_cast<std::uint32_t>(units.size());
  return ok();
}

Status erase_envelope(const Area& area) {
  // The header goes first: a slot whose envelope is half erased has none.
  return area.erase(0, area.size());
}

Status write_envelope(const Area& area, ByteView envelope) {
  const std::uint32_t unit = area.write_size();
  if (unit == 0 || area.size() < padded_header(unit) || envelope.size() > area.size() - padded_header(unit)) {
    return fail(Error::kNoSpace);
  }
  FERRY_TRY(erase_envelope(area));
  FERRY_TRY(program_padded(area, padded_header(unit), envelope));
  std::array<std::uint8_t, kHeaderSize> header{};
  const ByteSpan bytes(header);
  copy(kMagic, bytes);
  store_le32(bytes.subspan(4), static_cast<std::uint32_t>(envelope.size()));
  store_le32(bytes.subspan(8), crc32(envelope));
  return program_padded(area, 0, bytes);
}

Result<ByteView> read_envelope(const Area& area, ByteSpan buffer) {
  std::array<std::uint8_t, kHeaderSize> header{};
  FERRY_TRY(area.read(0, header));
  const ByteView bytes(header);
  if (!equal(bytes.first(4), kMagic)) {
    return fail(Error::kSlotEmpty);
  }
  const std::uint32_t header_size = padded_header(area.write_size());
  const std::uint32_t length = load_le32(bytes.subspan(4));
  if (header_size > area.size() || length > area.size() - header_size) {
    return fail(Error::kCorrupt);
  }
  if (length > buffer.size()) {
    return fail(Error::kNoSpace);
  }
  const ByteSpan envelope = buffer.first(length);
  FERRY_TRY(area.read(header_size, envelope));
  if (crc32(envelope) != load_le32(bytes.subspan(8))) {
    return fail(Error::kCorrupt);
  }
  return ByteView(envelope);
}

}  // namespace ferry
