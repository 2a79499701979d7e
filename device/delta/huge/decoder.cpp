#include "device/delta/huge/decoder.h"

namespace ferry::delta::huge {
namespace {

constexpr std::size_t kUnit = 4;  // the most that one step produces

}  // namespace

Status Decoder::begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size, std::uint32_t image_size) {
  usable_ = false;
  patch_.emplace(patch);
  std::array<std::uint8_t, kHeaderSize> bytes{};
  for (std::uint8_t& byte : bytes) {
    byte = patch_->next();
  }
  FERRY_TRY(patch_->status());
  if (patch_size < kHeaderSize || image_size > kMostBytes) {
    return fail(Error::kPayloadMalformed);
  }
  FERRY_TRY_ASSIGN(const Header header, decode_header(bytes));
  const bool is_code = header.mode == Mode::kAArch64;
  if (header.memory != MemoryClass::kHuge || (!is_code && header.mode != Mode::kPlain)) {
    return fail(Error::kPayloadKindUnsupported);
  }
  if (header.old_size > kMostBytes) {
    return fail(Error::kPayloadMalformed);
  }
  if (header.old_size > old.size()) {
    return fail(Error::kPrecursorMismatch);
  }
  const Bases bases{header.bases.old_image, header.bases.new_image};
  work_.emplace(old, *patch_, header.old_size, memory_, window_, bases, is_code);
  work_->codec.upper_half(0);
  old_ = &old;
  coded_size_ = patch_size - static_cast<std::uint32_t>(kHeaderSize);
  image_size_ = image_size;
  at_ = 0;
  pieces_ = {};
  piece_ = {};
  left_ = 0;
  FERRY_TRY(check_sources());
  usable_ = true;
  return ok();
}

Result<std::size_t> Decoder::produce(ByteSpan out) {
  if (!usable_) {
    return fail(Error::kWrongState);
  }
  usable_ = false;  // unless this goes well
  std::size_t done = 0;
  while (at_ < image_size_ && out.size() - done >= kUnit) {
    FERRY_TRY_ASSIGN(const std::size_t count, step(out.subspan(done)));
    at_ += static_cast<std::uint32_t>(count);
    done += count;
  }
  FERRY_TRY(check_sources());
  if (done == 0 && work_->coder.coded_bytes() != coded_size_) {
    return fail(Error::kPayloadMalformed);
  }
  usable_ = true;
  return done;
}

// Some bytes; none where a piece ends, or has no copy.
Result<std::size_t> Decoder::step(ByteSpan out) {
  if (at_ < piece_.new_start) {
    return work_->codec.literal(at_, piece_.new_start - at_, piece_.words(), out);
  }
  if (left_ == 0) {
    FERRY_TRY(next_piece());
    return std::size_t{0};
  }
  std::size_t count = 0;
  if (piece_.verbatim()) {
    count = std::min<std::size_t>(left_, out.size());
    FERRY_TRY(old_->read(from_, out.first(count)));
  } else {
    count = work_->codec.copy(at_, from_, piece_, out);
  }
  from_ += static_cast<std::uint32_t>(count);
  left_ -= static_cast<std::uint32_t>(count);
  return count;
}

Status Decoder::next_piece() {
  if (pieces_.empty()) {
    FERRY_TRY(check_sources());
    pieces_ = work_->codec.section(at_, image_size_, {});
    if (pieces_.empty()) {
      return fail(Error::kPayloadMalformed);
    }
  }
  piece_ = pieces_.front();
  pieces_ = pieces_.subspan(1);
  from_ = piece_.old_start();
  left_ = piece_.length();
  return ok();
}

Status Decoder::check_sources() const {
  FERRY_TRY(work_->old.status());
  return patch_->status();
}

}  // namespace ferry::delta::huge
