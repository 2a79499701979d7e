// What makes a new image out of the one that runs and a patch. A port of the installer, so that a build without patches
// links none of it.
#pragma once

#include "device/base/image_reader.h"
#include "device/coding/byte_source.h"

namespace ferry::delta {

using ferry::ImageReader;
using PatchSource = coding::ByteSource;

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
