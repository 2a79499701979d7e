#include "device/payload/unpacker.h"

#include <gtest/gtest.h>
#include <random>

#include "device/coding/byte_reader.h"
#include "device/crypto/openssl_test_util.h"

namespace ferry::payload {
namespace {

using openssl::Bytes;

constexpr cose::ContentKey kKey = {.key = {1, 2, 3}, .iv = {0xFF, 0xFF, 0xFF, 0xFF}};

class MemorySource final : public Source {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
      return fail(Error::kOutOfRange);
    }
    if (++reads == fail_at) {
      return fail(Error::kIo);
    }
    total += bytes.size();
    copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }

  int reads = 0;
  int fail_at = 0;
  std::size_t total = 0;

 private:
  Bytes bytes_;
};

class MemorySink final : public ImageSink {
 public:
  [[nodiscard]] Status begin(std::uint32_t size) override {
    begun = true;
    size_ = size;
    return size > limit ? fail(Error::kImageTooLarge) : ok();
  }
  [[nodiscard]] Status write(ByteView bytes) override {
    if (++writes == fail_at) {
      return fail(Error::kFlashWornOut);
    }
    largest_write = std::max(largest_write, bytes.size());
    image.insert(image.end(), bytes.begin(), bytes.end());
    return image.size() > size_ ? fail(Error::kImageTooLarge) : ok();
  }
  [[nodiscard]] Status finish() override {
    finished = image.size() == size_;
    return finished && !fail_finish ? ok() : fail(Error::kWrongState);
  }

  Bytes image;
  std::size_t limit = 1U << 20;
  std::size_t largest_write = 0;
  int writes = 0;
  int fail_at = 0;
  bool fail_finish = false;
  bool begun = false;
  bool finished = false;

 private:
  std::size_t size_ = 0;
};

Bytes some_image(std::size_t size) {
  std::mt19937 engine(7);
  Bytes image(size);
  for (auto& byte : image) {
    byte = static_cast<std::uint8_t>(engine());
  }
  return image;
}

Bytes raw(const Bytes& image) {
  Bytes payload(kHeaderSize);
  EXPECT_TRUE(encode_header({.kind = Kind::kRaw, .image_size = static_cast<std::uint32_t>(image.size())}, payload));
  payload.insert(payload.end(), image.begin(), image.end());
  return payload;
}

Bytes encrypted(const Bytes& payload) {
  return openssl::aes_ctr(kKey.key, kKey.iv, payload);
}

struct Outcome {
  Status status;
  int steps = 0;
  Sha256Digest digest{};
};

Outcome unpack(MemorySource& source, MemorySink& sink, std::size_t image_size,
               const std::optional<cose::ContentKey>& key, std::size_t buffer_size = 256, const Makers& makers = {}) {
  Bytes buffer(buffer_size);
  crypto::Sha256 hash;
  Unpacker unpacker(hash);
  Outcome outcome{.status = unpacker.begin(source, sink, static_cast<std::uint32_t>(image_size), key, buffer, makers)};
  while (outcome.status && outcome.steps < 100'000) {
    const auto done = unpacker.step();
    ++outcome.steps;
    if (!done) {
      outcome.status = fail(done.error());
    } else if (*done) {
      EXPECT_EQ(unpacker.written(), image_size);
      EXPECT_TRUE(unpacker.step().value());  // further calls do nothing
      outcome.digest = unpacker.image_digest();
      return outcome;
    }
  }
  if (outcome.steps > 0) {
    EXPECT_EQ(unpacker.step().error(), Error::kWrongState);  // what failed stays failed
  }
  return outcome;
}

TEST(Unpacker, EveryKindAndSizeInClearAndEncrypted) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 239U, 240U, 241U, 255U, 256U, 257U, 511U, 512U, 5000U}) {
    const Bytes image = some_image(size);
    for (const std::size_t buffer_size : {256U, 300U, 4096U}) {
      for (const Bytes& payload : {image, raw(image)}) {
        for (const bool secret : {false, true}) {
          MemorySource source(secret ? encrypted(payload) : payload);
          MemorySink sink;
          const auto key = secret ? std::optional(kKey) : std::nullopt;
          const Outcome outcome = unpack(source, sink, size, key, buffer_size);
          ASSERT_TRUE(outcome.status);
          EXPECT_EQ(sink.image, image);
          EXPECT_TRUE(sink.finished);
          EXPECT_EQ(outcome.digest, openssl::sha256(image));
        }
      }
    }
  }
}

