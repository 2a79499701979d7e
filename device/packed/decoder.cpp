#include "device/packed/decoder.h"

namespace ferry::packed {
namespace {

constexpr std::size_t kMostAtOnce = 96;
constexpr std::uint32_t kMostBytes = (1U << 24U) - 1;

}  // namespace

Status PackedDecoder::begin(ImageReader& written, coding::ByteSource& source, std::uint32_t packed_size,
                            std::uint32_t image_size) {
  usable_ = false;
  source_.emplace(source);
  std::array<std::uint8_t, kHeaderSize> bytes{};
  for (std::uint8_t& byte : bytes) {
    byte = source_->next();
  }
  FERRY_TRY(source_->status());
  if (packed_size < kHeaderSize || image_size > kMostBytes) {
    return fail(Error::kPayloadMalformed);
  }
  FERRY_TRY_ASSIGN(const Header header, decode_header(bytes));
  if (written.size() < image_size) {
    return fail(Error::kImageTooLarge);
  }
  work_.emplace(written, *source_, header.branches, tables_, image_size);
  FERRY_TRY(source_->status());
  code_size_ = packed_size - static_cast<std::uint32_t>(kHeaderSize);
  image_size_ = image_size;
  left_ = 0;
  ended_ = false;
  usable_ = true;
  return ok();
}

Result<std::size_t> PackedDecoder::produce(ByteSpan out) {
  if (!usable_) {
    return fail(Error::kWrongState);
  }
  usable_ = false;  // unless this goes well
  out = out.first(std::min(out.size(), kMostAtOnce));
  History& history = work_->history;
  const auto wanted = static_cast<std::uint32_t>(out.size());
  while (history.size() < image_size_ && history.size() - history.taken() < wanted) {
    const Status advanced = advance();
    FERRY_TRY(history.status());  // what could not be read explains what comes of it
    FERRY_TRY(source_->status());
    FERRY_TRY(advanced);
  }
  const std::size_t done = history.take(out, image_size_);
  if (done == 0 && !ended_) {
    ended_ = work_->codec.end() && work_->coder.coded_bytes() == code_size_;
    if (!ended_) {
      return fail(Error::kPayloadMalformed);
    }
  }
  usable_ = true;
  return done;
}

Status PackedDecoder::advance() {
  if (left_ == 0) {
    return next_unit();
  }
  append(work_->history.at(work_->history.size() - match_.distance));
  if (--left_ == 0) {
    work_->codec.finished(match_);
  }
  return ok();
}

// Every unit is inside the image, and brings the work on.
Status PackedDecoder::next_unit() {
  const std::uint32_t at = work_->history.size();
  Unit unit = work_->codec.unit({});
  if (unit.kind == UnitKind::kByte) {
    append(work_->codec.byte(0));
  } else if (unit.kind == UnitKind::kHalf) {
    std::array<std::uint8_t, 4> bytes{};
    unit.length = work_->codec.half(bytes, {});
    for (std::uint32_t i = 0; i < unit.length; ++i) {
      append(bytes[i]);
    }
  } else {
    if (unit.distance > at || unit.length > image_size_ - at) {
      return fail(Error::kPayloadMalformed);
    }
    match_ = unit;
    left_ = unit.length;
    return ok();
  }
  work_->codec.finished(unit);
  return ok();
}

void PackedDecoder::append(std::uint8_t byte) {
  work_->history.append(byte);
  work_->codec.took(byte);
}

}  // namespace ferry::packed
