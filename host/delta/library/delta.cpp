// The C interface of include/ferry/delta.h: no exception leaves it.
#include "ferry/delta.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "device/delta/huge/decoder.h"
#include "device/payload/container.h"
#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/delta/modes.h"

struct ferry_delta_decoder {
  ferry_delta_decoder(const ferry_delta_source& source) : source_(source) {}  // NOLINT: a C name
  ferry_delta_source source_;
  ferry::coding::ImageDecoder* image_decoder_ = nullptr;
};

namespace {

using ferry::ByteSpan;
using ferry::ByteView;
using ferry::Error;
using ferry::Status;
using ferry::delta::MemoryClass;
namespace delta = ferry::delta;
namespace host = ferry::host;
namespace payload = ferry::payload;

static_assert(FERRY_DELTA_HEADER_SIZE == payload::kHeaderSize + delta::kHeaderSize);

ferry_delta_status status_of(Error error) {
  if (error == Error{}) {
    return FERRY_DELTA_OK;
  }
  switch (error) {
    case Error::kPayloadKindUnsupported:
      return FERRY_DELTA_UNSUPPORTED;
    case Error::kPrecursorMismatch:
      return FERRY_DELTA_WRONG_OLD;
    case Error::kIo:
      return FERRY_DELTA_READ_FAILED;
    case Error::kWrongState:
      return FERRY_DELTA_WRONG_STATE;
    default:
      return FERRY_DELTA_MALFORMED;
  }
}

// Runs `work`, and answers for whatever it throws.
template <typename Work>
ferry_delta_status guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return FERRY_DELTA_NO_MEMORY;
  } catch (...) {
    return FERRY_DELTA_INTERNAL;
  }
}

std::optional<MemoryClass> class_of(ferry_delta_memory memory) {
  switch (memory) {
    case FERRY_DELTA_8_KIB:
      return MemoryClass::kSmall;
    case FERRY_DELTA_12_KIB:
      return MemoryClass::kMedium;
    case FERRY_DELTA_20_KIB:
      return MemoryClass::kLarge;
    case FERRY_DELTA_8_MIB:
      return MemoryClass::kHuge;
    default:
      return std::nullopt;
  }
}

ferry_delta_memory memory_of(MemoryClass memory) {
  return memory == MemoryClass::kSmall    ? FERRY_DELTA_8_KIB
         : memory == MemoryClass::kMedium ? FERRY_DELTA_12_KIB
         : memory == MemoryClass::kHuge   ? FERRY_DELTA_8_MIB
                                          : FERRY_DELTA_20_KIB;
}

ferry_delta_mode mode_of(delta::Mode mode) {
  return static_cast<ferry_delta_mode>(FERRY_DELTA_PLAIN + static_cast<int>(mode));
}
static_assert(FERRY_DELTA_PLAIN + static_cast<int>(delta::kLastMode) == FERRY_DELTA_AARCH64);

bool is_mode_of(int mode, MemoryClass memory) {
  const auto modes = host::delta::all_modes();
  return mode == FERRY_DELTA_AUTO || std::ranges::any_of(modes, [&](const auto& tools) {
           return mode_of(tools.mode) == mode && host::delta::goes_with(tools.mode, memory);
         });
}

class OldImage final : public ferry::ImageReader {
 public:
  explicit OldImage(const ferry_delta_source& source) : source_(source) {}
  [[nodiscard]] std::uint32_t size() const override { return source_.old_size; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (offset > source_.old_size || bytes.size() > source_.old_size - offset) {
      return ferry::fail(Error::kOutOfRange);
    }
    const int failed = source_.read_old(source_.context, offset, bytes.data(), bytes.size());
    return failed == 0 ? ferry::ok() : Status(ferry::fail(Error::kIo));
  }

 private:
  const ferry_delta_source& source_;
};

