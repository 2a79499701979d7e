#include "device/payload/container.h"

#include <gtest/gtest.h>

#include "device/crypto/hex_test_util.h"

namespace ferry::payload {
namespace {

using Bytes = std::vector<std::uint8_t>;

// The header of a raw payload with an image of 0x01020304 bytes.
constexpr std::string_view kGolden = "89 46 0d0a 11 04030201";
constexpr std::uint32_t kImageSize = 0x01020304;
constexpr std::uint32_t kPayloadSize = kImageSize + kHeaderSize;

Error refusal(ByteView start, std::uint32_t payload_size) {
  const auto header = decode_header(start, payload_size);
  return header ? Error{} : header.error();
}

TEST(Container, GoldenBytes) {
  Bytes bytes(kHeaderSize);
  ASSERT_TRUE(encode_header({.kind = Kind::kRaw, .image_size = kImageSize}, bytes));
  EXPECT_EQ(bytes, from_hex(kGolden));
  const auto header = decode_header(bytes, kPayloadSize);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, Kind::kRaw);
  EXPECT_EQ(header->image_size, kImageSize);
}

TEST(Container, AnythingWithoutTheMagicIsAPlainImage) {
  for (const std::size_t size : {0U, 1U, 3U, 4U, 8U, 9U, 40U}) {
    const Bytes bytes(size, 0x89);
    const auto header =
        decode_header(ByteView(bytes).first(std::min(size, kHeaderSize)), static_cast<std::uint32_t>(size));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->kind, Kind::kPlain);
    EXPECT_EQ(header->image_size, size);
  }
  Bytes almost = from_hex(kGolden);
  for (std::size_t at = 0; at < kMagic.size(); ++at) {
    almost = from_hex(kGolden);
    almost[at] ^= 0x20;
    EXPECT_EQ(decode_header(almost, kPayloadSize)->kind, Kind::kPlain);
  }
}

TEST(Container, CompressedKindsHaveAnySize) {
  for (const Kind kind : {Kind::kPacked, Kind::kDelta}) {
    Bytes bytes(kHeaderSize);
    ASSERT_TRUE(encode_header({.kind = kind, .image_size = kImageSize}, bytes));
    const auto header = decode_header(bytes, 17);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->kind, kind);
    EXPECT_EQ(header->image_size, kImageSize);
  }
}

TEST(Container, NewerVersionsAreUnsupported) {
  Bytes newer = from_hex(kGolden);
  newer[4] = 0x21;
  EXPECT_EQ(refusal(newer, kPayloadSize), Error::kPayloadKindUnsupported);
}

TEST(Container, MalformedHeaders) {
  const Bytes golden = from_hex(kGolden);
  for (const unsigned kind : {0U, 4U, 5U, 15U}) {
    Bytes bytes = golden;
    bytes[4] = static_cast<std::uint8_t>(0x10U | kind);
    EXPECT_EQ(refusal(bytes, kPayloadSize), Error::kPayloadMalformed);
  }
}

TEST(Container, SizesThatDisagree) {
  const Bytes golden = from_hex(kGolden);
  for (const std::uint32_t size : {0U, 1U, 8U, 9U, kPayloadSize - 1, kPayloadSize + 1, kImageSize, UINT32_MAX}) {
    EXPECT_EQ(refusal(golden, size), Error::kPayloadMalformed) << size;
  }
  for (std::size_t size = kMagic.size(); size < kHeaderSize; ++size) {
    EXPECT_EQ(refusal(ByteView(golden).first(size), static_cast<std::uint32_t>(size)), Error::kPayloadMalformed);
  }
}

// What stands in front of a COSE_Encrypt of 0x6c bytes.
constexpr std::string_view kGoldenSeal = "89 46 0d0a 14 6c";
constexpr std::size_t kSealedBytes = 0x6C;

TEST(Container, GoldenSeal) {
  Bytes bytes(kSealSize);
  ASSERT_TRUE(encode_seal(kSealedBytes, bytes));
  EXPECT_EQ(bytes, from_hex(kGoldenSeal));
  bytes.resize(kLongestSeal, 0xAB);
  const auto info = sealed_by(bytes);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->data(), bytes.data() + kSealSize);
  EXPECT_EQ(info->size(), kSealedBytes);
  EXPECT_EQ(refusal(ByteView(bytes).first(kHeaderSize), 1000), Error::kPayloadMalformed)
      << "not opened, or twice sealed";
}

TEST(Container, WhatIsNotSealedHasNoSeal) {
  for (const Bytes& bytes : {Bytes(), Bytes(5, 0x89), Bytes(kLongestSeal, 0x89), from_hex(kGolden)}) {
    const auto info = sealed_by(bytes);
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->empty());
  }
}

TEST(Container, SealsThatAreCut) {
  Bytes whole = from_hex(kGoldenSeal);
  whole.resize(kSealSize + kSealedBytes);
  ASSERT_TRUE(sealed_by(whole));
  for (std::size_t size = kSealSize; size < whole.size(); ++size) {
    EXPECT_EQ(sealed_by(ByteView(whole).first(size)).error(), Error::kPayloadMalformed);
  }
}

// They are looked at as any other container, which they are not.
TEST(Container, SealsThatAreLaterOrEmptyAreNone) {
  Bytes empty = from_hex(kGoldenSeal);
  empty.resize(kLongestSeal);
  Bytes later = empty;
  empty[5] = 0;
  later[4] = 0x24;
  for (const auto& [bytes, error] :
       {std::pair(empty, Error::kPayloadMalformed), std::pair(later, Error::kPayloadKindUnsupported)}) {
    EXPECT_TRUE(sealed_by(bytes)->empty());
    EXPECT_EQ(refusal(ByteView(bytes).first(kHeaderSize), 1000), error);
  }
}

TEST(Container, WhatCannotBeWritten) {
  Bytes bytes(kHeaderSize);
  EXPECT_EQ(encode_header({.kind = Kind::kSealed, .image_size = 1}, bytes).error(), Error::kInvalidArgument);
  EXPECT_EQ(encode_seal(0, bytes).error(), Error::kInvalidArgument);
  EXPECT_EQ(encode_seal(kLongestSeal - kSealSize + 1, bytes).error(), Error::kInvalidArgument);
  EXPECT_EQ(encode_seal(1, ByteSpan(bytes).first(kSealSize - 1)).error(), Error::kNoSpace);
  EXPECT_EQ(encode_header({.kind = Kind::kPlain, .image_size = 1}, bytes).error(), Error::kInvalidArgument);
  EXPECT_EQ(encode_header({.kind = Kind::kRaw, .image_size = 1}, ByteSpan(bytes).first(kHeaderSize - 1)).error(),
            Error::kNoSpace);
}

}  // namespace
}  // namespace ferry::payload