TEST(Unpacker, ReadsEveryByteOnceInBoundedSteps) {
  const Bytes image = some_image(10'000);
  MemorySource source(encrypted(image));
  MemorySink sink;
  const Outcome outcome = unpack(source, sink, image.size(), kKey);
  ASSERT_TRUE(outcome.status);
  EXPECT_EQ(source.total, image.size());
  EXPECT_EQ(source.reads, 1 + 40 + 1);  // what a header would take, the rest, and the end
  EXPECT_EQ(outcome.steps, 41);
  EXPECT_EQ(sink.largest_write, 256U);
}

TEST(Unpacker, AnImageThatBeginsWithTheMagicTravelsAsRaw) {
  const Bytes image = raw(some_image(100));
  MemorySource source(raw(image));
  MemorySink sink;
  ASSERT_TRUE(unpack(source, sink, image.size(), std::nullopt).status);
  EXPECT_EQ(sink.image, image);
}

TEST(Unpacker, T36_WrongKeyGivesAnotherDigest) {
  const Bytes image = some_image(1000);
  cose::ContentKey wrong = kKey;
  wrong.key[0] ^= 1;
  MemorySource plain(encrypted(image));
  MemorySink sink;
  const Outcome outcome = unpack(plain, sink, image.size(), wrong);
  ASSERT_TRUE(outcome.status);
  EXPECT_NE(outcome.digest, openssl::sha256(image));
  MemorySource packed(encrypted(raw(image)));
  MemorySink untouched;
  EXPECT_EQ(unpack(packed, untouched, image.size(), wrong).status.error(), Error::kPayloadTooLong);
  EXPECT_FALSE(untouched.begun);
}

TEST(Unpacker, T36_EveryFlippedByteGivesAnotherDigestOrIsRefused) {
  const Bytes image = some_image(300);
  for (std::size_t at = 0; at < image.size() + kHeaderSize; ++at) {
    Bytes ciphertext = encrypted(raw(image));
    ciphertext[at] ^= 0x40;
    MemorySource source(ciphertext);
    MemorySink sink;
    const Outcome outcome = unpack(source, sink, image.size(), kKey);
    EXPECT_EQ(outcome.status.has_value(), at >= kHeaderSize);
    EXPECT_NE(outcome.digest, openssl::sha256(image));
  }
}

TEST(Unpacker, T22_TruncatedAndExtendedPayloadsAreRefusedBeforeTheSink) {
  const Bytes image = some_image(600);
  for (const std::size_t size : {0U, 1U, 16U, 300U, 599U, 601U, 616U, 1000U}) {
    Bytes payload = image;
    payload.resize(size);
    MemorySource source(payload);
    MemorySink sink;
    const Error expected = size < image.size() ? Error::kPayloadTooShort : Error::kPayloadTooLong;
    EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), expected) << size;
    EXPECT_FALSE(sink.begun);
  }
  for (const std::size_t size : {8U, 15U, 16U, 300U, 615U, 617U, 1000U}) {
    Bytes payload = raw(image);
    payload.resize(size);
    MemorySource source(payload);
    MemorySink sink;
    EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), Error::kPayloadMalformed) << size;
    EXPECT_FALSE(sink.begun);
  }
}

TEST(Unpacker, SizeOfTheManifestDecides) {
  const Bytes image = some_image(600);
  for (const Bytes& payload : {image, raw(image)}) {
    MemorySource source(payload);
    MemorySink sink;
    EXPECT_EQ(unpack(source, sink, 601, std::nullopt).status.error(), Error::kPayloadTooShort);
    EXPECT_EQ(unpack(source, sink, 599, std::nullopt).status.error(), Error::kPayloadTooLong);
    EXPECT_FALSE(sink.begun);
  }
}

TEST(Unpacker, KindsWithNobodyThereToMakeThemAreUnsupported) {
  for (const Kind kind : {Kind::kPacked, Kind::kDelta}) {
    Bytes payload(100);
    ASSERT_TRUE(encode_header({.kind = kind, .image_size = 84}, payload));
    MemorySource source(payload);
    MemorySink sink;
    EXPECT_EQ(unpack(source, sink, 84, std::nullopt).status.error(), Error::kPayloadKindUnsupported);
    EXPECT_FALSE(sink.begun);
  }
}

// The image is the precursor, its bytes exclusive-or'ed with the patch's.
class XorDecoder final : public coding::ImageDecoder {
 public:
  [[nodiscard]] Status begin(ImageReader& old, coding::ByteSource& patch, std::uint32_t patch_size,
                             std::uint32_t image_size) override {
    old_ = &old;
    patch_.emplace(patch);
    left_ = image_size;
    at_ = 0;
    return patch_size == image_size ? ok() : fail(Error::kPayloadMalformed);
  }
  [[nodiscard]] Result<std::size_t> produce(ByteSpan out) override {
    const std::size_t count = std::min<std::size_t>(out.size(), left_);
    EXPECT_TRUE(old_->read(at_, out.first(count)));
    for (std::uint8_t& byte : out.first(count)) {
      byte ^= patch_->next();
    }
    left_ -= static_cast<std::uint32_t>(count);
    at_ += static_cast<std::uint32_t>(count);
    FERRY_TRY(patch_->status());
    return count;
  }