// The delta behind the payload's header.
class DeltaBytes final : public ferry::coding::ByteSource {
 public:
  explicit DeltaBytes(const ferry_delta_source& source) : source_(source), left_(source.delta_size) {}
  [[nodiscard]] Status read(ByteSpan bytes) {
    left_ -= static_cast<std::uint32_t>(bytes.size());
    return source_.read_delta(source_.context, bytes.data(), bytes.size()) == 0 ? ferry::ok() : ferry::fail(Error::kIo);
  }
  [[nodiscard]] ferry::Result<ByteView> next_piece() override {
    const ByteSpan piece = ByteSpan(buffer_).first(std::min<std::size_t>(left_, buffer_.size()));
    if (!piece.empty()) {
      FERRY_TRY(read(piece));
    }
    return ByteView(piece);
  }

 private:
  const ferry_delta_source& source_;
  std::array<std::uint8_t, 32> buffer_{};
  std::uint32_t left_;
};

// All that a decoder is made of; nothing in it has to be destroyed.
template <MemoryClass kClass>
struct Storage : ferry_delta_decoder {
  explicit Storage(const ferry_delta_source& source) : ferry_delta_decoder(source) {
    image_decoder_ = &decoder.image_decoder();
  }
  OldImage old{source_};
  DeltaBytes bytes{source_};
  using Small = delta::Decoder<std::min(kClass, MemoryClass::kLarge), host::delta::AllSets>;
  std::conditional_t<kClass == MemoryClass::kHuge, delta::huge::EveryDecoder<Small>, Small> decoder;
};

template <MemoryClass kClass>
ferry_delta_status begin(void* place, std::size_t size, const ferry_delta_source& source,
                         ferry_delta_decoder** decoder) {
  using Whole = Storage<kClass>;
  if (size < sizeof(Whole) || reinterpret_cast<std::uintptr_t>(place) % alignof(Whole) != 0) {
    return FERRY_DELTA_NO_SPACE;
  }
  if (source.delta_size < FERRY_DELTA_HEADER_SIZE) {
    return FERRY_DELTA_MALFORMED;
  }
  auto* const whole = new (place) Whole(source);
  std::array<std::uint8_t, payload::kHeaderSize> start{};
  if (!whole->bytes.read(start)) {
    return FERRY_DELTA_READ_FAILED;
  }
  const auto header = payload::decode_header(start, source.delta_size);
  if (!header || header->kind != payload::Kind::kDelta) {
    return status_of(header ? Error::kPayloadMalformed : header.error());
  }
  const auto patch_size = static_cast<std::uint32_t>(source.delta_size - payload::kHeaderSize);
  const Status begun = whole->image_decoder_->begin(whole->old, whole->bytes, patch_size, header->image_size);
  *decoder = begun ? whole : nullptr;
  return status_of(begun.error());
}

struct InMemory {
  ByteView old;
  ByteView left;  // of the delta
  static int read_old(void* context, std::uint32_t offset, std::uint8_t* bytes, std::size_t size) {
    const ByteView old = static_cast<InMemory*>(context)->old;
    std::copy_n(old.begin() + offset, size, bytes);
    return 0;
  }
  static int read_delta(void* context, std::uint8_t* bytes, std::size_t size) {
    ByteView& left = static_cast<InMemory*>(context)->left;
    std::copy_n(left.begin(), size, bytes);
    left = left.subspan(size);
    return 0;
  }
};

template <typename Digest>
bool begins_with(const ferry::Sha256Digest& digest, const Digest& start) {
  return std::equal(std::begin(start), std::end(start), digest.begin());
}

ferry_delta_status give(const host::Bytes& bytes, std::uint8_t** out, std::size_t* size) {
  auto* const copy = static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(bytes.size(), 1)));
  if (copy == nullptr) {
    return FERRY_DELTA_NO_MEMORY;
  }
  std::copy(bytes.begin(), bytes.end(), copy);
  *out = copy;
  *size = bytes.size();
  return FERRY_DELTA_OK;
}

