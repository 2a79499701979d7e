// Decodes a patch: spec/payload.md, "Delta". RAM: a Decoder of kMedium takes 12 KiB, of kSmall 8, of kLarge 20.
#pragma once

#include "device/coding/bit_decoder.h"
#include "device/coding/image_decoder.h"
#include "device/delta/codec.h"
#include "device/delta/header.h"
#include "device/delta/instruction_sets.h"
#include "device/delta/thumb2.h"

namespace ferry::delta {

using coding::BitDecoder;
using coding::ByteReader;
using coding::ImageDecoder;
using PatchSource = coding::ByteSource;

// The decoder without its memory: the code is the same for every size.
class PatchDecoder final : public ImageDecoder {
 public:
  // A patch made for more than `capacity` is refused, and one of a mode that `sets` lacks. `window`: for reading the
  // old image, 16 bytes or more.
  PatchDecoder(const Tables& tables, MemoryClass capacity, InstructionSets& sets, ByteSpan window)
      : tables_(tables), capacity_(capacity), sets_(sets), window_buffer_(window) {}

  [[nodiscard]] Status begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size,
                             std::uint32_t image_size) override;
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override;

 private:
  struct Work {
    Work(ImageReader& old, ByteReader& patch, std::uint32_t old_size, const Tables& tables, Instructions& instructions,
         ByteSpan window_buffer)
        : window(old, old_size, window_buffer), coder(patch), codec(coder, tables, window, instructions) {}
    Window window;
    BitDecoder coder;
    Codec<BitDecoder> codec;
  };

  [[nodiscard]] Status next_piece();
  [[nodiscard]] Status check_sources() const;
  [[nodiscard]] Status check_end() const;

  Tables tables_;  // what the patch uses of them
  MemoryClass capacity_;
  InstructionSets& sets_;
  ByteSpan window_buffer_;
  std::optional<Work> work_;
  std::optional<ByteReader> patch_;
  std::uint32_t coded_size_ = 0;
  std::uint32_t image_size_ = 0;
  std::uint32_t at_ = 0;  // in the new image
  Piece left_;            // of the piece that is being produced
  bool usable_ = false;
};

// The decoder with its memory. `Sets`: the modes that it knows, SetsOf<...>.
template <MemoryClass kClass = MemoryClass::kMedium, class Sets = SetsOf<Thumb2>>
class Decoder {
 public:
  [[nodiscard]] ImageDecoder& image_decoder() { return decoder_; }

 private:
  Memory<capacity_of(kClass)> memory_;
  std::array<std::uint8_t, 64> window_;
  Sets sets_;
  PatchDecoder decoder_{memory_.tables(), kClass, sets_, window_};
};

// Where a pointer has 4 bytes.
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kSmall>) <= std::size_t{8} * 1024);
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kMedium>) <= std::size_t{12} * 1024);
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kLarge>) <= std::size_t{20} * 1024);

}  // namespace ferry::delta
