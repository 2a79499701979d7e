#include "device/delta/decoder.h"

namespace ferry::delta {
namespace {

constexpr std::size_t kUnit = sizeof(Word);  // the most that one step produces

}  // namespace

Status PatchDecoder::begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size, std::uint32_t image_size) {
  usable_ = false;
  patch_.emplace(patch);
  std::array<std::uint8_t, kHeaderSize> bytes{};
  for (std::uint8_t& byte : bytes) {
    byte = patch_->next();
  }
  FERRY_TRY(patch_->status());
  if (patch_size < kHeaderSize) {
    return fail(Error::kPayloadMalformed);
  }
  FERRY_TRY_ASSIGN(const Header header, decode_header(bytes));
  if (header.memory > capacity_) {
    return fail(Error::kPayloadKindUnsupported);
  }
  if (header.old_size > old.size()) {
    return fail(Error::kPrecursorMismatch);
  }
  tables_ = tables_.first(capacity_of(header.memory));
  FERRY_TRY_ASSIGN(const ChosenSet chosen, sets_.begin(header, *patch_, tables_.map));
  tables_.map = tables_.map.first(tables_.map.size() - chosen.blocks);
  const std::uint32_t start = static_cast<std::uint32_t>(kHeaderSize) + chosen.bytes;
  if (patch_size < start) {
    return fail(Error::kPayloadMalformed);
  }
  work_.emplace(old, *patch_, header.old_size, tables_, *chosen.instructions, window_buffer_);
  coded_size_ = patch_size - start;
  image_size_ = image_size;
  at_ = 0;
  left_ = {};
  if (!work_->codec.address_map({})) {
    return fail(Error::kPayloadMalformed);
  }
  FERRY_TRY(check_sources());
  usable_ = true;
  return ok();
}

Result<std::size_t> PatchDecoder::produce(ByteSpan out) {
  if (!usable_) {
    return fail(Error::kWrongState);
  }
  usable_ = false;  // unless this goes well
  std::size_t done = 0;
  while (at_ < image_size_ && out.size() - done >= kUnit) {
    std::size_t count = 1;
    if (left_.literals > 0) {
      out[done] = work_->codec.literal(at_, 0);
      --left_.literals;
    } else if (left_.length > 0) {
      Word unit{};
      count = work_->codec.copy(at_, left_.old_start, left_.length, unit, {}).size;
      ferry::copy(ByteView(unit).first(count), out.subspan(done));
      left_.old_start += static_cast<std::uint32_t>(count);
      left_.length -= static_cast<std::uint32_t>(count);
    } else {
      FERRY_TRY(next_piece());
      continue;
    }
    at_ += static_cast<std::uint32_t>(count);
    done += count;
  }
  FERRY_TRY(check_sources());
  if (done == 0) {
    FERRY_TRY(check_end());
  }
  usable_ = true;
  return done;
}

// Every piece is inside both images, and brings the work on.
Status PatchDecoder::next_piece() {
  left_ = work_->codec.piece(at_, {});
  const std::uint32_t room = image_size_ - at_;
  const std::uint32_t old_size = work_->window.size();
  const bool fits = left_.literals <= room && left_.length <= room - left_.literals;
  const bool inside = left_.length == 0 || (left_.old_start <= old_size && left_.length <= old_size - left_.old_start);
  const bool empty = left_.literals == 0 && left_.length == 0;
  return fits && inside && !empty ? ok() : fail(Error::kPayloadMalformed);
}

Status PatchDecoder::check_sources() const {
  FERRY_TRY(work_->window.status());
  return patch_->status();
}

Status PatchDecoder::check_end() const {
  return work_->coder.coded_bytes() == coded_size_ ? ok() : fail(Error::kPayloadMalformed);
}

}  // namespace ferry::delta
