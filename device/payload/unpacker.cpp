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
  return area_.read(start_ + offset, bytes);
}

Result<ByteView> AreaSource::open_seal(ByteSpan buffer) {
  const ByteSpan start = buffer.first(std::min<std::size_t>(buffer.size(), size_));
  FERRY_TRY(read(0, start));
  FERRY_TRY_ASSIGN(const ByteView seal, sealed_by(start));
  if (!seal.empty()) {
    start_ = static_cast<std::uint32_t>(kSealSize + seal.size());
    size_ -= start_;
  }
  return seal;
}

Status Unpacker::begin(Source& source, ImageSink& sink, std::uint32_t image_size,
                       const std::optional<cose::ContentKey>& key, ByteSpan buffer, const Makers& makers) {
  state_ = State::kFailed;
  if (buffer.size() < kSmallestBuffer) {
    return fail(Error::kInvalidArgument);
  }
  decoder_ = nullptr;
  source_ = &source;
  sink_ = &sink;
  read_ = 0;
  written_ = 0;
  encrypted_ = key.has_value();
  if (key) {
    FERRY_TRY(cipher_.start(key->key, key->iv));
  }
  FERRY_TRY(hash_.restart());
  chunk_ = buffer;
  FERRY_TRY_ASSIGN(const Header header, read_header());
  if (header.image_size != image_size) {
    return fail(header.image_size > image_size ? Error::kPayloadTooLong : Error::kPayloadTooShort);
  }
  if (header.kind == Kind::kDelta) {
    FERRY_TRY(begin_making(makers.of_delta, image_size));
  } else if (header.kind == Kind::kPacked) {
    FERRY_TRY(begin_making(makers.of_packed, image_size));
  }
  FERRY_TRY(sink.begin(image_size));
  state_ = State::kWorking;
  return ok();
}

// A plain image has none: what was read is its beginning.
Result<Header> Unpacker::read_header() {
  const ByteSpan all = chunk_;
  chunk_ = all.first(kHeaderSize);
  FERRY_TRY_ASSIGN(pending_, next_piece());
  chunk_ = all;
  FERRY_TRY_ASSIGN(const Header header, decode_header(pending_, source_->size()));
  if (header.kind != Kind::kPlain) {
    pending_ = {};
  }
  return header;
}

// From here on one half of the buffer is for what comes in, the other one for what comes out.
Status Unpacker::begin_making(const Maker& maker, std::uint32_t image_size) {
  decoder_ = maker.decoder;
  if (decoder_ == nullptr || maker.from == nullptr) {
    return fail(Error::kPayloadKindUnsupported);
  }
  made_ = chunk_.first(chunk_.size() / 2);
  chunk_ = chunk_.subspan(made_.size());
  return decoder_->begin(*maker.from, *this, source_->size() - read_, image_size);
}

Result<bool> Unpacker::step() {
  if (state_ == State::kDone) {
    return true;
  }
  if (state_ != State::kWorking) {
    return fail(Error::kWrongState);
  }
  state_ = State::kFailed;  // unless this step succeeds
  FERRY_TRY_ASSIGN(const bool more, decoder_ != nullptr ? produce_chunk() : copy_chunk());
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
  FERRY_TRY_ASSIGN(pending_, next_piece());
  return !pending_.empty();
}

Result<bool> Unpacker::produce_chunk() {
  FERRY_TRY_ASSIGN(const std::size_t count, decoder_->produce(made_));
  FERRY_TRY(emit(made_.first(count)));
  return count > 0;
}

Result<ByteView> Unpacker::next_piece() {
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