ferry_delta_status decode_all(ferry_delta_decoder* decoder, host::Bytes& image) {
  std::array<std::uint8_t, 4096> piece{};
  for (std::size_t count = 1; count != 0;) {
    const auto status = ferry_delta_decoder_read(decoder, piece.data(), piece.size(), &count);
    if (status != FERRY_DELTA_OK) {
      return status;
    }
    image.insert(image.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return FERRY_DELTA_OK;
}

ferry_delta_status apply(ByteView old, ByteView bytes, std::uint8_t** image, std::size_t* image_size) {
  ferry_delta_info info{};
  auto status = ferry_delta_read_info(bytes.data(), bytes.size(), bytes.size(), &info);
  if (status != FERRY_DELTA_OK) {
    return status;
  }
  if (info.old_size != old.size() || !begins_with(host::sha256(old), info.old_digest)) {
    return FERRY_DELTA_WRONG_OLD;
  }
  InMemory memory{.old = old, .left = bytes};
  const ferry_delta_source source{.context = &memory,
                                  .read_old = InMemory::read_old,
                                  .old_size = info.old_size,
                                  .read_delta = InMemory::read_delta,
                                  .delta_size = static_cast<std::uint32_t>(bytes.size())};
  const ferry_delta_memory memory_class = info.memory == FERRY_DELTA_8_MIB ? FERRY_DELTA_8_MIB : FERRY_DELTA_20_KIB;
  const auto storage = std::make_unique<std::uint8_t[]>(ferry_delta_decoder_size(memory_class));
  ferry_delta_decoder* decoder = nullptr;
  status =
      ferry_delta_decoder_begin(storage.get(), ferry_delta_decoder_size(memory_class), memory_class, &source, &decoder);
  host::Bytes made;
  status = status == FERRY_DELTA_OK ? decode_all(decoder, made) : status;
  if (status != FERRY_DELTA_OK) {
    return status;
  }
  return begins_with(host::sha256(made), info.new_digest) ? give(made, image, image_size) : FERRY_DELTA_MALFORMED;
}

}  // namespace

extern "C" {

const char* ferry_delta_message(ferry_delta_status status) {
  switch (status) {
    case FERRY_DELTA_OK:
      return "no error";
    case FERRY_DELTA_INVALID_ARGUMENT:
      return "an argument is missing or makes no sense";
    case FERRY_DELTA_NO_MEMORY:
      return "there is not enough memory";
    case FERRY_DELTA_TOO_LARGE:
      return "an image has 16 MiB or more";
    case FERRY_DELTA_NO_SPACE:
      return "the decoder's storage is too small or not aligned";
    case FERRY_DELTA_MALFORMED:
      return "this is no delta, or it is damaged";
    case FERRY_DELTA_UNSUPPORTED:
      return "the delta is of a newer kind, or was made for more memory";
    case FERRY_DELTA_WRONG_OLD:
      return "the delta was made from another old image";
    case FERRY_DELTA_READ_FAILED:
      return "the old image or the delta cannot be read";
    case FERRY_DELTA_WRONG_STATE:
      return "the decoder has failed before";
    case FERRY_DELTA_INTERNAL:
      return "an internal error";
  }
  return "an unknown status";
}

void ferry_delta_free(uint8_t* bytes) {
  std::free(bytes);
}

ferry_delta_status ferry_delta_make(const uint8_t* old_image, size_t old_size, const uint8_t* new_image,
                                    size_t new_size, const ferry_delta_options* options, uint8_t** delta,
                                    size_t* delta_size) {
  if (old_image == nullptr || new_image == nullptr || delta == nullptr || delta_size == nullptr) {
    return FERRY_DELTA_INVALID_ARGUMENT;
  }
  *delta = nullptr;
  host::delta::EncodeOptions encode;
  if (options != nullptr) {
    const int memory = options->memory;
    const auto wanted = class_of(memory == 0 ? FERRY_DELTA_12_KIB : options->memory);
    if (!wanted || !is_mode_of(options->mode, *wanted)) {
      return FERRY_DELTA_INVALID_ARGUMENT;
    }
    encode.memory = *wanted;
    if (options->mode != FERRY_DELTA_AUTO) {
      encode.mode = static_cast<delta::Mode>(static_cast<int>(options->mode) - FERRY_DELTA_PLAIN);
    }
  }
  const std::size_t most = encode.memory == MemoryClass::kHuge ? delta::huge::kMostBytes : delta::kMostBytes;
  if (old_size > most || new_size > most) {
    return FERRY_DELTA_TOO_LARGE;
  }
  return guarded([&] {
    return give(host::delta::make_delta({old_image, old_size}, {new_image, new_size}, encode), delta, delta_size);
  });
}

ferry_delta_status ferry_delta_apply(const uint8_t* old_image, size_t old_size, const uint8_t* delta, size_t delta_size,
                                     uint8_t** image, size_t* image_size) {
  if (old_image == nullptr || delta == nullptr || image == nullptr || image_size == nullptr) {
    return FERRY_DELTA_INVALID_ARGUMENT;
  }
  *image = nullptr;
  return guarded([&] { return apply({old_image, old_size}, {delta, delta_size}, image, image_size); });
}

ferry_delta_status ferry_delta_read_info(const uint8_t* start, size_t start_size, size_t delta_size,
                                         ferry_delta_info* info) {
  if (start == nullptr || info == nullptr || start_size > delta_size) {
    return FERRY_DELTA_INVALID_ARGUMENT;
  }
  if (start_size < FERRY_DELTA_HEADER_SIZE || delta_size > UINT32_MAX) {
    return FERRY_DELTA_MALFORMED;
  }
  const ByteView bytes = ByteView(start, start_size).first(FERRY_DELTA_HEADER_SIZE);
  const auto outer = payload::decode_header(bytes.first(payload::kHeaderSize), static_cast<std::uint32_t>(delta_size));
  if (!outer || outer->kind != payload::Kind::kDelta) {
    return outer ? FERRY_DELTA_MALFORMED : status_of(outer.error());
  }
  const auto inner = ferry::delta::decode_header(bytes.subspan(payload::kHeaderSize));
  if (!inner) {
    return status_of(inner.error());
  }
  *info = {.old_size = inner->old_size,
           .new_size = outer->image_size,
           .memory = memory_of(inner->memory),
           .mode = mode_of(inner->mode),
           .old_digest = {},
           .new_digest = {}};
  std::copy(inner->old_digest.begin(), inner->old_digest.end(), info->old_digest);
  std::copy(inner->new_digest.begin(), inner->new_digest.end(), info->new_digest);
  return FERRY_DELTA_OK;
}

size_t ferry_delta_decoder_size(ferry_delta_memory memory) {
  switch (memory) {
    case FERRY_DELTA_8_KIB:
      return sizeof(Storage<MemoryClass::kSmall>);
    case FERRY_DELTA_12_KIB:
      return sizeof(Storage<MemoryClass::kMedium>);
    case FERRY_DELTA_20_KIB:
      return sizeof(Storage<MemoryClass::kLarge>);
    case FERRY_DELTA_8_MIB:
      return sizeof(Storage<MemoryClass::kHuge>);
    default:
      return 0;
  }
}

ferry_delta_status ferry_delta_decoder_begin(void* storage, size_t storage_size, ferry_delta_memory memory,
                                             const ferry_delta_source* source, ferry_delta_decoder** decoder) {
  if (storage == nullptr || source == nullptr || decoder == nullptr || source->read_old == nullptr ||
      source->read_delta == nullptr) {
    return FERRY_DELTA_INVALID_ARGUMENT;
  }
  *decoder = nullptr;
  switch (memory) {
    case FERRY_DELTA_8_KIB:
      return begin<MemoryClass::kSmall>(storage, storage_size, *source, decoder);
    case FERRY_DELTA_12_KIB:
      return begin<MemoryClass::kMedium>(storage, storage_size, *source, decoder);
    case FERRY_DELTA_20_KIB:
      return begin<MemoryClass::kLarge>(storage, storage_size, *source, decoder);
    case FERRY_DELTA_8_MIB:
      return begin<MemoryClass::kHuge>(storage, storage_size, *source, decoder);
    default:
      return FERRY_DELTA_INVALID_ARGUMENT;
  }
}

ferry_delta_status ferry_delta_decoder_read(ferry_delta_decoder* decoder, uint8_t* out, size_t capacity,
                                            size_t* count) {
  if (decoder == nullptr || out == nullptr || count == nullptr || capacity < 4) {
    return FERRY_DELTA_INVALID_ARGUMENT;
  }
  *count = 0;
  const auto made = decoder->image_decoder_->produce(ByteSpan(out, capacity));
  if (!made) {
    return status_of(made.error());
  }
  *count = *made;
  return FERRY_DELTA_OK;
}

}  // extern "C"
