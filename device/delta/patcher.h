// What makes a new image out of the one that runs and a patch. A port of the installer, so that a build without patches
// links none of it.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"

namespace ferry::delta {

// An image that is read in pieces, at any place: a slot, a file.
class ImageReader {
 public:
  [[nodiscard]] virtual std::uint32_t size() const = 0;
  [[nodiscard]] virtual Status read(std::uint32_t offset, ByteSpan bytes) = 0;  // kOutOfRange, kIo

 protected:
  ~ImageReader() = default;  // never deleted through the port
};

// The bytes of a patch, piece by piece.
class PatchSource {
 public:
  // What comes next, valid until the next call; empty at the end. Errors: kIo, and others of the port's own.
  [[nodiscard]] virtual Result<ByteView> next_piece() = 0;

 protected:
  ~PatchSource() = default;  // never deleted through the port
};

class Patcher {
 public:
  // `patch` holds `patch_size` bytes and is taken from its beginning; it and `old` must outlive the work.
  // Errors: kPayloadMalformed, kPayloadKindUnsupported (a mode that the build leaves out, or made for more memory),
  // kPrecursorMismatch (`old` is smaller than the image that the patch was made from), as `old` and `patch`.
  [[nodiscard]] virtual Status begin(ImageReader& old, PatchSource& patch, std::uint32_t patch_size,
                                     std::uint32_t image_size) = 0;
  // The image's next bytes into `out`, 4 or more; how many they are, 0 at the end, when all of the patch has been used
  // as well. The work is bounded by out.size(). Errors: kPayloadMalformed, as `old` and `patch`; they end the work.
  [[nodiscard]] virtual Result<std::size_t> produce(ByteSpan out) = 0;

 protected:
  ~Patcher() = default;  // never deleted through the port
};

}  // namespace ferry::delta
