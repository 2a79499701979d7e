// Decodes a packed image: spec/payload.md, "Packed". RAM: a Decoder takes 16 KiB.
#pragma once

#include <optional>

#include "device/coding/bit_decoder.h"
#include "device/coding/image_decoder.h"
#include "device/packed/codec.h"
#include "device/packed/header.h"

namespace ferry::packed {

// A decoder whose old image is what it has made of the new one: begin() takes a reader of the slot that is being
// written, as large as the image or larger. All but kHeldBack of the bytes produced must have been written there by the
// time of the next produce().
class PackedDecoder final : public coding::ImageDecoder {
 public:
  explicit PackedDecoder(const Tables& tables) : tables_(tables) {}

  [[nodiscard]] Status begin(ImageReader& written, coding::ByteSource& source, std::uint32_t packed_size,
                             std::uint32_t image_size) override;
  // Not more than 96 bytes at once.
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override;

 private:
  struct Work {
    Work(ImageReader& written, coding::ByteReader& source, bool branches, const Tables& tables,
         std::uint32_t image_size)
        : history(written, branches), coder(source), codec(coder, tables, history, past, image_size) {}
    History history;
    Past past;
    coding::BitDecoder coder;
    Codec<coding::BitDecoder> codec;
  };

  [[nodiscard]] Status advance();  // by a byte or more, at most four
  [[nodiscard]] Status next_unit();
  void append(std::uint8_t byte);

  Tables tables_;
  std::optional<Work> work_;
  std::optional<coding::ByteReader> source_;
  std::uint32_t code_size_ = 0;
  std::uint32_t image_size_ = 0;
  Unit match_;              // that is being copied
  std::uint32_t left_ = 0;  // of it
  bool ended_ = false;
  bool usable_ = false;
};

// The decoder with its memory.
class Decoder {
 public:
  [[nodiscard]] coding::ImageDecoder& image_decoder() { return decoder_; }

 private:
  Memory memory_;
  PackedDecoder decoder_{memory_.tables()};
};

// Where a pointer has 4 bytes.
static_assert(sizeof(void*) > 4 || sizeof(Decoder) <= std::size_t{16} * 1024);

}  // namespace ferry::packed
