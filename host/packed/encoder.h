// Packs whole images: spec/payload.md, "Packed". The outcome depends on the image and options alone.
#pragma once

#include <functional>
#include <optional>

#include "device/packed/codec.h"
#include "device/packed/header.h"
#include "host/bytes.h"

namespace ferry::host::packed {

struct EncodeOptions {
  std::optional<bool> branches = {};  // of Cortex-M, converted; absent: whichever is smaller
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

// What the bits of a packed image are for.
struct PackedParts {
  struct Part {
    std::size_t units = 0;
    std::size_t bytes = 0;  // of the image
    double size = 0;        // of the payload, in bytes
    void add(std::uint32_t length, double cost) {
      ++units;
      bytes += length;
      size += cost;
    }
  };
  [[nodiscard]] Part& of(ferry::packed::UnitKind kind);
  Part single;   // bytes
  Part halves;   // halfwords and branches
  Part matches;  // with what was before, and anew
  Part repeats;  // with what was as far before as the last ones
};

struct Packed {
  Bytes bytes = {};  // header and code; the payload's own header is not among them
  ferry::packed::Header header = {};
  PackedParts parts = {};
};

// Throws Failure where the image has 16 MiB or more.
[[nodiscard]] Packed pack_image(ByteView image, const EncodeOptions& options = {});

// Throws Failure, with a reason for people, where `packed` is damaged.
[[nodiscard]] Bytes unpack_image(ByteView packed, std::uint32_t image_size);

}  // namespace ferry::host::packed
