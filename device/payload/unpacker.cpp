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
                       const std::optional<cose::ContentKey>& key, ByteSpan buffer, const Precursor& precursor) {
  state_ = State::kFailed;
  if (buffer.size() < kSmallestBuffer) {
    return fail(Error::kInvalidArgument);
  }
  chunk_ = buffer;
  patcher_ = nullptr;
  source_ = &source;
  sink_ = &sink;
  written_ = 0;
  FERRY_TRY(rewind(key));
  FERRY_TRY(hash_.restart());
  FERRY_TRY_ASSIGN(pending_, next_chunk());
  const ByteView start = pending_.first(std::min(pending_.size(), kHeaderSize));
  FERRY_TRY_ASSIGN(const Header header, decode_header(start, source.size()));
  if (header.image_size != image_size) {
    return fail(header.image_size > image_size ? Error::kPayloadTooLong : Error::kPayloadTooShort);
  }
  if (header.kind != Kind::kPlain) {
    pending_ = pending_.subspan(kHeaderSize);
  }
  if (header.kind == Kind::kDelta) {
    FERRY_TRY(begin_patch(key, image_size, precursor));
  }
  FERRY_TRY(sink.begin(image_size));
  state_ = State::kWorking;
  return ok();
}

Status Unpacker::rewind(const std::optional<cose::ContentKey>& key) {
  read_ = 0;
  pending_ = {};
  encrypted_ = key.has_value();
  return key ? cipher_.start(key->key, key->iv) : ok();
}

// From here on one half of the buffer is for what comes in, the other one for what comes out.
Status Unpacker::begin_patch(const std::optional<cose::ContentKey>& key, std::uint32_t image_size,
                             const Precursor& precursor) {
  if (precursor.patcher == nullptr || precursor.image == nullptr) {
    return fail(Error::kPayloadKindUnsupported);
  }
  patched_ = chunk_.first(chunk_.size() / 2);
  chunk_ = chunk_.subspan(patched_.size());
  FERRY_TRY(rewind(key));
  patch_bytes_.restart();
  for (std::size_t i = 0; i < kHeaderSize; ++i) {
    (void)patch_bytes_.next();
  }
  FERRY_TRY(precursor.patcher->begin(*precursor.image, patch_bytes_,
                                     source_->size() - static_cast<std::uint32_t>(kHeaderSize), image_size));
  patcher_ = precursor.patcher;
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
  FERRY_TRY_ASSIGN(const bool more, patcher_ != nullptr ? produce_chunk() : copy_chunk());
  if (more) {
    state_ = State::kWorking;
    return false;
  }
  FERRY_TRY_ASSIGN(digest_, hash_.finish());
  FERRY_TRY(sink_->finish());
  state_ = State::kDone;
  return true;
}

Result<bool> Unpacker::copy_chunk() {
  FERRY_TRY(emit(pending_));
  if (read_ >= source_->size()) {
    return false;
  }
  FERRY_TRY_ASSIGN(pending_, next_chunk());
  return true;
}

Result<bool> Unpacker::produce_chunk() {
  FERRY_TRY_ASSIGN(const std::size_t count, patcher_->produce(patched_));
  FERRY_TRY(emit(patched_.first(count)));
  return count > 0;
}

std::uint8_t Unpacker::PatchBytes::next() {
  if (unpacker_.pending_.empty()) {
    if (!status_ || unpacker_.read_ >= unpacker_.source_->size()) {
      return 0;
    }
    const auto chunk = unpacker_.next_chunk();
    if (!chunk) {
      status_ = fail(chunk.error());
      return 0;
    }
    unpacker_.pending_ = *chunk;
  }
  const std::uint8_t byte = unpacker_.pending_.front();
  unpacker_.pending_ = unpacker_.pending_.subspan(1);
  return byte;
}

Result<ByteView> Unpacker::next_chunk() {
  const ByteSpan chunk = chunk_.first(std::min<std::size_t>(chunk_.size(), source_->size() - read_));
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
