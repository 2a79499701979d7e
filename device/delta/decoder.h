// Decodes a patch: spec/payload.md, "Delta". RAM: a Decoder of kMedium takes 12 KiB, of kSmall 8, of kLarge 20.
#pragma once

#include "device/coding/bit_decoder.h"
#include "device/delta/codec.h"
#include "device/delta/header.h"

namespace ferry::delta {

using coding::BitDecoder;
using coding::ByteReader;

// The decoder without its memory: the code is the same for every size.
class PatchDecoder final : public Patcher {
 public:
  // A patch made for more than `capacity` is refused. `window`: for reading the old image, 16 bytes or more.
  PatchDecoder(const Tables& tables, MemoryClass capacity, ByteSpan window)
      : tables_(tables), capacity_(capacity), window_buffer_(window) {}

  [[nodiscard]] Status begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size,
                             std::uint32_t image_size) override;
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override;

 private:
  struct Work {
    Work(ImageReader& old, ByteReader& patch, const Header& header, const Tables& all, ByteSpan window_buffer)
        : tables(all.first(capacity_of(header.memory))),
          window(old, header.old_size, window_buffer),
          coder(patch),
          codec(coder, tables, window, header.mode, header.bases) {}
    Tables tables;
    Window window;
    BitDecoder coder;
    Codec<BitDecoder> codec;
  };

  [[nodiscard]] Status next_piece();
  [[nodiscard]] Status check_sources() const;
  [[nodiscard]] Status check_end() const;

  Tables tables_;
  MemoryClass capacity_;
  ByteSpan window_buffer_;
  std::optional<Work> work_;
  std::optional<ByteReader> patch_;
  std::uint32_t coded_size_ = 0;
  std::uint32_t image_size_ = 0;
  std::uint32_t at_ = 0;  // in the new image
  Piece left_;            // of the piece that is being produced
  bool usable_ = false;
};

// The decoder with its memory.
template <MemoryClass kClass = MemoryClass::kMedium>
class Decoder {
 public:
  [[nodiscard]] Patcher& patcher() { return decoder_; }

 private:
  Memory<capacity_of(kClass)> memory_;
  std::array<std::uint8_t, 64> window_;
  PatchDecoder decoder_{memory_.tables(), kClass, window_};
};

// Where a pointer has 4 bytes.
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kSmall>) <= 8 * 1024);
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kMedium>) <= 12 * 1024);
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kLarge>) <= 20 * 1024);

}  // namespace ferry::delta
