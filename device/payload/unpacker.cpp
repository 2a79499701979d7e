#include "device/payload/unpacker.h"

#include <algorithm>

namespace ferry::payload {
namespace {

constexpr std::size_t kSmallestBuffer = 256;

}  // namespace

Status AreaSource::read(std::uint32_t offset, ByteSpan bytes) {
  if (offset > size_ || bytes.size() > size_ - offset) {
    return fail(Error::kOutOfRange);
  }
  return area_.read(offset, bytes);
}

Status Unpacker::begin(Source& source, ImageSink& sink, std::uint32_t image_size,
                       const std::optional<cose::ContentKey>& key, ByteSpan buffer) {
  state_ = State::kFailed;
  buffer_ = buffer;
  if (buffer_.size() < kSmallestBuffer) {
    return fail(Error::kInvalidArgument);
  }
  source_ = &source;
  sink_ = &sink;
  read_ = 0;
  written_ = 0;
  encrypted_ = key.has_value();
  if (key) {
    FERRY_TRY(cipher_.start(key->key, key->iv));
  }
  FERRY_TRY(hash_.restart());
  FERRY_TRY_ASSIGN(const ByteView first, next_chunk());
  FERRY_TRY_ASSIGN(const Header header, decode_header(first.first(std::min(first.size(), kHeaderSize)), source.size()));
  if (header.image_size != image_size) {
    return fail(header.image_size > image_size ? Error::kPayloadTooLong : Error::kPayloadTooShort);
  }
  FERRY_TRY(sink.begin(image_size));
  pending_ = header.kind == Kind::kPlain ? first : first.subspan(kHeaderSize);
  state_ = State::kWorking;
  return ok();
}

Result<bool> Unpacker::step() {
  if (state_ == State::kDone) {
    return true;
  }
  if (state_ != State::kWorking) {
    return fail(Error::kWrongState);
  }
  state_ = State::kFailed;  // unless this step succeeds
  FERRY_TRY(emit(pending_));
  if (read_ < source_->size()) {
    FERRY_TRY_ASSIGN(pending_, next_chunk());
    state_ = State::kWorking;
    return false;
  }
  FERRY_TRY_ASSIGN(digest_, hash_.finish());
  FERRY_TRY(sink_->finish());
  state_ = State::kDone;
  return true;
}

Result<ByteView> Unpacker::next_chunk() {
  const ByteSpan chunk = buffer_.first(std::min<std::size_t>(buffer_.size(), source_->size() - read_));
  FERRY_TRY(source_->read(read_, chunk));
  read_ += static_cast<std::uint32_t>(chunk.size());
  if (encrypted_) {
    FERRY_TRY(cipher_.apply(chunk, chunk));
  }
  return ByteView(chunk);
}

Status Unpacker::emit(ByteView bytes) {
  FERRY_TRY(hash_.update(bytes));
  FERRY_TRY(sink_->write(bytes));
  written_ += static_cast<std::uint32_t>(bytes.size());
  return ok();
}

}  // namespace ferry::payload
