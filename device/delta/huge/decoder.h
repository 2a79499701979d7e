// Decodes patches of the class for Linux: spec/payload.md, "Delta for Linux". RAM: 8 MiB.
#pragma once

#include <optional>
#include <utility>

#include "device/coding/bit_decoder.h"
#include "device/delta/decoder.h"
#include "device/delta/huge/codec.h"

namespace ferry::delta::huge {

class Decoder final : public ImageDecoder {
 public:
  Decoder() {}  // NOLINT: leaves the memory alone until a patch of this class comes

  [[nodiscard]] Status begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size,
                             std::uint32_t image_size) override;
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override;

 private:
  struct Work {
    Work(ImageReader& image, ByteReader& patch, std::uint32_t old_size, Memory& memory, ByteSpan window,
         const Bases& bases, bool is_code)
        : old(image, old_size, window), coder(patch), codec(coder, memory, old, bases, is_code) {}
    Window old;
    BitDecoder coder;
    Codec<BitDecoder> codec;
  };

  [[nodiscard]] Status next_piece();
  [[nodiscard]] Result<std::size_t> step(ByteSpan out);
  [[nodiscard]] Status check_sources() const;

  Memory memory_;
  std::array<std::uint8_t, 4096> window_;
  std::optional<Work> work_;
  std::optional<ByteReader> patch_;
  ImageReader* old_ = nullptr;
  std::span<const StoredPiece> pieces_;  // of the section, those that are to come
  StoredPiece piece_{};                  // that is being produced
  std::uint32_t from_ = 0;               // in the old image
  std::uint32_t left_ = 0;               // of its copy
  std::uint32_t coded_size_ = 0;
  std::uint32_t image_size_ = 0;
  std::uint32_t at_ = 0;  // in the new image
  bool usable_ = false;
};

static_assert(sizeof(Decoder) <= std::size_t{8} * 1024 * 1024);

// Decodes patches of every class. `Small`: a delta::Decoder, for those that are not of the class for Linux.
template <class Small>
class EveryDecoder final : public ImageDecoder {
 public:
  EveryDecoder() {}                                              // NOLINT: as Decoder
  [[nodiscard]] ImageDecoder& image_decoder() { return *this; }  // as a delta::Decoder has it

  [[nodiscard]] Status begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size,
                             std::uint32_t image_size) override {
    FERRY_TRY(source_.begin(patch));
    chosen_ =
        source_.memory_class() == MemoryClass::kHuge ? static_cast<ImageDecoder*>(&huge_) : &small_.image_decoder();
    return chosen_->begin(old, source_, patch_size, image_size);
  }
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override {
    return chosen_ != nullptr ? chosen_->produce(out) : fail(Error::kWrongState);
  }

 private:
  // A patch whose beginning has been looked at.
  class Source final : public PatchSource {
   public:
    [[nodiscard]] Status begin(PatchSource& patch) {
      patch_ = &patch;
      FERRY_TRY_ASSIGN(start_, patch.next_piece());
      return ok();
    }
    [[nodiscard]] MemoryClass memory_class() const {
      return start_.empty() ? MemoryClass::kSmall : memory_class_of(start_.front());
    }
    [[nodiscard]] Result<ByteView> next_piece() override {
      return start_.empty() ? patch_->next_piece() : std::exchange(start_, ByteView());
    }

   private:
    PatchSource* patch_ = nullptr;
    ByteView start_;
  };

  Source source_;
  ImageDecoder* chosen_ = nullptr;
  Small small_;
  Decoder huge_;
};

}  // namespace ferry::delta::huge
