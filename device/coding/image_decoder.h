// What makes an image out of coded bytes and an image that can be read: a delta from the one that runs, a packed image
// from what has been written of it. A port of the installer, so that a build without one links none of it.
#pragma once

#include "device/base/image_reader.h"
#include "device/coding/byte_source.h"

namespace ferry::coding {

class ImageDecoder {
 public:
  // `source` holds `coded_size` bytes and is taken from its beginning; it and `from` must outlive the work.
  // Errors: kPayloadMalformed, kPayloadKindUnsupported (a mode that the build leaves out, or made for more memory), as
  // `from` and `source`; of a delta kPrecursorMismatch (`from` is smaller than the image that it was made from), of a
  // packed image kImageTooLarge (`from` is smaller than the image).
  [[nodiscard]] virtual Status begin(ImageReader& from, ByteSource& source, std::uint32_t coded_size,
                                     std::uint32_t image_size) = 0;
  // The image's next bytes into `out`, 4 or more; how many they are, 0 at the end, when all of the source has been used
  // as well. The work is bounded by out.size(). Errors: kPayloadMalformed, as `from` and `source`; they end the work.
  [[nodiscard]] virtual Result<std::size_t> produce(ByteSpan out) = 0;

 protected:
  ~ImageDecoder() = default;  // never deleted through the port
};

}  // namespace ferry::coding
