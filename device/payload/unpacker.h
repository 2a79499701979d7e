// From a staged payload to an image: decrypt, unpack, hash, write; a bounded amount of work per step.
#pragma once

#include <optional>

#include "device/base/image_sink.h"
#include "device/coding/image_decoder.h"
#include "device/cose/cose.h"
#include "device/crypto/crypto.h"
#include "device/flash/area.h"
#include "device/payload/container.h"

namespace ferry::payload {

// Where the payload's bytes come from: staging, or an integrated payload in the manifest.
using Source = ImageReader;

// A payload in staging, or a slot's image as a delta reads it.
class AreaSource final : public Source {
 public:
  AreaSource() = default;
  AreaSource(Area area, std::uint32_t size) : area_(area), size_(size) {}  // at the area's beginning
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  // Of a sealed payload: its COSE_Encrypt, in `buffer` of kLongestSeal bytes or more; what follows it is the source
  // from now on. Empty where it is not sealed. Errors: as sealed_by(), and as the flash.
  [[nodiscard]] Result<ByteView> open_seal(ByteSpan buffer);

 private:
  Area area_;
  std::uint32_t start_ = 0;
  std::uint32_t size_ = 0;
};

// Who makes an image that the payload does not hold as it is, and from what. Absent: such payloads are not supported.
struct Maker {
  coding::ImageDecoder* decoder = nullptr;
  ImageReader* from = nullptr;
};

struct Makers {
  Maker of_delta;   // from the image that the delta was made from
  Maker of_packed;  // from what the sink has written
};

class Unpacker final : private coding::ByteSource {
 public:
  // `hash` is in use from begin() until step() answers true or fails.
  explicit Unpacker(crypto::Sha256& hash) : hash_(hash) {}
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // `image_size`: what the manifest says the image has; a payload that disagrees is refused before sink.begin().
  // `key`: absent for a payload in clear. `buffer`: 256 bytes or more; one step handles at most that much. All must
  // outlive the work. Errors: kPayloadMalformed, kPayloadKindUnsupported, kPayloadTooLong, kPayloadTooShort,
  // kInvalidArgument (too small a buffer), as Source::read, ImageSink::begin and coding::ImageDecoder::begin.
  [[nodiscard]] Status begin(Source& source, ImageSink& sink, std::uint32_t image_size,
                             const std::optional<cose::ContentKey>& key, ByteSpan buffer, const Makers& makers = {});
  // True when the whole image is in the sink and finish() of it has succeeded. Errors end the work.
  [[nodiscard]] Result<bool> step();
  // SHA-256 of the image, after step() answered true.
  [[nodiscard]] const Sha256Digest& image_digest() const { return digest_; }
  [[nodiscard]] std::uint32_t written() const { return written_; }

 private:
  enum class State : std::uint8_t { kIdle, kWorking, kDone, kFailed };

  [[nodiscard]] Result<Header> read_header();
  [[nodiscard]] Status begin_making(const Maker& maker, std::uint32_t image_size);
  [[nodiscard]] Result<bool> copy_chunk();     // false: there was none left
  [[nodiscard]] Result<bool> produce_chunk();  // likewise
  // Read and decrypted, as much as chunk_ takes; empty at the payload's end.
  [[nodiscard]] Result<ByteView> next_piece() override;
  [[nodiscard]] Status emit(ByteView bytes);

  crypto::Sha256& hash_;
  ByteSpan chunk_;                           // of the payload
  ByteSpan made_;                            // of the image, where it is made from a delta or a packed image
  coding::ImageDecoder* decoder_ = nullptr;  // null: the payload holds the image
  Source* source_ = nullptr;
  ImageSink* sink_ = nullptr;
  crypto::AesCtr cipher_;
  ByteView pending_;  // decrypted, not yet in the sink
  Sha256Digest digest_{};
  std::uint32_t read_ = 0;
  std::uint32_t written_ = 0;
  State state_ = State::kIdle;
  bool encrypted_ = false;
};

}  // namespace ferry::payload