 private:
  ImageReader* old_ = nullptr;
  std::optional<coding::ByteReader> patch_;
  std::uint32_t left_ = 0;
  std::uint32_t at_ = 0;
};

class OldImage final : public ImageReader {
 public:
  explicit OldImage(Bytes bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }

 private:
  Bytes bytes_;
};

TEST(Unpacker, DeltaReadsPatchAndPrecursor) {
  for (const std::size_t size : {1U, 127U, 128U, 129U, 5000U}) {
    const Bytes image = some_image(size);
    const Bytes old(size, 0x5A);
    Bytes payload(kHeaderSize);
    ASSERT_TRUE(encode_header({.kind = Kind::kDelta, .image_size = static_cast<std::uint32_t>(size)}, payload));
    for (const std::uint8_t byte : image) {
      payload.push_back(byte ^ 0x5A);
    }
    for (const bool secret : {false, true}) {
      XorDecoder decoder;
      OldImage running(old);
      MemorySource source(secret ? encrypted(payload) : payload);
      MemorySink sink;
      const auto key = secret ? std::optional(kKey) : std::nullopt;
      const Outcome outcome =
          unpack(source, sink, size, key, 256, {.of_delta = {.decoder = &decoder, .from = &running}});
      ASSERT_TRUE(outcome.status);
      EXPECT_EQ(sink.image, image);
      EXPECT_TRUE(sink.finished);
      EXPECT_EQ(outcome.digest, openssl::sha256(image));
      EXPECT_LE(sink.largest_write, 128U);
    }
  }
}

TEST(Unpacker, DeltaWhosePayloadCannotBeReadEnds) {
  const Bytes image = some_image(1000);
  Bytes payload(kHeaderSize);
  ASSERT_TRUE(encode_header({.kind = Kind::kDelta, .image_size = 1000}, payload));
  payload.insert(payload.end(), image.begin(), image.end());
  for (const int at : {1, 2, 3, 6}) {
    XorDecoder decoder;
    OldImage running(Bytes(1000));
    MemorySource source(payload);
    source.fail_at = at;
    MemorySink sink;
    const Outcome outcome =
        unpack(source, sink, 1000, std::nullopt, 256, {.of_delta = {.decoder = &decoder, .from = &running}});
    EXPECT_EQ(outcome.status.error(), Error::kIo) << at;
    EXPECT_FALSE(sink.finished);
  }
}

TEST(Unpacker, ErrorsOfSourceAndSinkEndTheWork) {
  const Bytes image = some_image(1000);
  for (const int at : {1, 2, 4}) {
    MemorySource source(image);
    source.fail_at = at;
    MemorySink sink;
    EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), Error::kIo);
    EXPECT_FALSE(sink.finished);
  }
  for (const int at : {1, 2, 4}) {
    MemorySource source(image);
    MemorySink sink;
    sink.fail_at = at;
    EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), Error::kFlashWornOut);
    EXPECT_FALSE(sink.finished);
  }
  MemorySource source(image);
  MemorySink sink;
  sink.fail_finish = true;
  EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), Error::kWrongState);
}

TEST(Unpacker, T35_SinkThatRefusesTheSize) {
  const Bytes image = some_image(1000);
  MemorySource source(image);
  MemorySink sink;
  sink.limit = 999;
  EXPECT_EQ(unpack(source, sink, image.size(), std::nullopt).status.error(), Error::kImageTooLarge);
  EXPECT_TRUE(sink.image.empty());
}

TEST(Unpacker, BeginsAnewAfterAnyEnd) {
  Bytes buffer(256);
  crypto::Sha256 hash;
  Unpacker unpacker(hash);
  EXPECT_EQ(unpacker.step().error(), Error::kWrongState);  // not begun
  const Bytes image = some_image(700);
  for (int round = 0; round < 3; ++round) {
    MemorySource abandoned(encrypted(image));
    MemorySink nowhere;
    ASSERT_TRUE(unpacker.begin(abandoned, nowhere, 700, kKey, buffer));
    ASSERT_FALSE(unpacker.step().value());
    MemorySource source(image);
    MemorySink sink;
    ASSERT_TRUE(unpacker.begin(source, sink, 700, std::nullopt, buffer));
    while (!unpacker.step().value()) {
    }
    EXPECT_EQ(sink.image, image);
    EXPECT_EQ(unpacker.image_digest(), openssl::sha256(image));
  }
}

TEST(Unpacker, NeedsItsBuffer) {
  Bytes buffer(255);
  crypto::Sha256 hash;
  Unpacker unpacker(hash);
  MemorySource source(some_image(10));
  MemorySink sink;
  EXPECT_EQ(unpacker.begin(source, sink, 10, std::nullopt, buffer).error(), Error::kInvalidArgument);
}

}  // namespace
}  // namespace ferry::payload
