#include "device/cbor/decoder.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ferry::cbor {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Error error_of(std::string_view text) {
  const Bytes bytes = hex(text);
  Decoder decoder(bytes);
  const auto item = decoder.read_item();
  EXPECT_FALSE(item) << text;
  EXPECT_EQ(decoder.rest().size(), bytes.size()) << "moved after an error: " << text;
  return item ? Error::kInvalidArgument : item.error();
}

// RFC 8949, appendix A: the examples that are in the core deterministic form, without floats.
TEST(Decoder, AcceptsTheStandardExamples) {
  for (const std::string_view text : {"00",
                                      "01",
                                      "0a",
                                      "17",
                                      "1818",
                                      "1819",
                                      "1864",
                                      "1903e8",
                                      "1a000f4240",
                                      "1b000000e8d4a51000",
                                      "1bffffffffffffffff",
                                      "20",
                                      "29",
                                      "3863",
                                      "3903e7",
                                      "3bffffffffffffffff",
                                      "f4",
                                      "f5",
                                      "f6",
                                      "40",
                                      "4401020304",
                                      "60",
                                      "6161",
                                      "6449455446",
                                      "62225c",
                                      "62c3bc",
                                      "63e6b0b4",
                                      "64f0908591",
                                      "80",
                                      "83010203",
                                      "8301820203820405",
                                      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                                      "a0",
                                      "a201020304",
                                      "a26161016162820203",
                                      "826161a161626163",
                                      "c11a514b67b0",
                                      "d74401020304",
                                      "d818456449455446",
                                      "c249010000000000000000",
                                      "d82076687474703a2f2f7777772e6578616d706c652e636f6d"}) {
    const Bytes bytes = hex(text);
    Decoder decoder(bytes);
    const auto item = decoder.read_item();
    ASSERT_TRUE(item) << text;
    EXPECT_EQ(item->size(), bytes.size()) << text;
    EXPECT_TRUE(decoder.expect_end());
  }
}

TEST(Decoder, T9_RefusesFloatsAndOtherSimpleValues) {
  for (const std::string_view text :
       {"f90000", "f97e00", "fa47c35000", "fb3ff199999999999a", "f7", "f0", "e0", "f8ff"}) {
    EXPECT_EQ(error_of(text), Error::kCborNotCanonical) << text;
  }
  EXPECT_EQ(error_of("f818"), Error::kCborMalformed);  // not well-formed: below 32 in the long form
}

TEST(Decoder, T9_RefusesIndefiniteLengths) {
  for (const std::string_view text : {"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff",
                                      "9f018202039f0405ffff", "bf61610161629f0203ffff", "83018202039f0405ff", "ff"}) {
    EXPECT_EQ(error_of(text), Error::kCborNotCanonical) << text;
  }
}

TEST(Decoder, T9_RefusesHeadsThatAreNotTheShortest) {
  for (const std::string_view text :
       {"1800", "1817", "190000", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "3900ff", "5800", "580141",
        "780161", "9800", "9a0000000101", "b800", "b8010101", "d81700"}) {
    EXPECT_EQ(error_of(text), Error::kCborNotCanonical) << text;
  }
}

TEST(Decoder, T9_RefusesReservedAdditionalInformation) {
  for (const std::string_view text :
       {"1c", "1d", "1e", "3c", "5d", "7e", "9c", "bd", "de", "fc", "fd", "fe", "1f", "3f", "df"}) {
    EXPECT_EQ(error_of(text), Error::kCborMalformed) << text;
  }
}

TEST(Decoder, T9_EveryPrefixIsTruncated) {
  const Bytes whole = hex("a3016449455446182a820203c1d818456449455446f6");
  ASSERT_TRUE(Decoder(whole).read_item());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Decoder decoder(ByteView(whole).first(length));
    const auto item = decoder.read_item();
    ASSERT_FALSE(item) << length;
    EXPECT_EQ(item.error(), Error::kCborTruncated) << length;
  }
}

TEST(Decoder, T9_HugeLengthsAndCountsAreRefusedAtOnce) {
  for (const std::string_view text :
       {"5bffffffffffffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff", "bb8000000000000000",
        "5a7fffffff41", "9a7fffffff00", "ba7fffffff0000", "a10000a1"}) {
    const Bytes bytes = hex(text);
    if (text == "a10000a1") {  // one pair, then another item begins: the first is whole
      Decoder decoder(bytes);
      EXPECT_EQ(decoder.read_item()->size(), 3U);
      EXPECT_EQ(decoder.expect_end().error(), Error::kCborTrailingData);
      continue;
    }
    EXPECT_EQ(error_of(text), Error::kCborTruncated) << text;
  }
}

TEST(Decoder, T9_DepthIsBounded) {
  const auto nested = [](std::size_t depth, std::uint8_t opener) {
    Bytes bytes(depth, opener);
    bytes.push_back(0x00);
    return bytes;
  };
  for (const std::uint8_t opener : {std::uint8_t{0x81}, std::uint8_t{0xC1}}) {
    const Bytes deepest = nested(kMaxDepth, opener);
    EXPECT_TRUE(Decoder(deepest).read_item());
    const Bytes deeper = nested(kMaxDepth + 1, opener);
    EXPECT_EQ(Decoder(deeper).read_item().error(), Error::kCborTooDeep);
  }
  const Bytes endless(100'000, 0x81);
  EXPECT_EQ(Decoder(endless).read_item().error(), Error::kCborTooDeep);
}

TEST(Decoder, T9_MalformedUtf8IsRefused) {
  for (const std::string_view text : {"6180", "61ff", "62c080", "62c1bf", "61c3", "62c328", "63e08080", "63eda080",
                                      "63e228a1", "64f0808080", "64f4908080", "64f5808080", "64f888808080"}) {
    EXPECT_EQ(error_of(text), Error::kCborMalformed) << text;
    const Bytes bytes = hex(text);
    EXPECT_EQ(Decoder(bytes).read_text().error(), Error::kCborMalformed) << text;
  }
  for (const std::string_view text : {"62c280", "63e0a080", "63ed9fbf", "63ee8080", "64f0908080", "64f48fbfbf"}) {
    const Bytes bytes = hex(text);
    EXPECT_TRUE(Decoder(bytes).read_text()) << text;
  }
}

TEST(Decoder, TypedReads) {
  const Bytes bytes = hex("182a2938ff4201026161f5f4f6820102a10203c100");
  Decoder decoder(bytes);
  EXPECT_EQ(decoder.read_unsigned(), 42U);
  EXPECT_EQ(decoder.read_integer(), -10);
  EXPECT_EQ(decoder.read_integer(), -256);
  EXPECT_TRUE(equal(*decoder.read_bytes(), hex("0102")));
  EXPECT_EQ(decoder.read_text(), "a");
  EXPECT_EQ(decoder.read_bool(), true);
  EXPECT_EQ(decoder.read_bool(), false);
  EXPECT_TRUE(decoder.next_is_null());
  EXPECT_TRUE(decoder.read_null());
  EXPECT_FALSE(decoder.next_is_null());
  EXPECT_EQ(decoder.read_array(), 2U);
  EXPECT_EQ(decoder.read_integer(), 1);
  EXPECT_EQ(decoder.peek(), Type::kUnsigned);
  EXPECT_EQ(decoder.read_integer(), 2);
  EXPECT_EQ(decoder.read_map(), 1U);
  EXPECT_EQ(decoder.read_item()->size(), 1U);
  EXPECT_EQ(decoder.read_item()->size(), 1U);
  EXPECT_EQ(decoder.read_tag(), 1U);
  EXPECT_EQ(decoder.read_unsigned(), 0U);
  EXPECT_TRUE(decoder.at_end());
  EXPECT_EQ(decoder.peek().error(), Error::kCborTruncated);
}

TEST(Decoder, TheWrongTypeIsSaidAndNothingIsConsumed) {
  for (const std::string_view text : {"00", "20", "40", "60", "80", "a0", "c100", "f5", "f6"}) {
    const Bytes bytes = hex(text);
    Decoder decoder(bytes);
    const auto type = *decoder.peek();
    const auto check = [&](bool right, auto result) {
      if (!right) {
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error(), Error::kCborWrongType) << text;
        EXPECT_EQ(decoder.rest().size(), bytes.size()) << text;
      }
    };
    check(type == Type::kUnsigned, decoder.read_unsigned());
    decoder = Decoder(bytes);
    check(type == Type::kUnsigned || type == Type::kNegative, decoder.read_integer());
    decoder = Decoder(bytes);
    check(type == Type::kBytes, decoder.read_bytes());
    decoder = Decoder(bytes);
    check(type == Type::kText, decoder.read_text());
    decoder = Decoder(bytes);
    check(type == Type::kArray, decoder.read_array());
    decoder = Decoder(bytes);
    check(type == Type::kMap, decoder.read_map());
    decoder = Decoder(bytes);
    check(type == Type::kTag, decoder.read_tag());
    decoder = Decoder(bytes);
    check(text == "f5", decoder.read_bool());
    decoder = Decoder(bytes);
    check(text == "f6", decoder.read_null());
  }
}

TEST(Decoder, IntegersAtTheEdges) {
  const auto integer = [](std::string_view text) {
    const Bytes bytes = hex(text);
    return Decoder(bytes).read_integer();
  };
  EXPECT_EQ(integer("1b7fffffffffffffff"), INT64_MAX);
  EXPECT_EQ(integer("3b7fffffffffffffff"), INT64_MIN);
  EXPECT_EQ(integer("1b8000000000000000").error(), Error::kOutOfRange);
  EXPECT_EQ(integer("3b8000000000000000").error(), Error::kOutOfRange);
}

// All keys of the map in `text`, or the error that ends it.
Result<std::vector<std::string>> keys(std::string_view text) {
  const Bytes bytes = hex(text);
  Reader reader(bytes);
  std::vector<std::string> found;
  for (MapReader map(reader); map.next();) {
    found.push_back(map.key_is_text() ? std::string(map.text_key()) : std::to_string(map.key()));
    static_cast<void>(reader.item());
  }
  reader.end();
  FERRY_TRY(reader.status());
  return found;
}

// After the first error nothing is read any more, and the error stays.
TEST(Reader, StopsAtTheFirstError) {
  const Bytes bytes = hex("0161620203");
  Reader reader(bytes);
  EXPECT_EQ(reader.unsigned_integer(), 1U);
  EXPECT_EQ(reader.bytes().data(), nullptr);  // a text stands there
  EXPECT_EQ(reader.status().error(), Error::kCborWrongType);
  EXPECT_EQ(reader.unsigned_integer(), 0U);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.array(), 0U);
  EXPECT_TRUE(reader.item().empty());
  EXPECT_TRUE(reader.at_end());
  reader.require(false, Error::kOutOfRange);
  reader.end();
  EXPECT_EQ(reader.status().error(), Error::kCborWrongType);
}

TEST(Reader, AnEmptyByteStringIsOne) {
  const Bytes bytes = hex("40");
  Reader reader(bytes);
  EXPECT_NE(reader.bytes().data(), nullptr);
  reader.end();
  EXPECT_TRUE(reader.status());
}

TEST(Reader, TakesTheErrorOfAPart) {
  const Bytes bytes = hex("820102");
  Reader inner(bytes);
  inner.array(2);
  static_cast<void>(inner.integer());
  Reader outer;
  outer.end(inner);
  EXPECT_EQ(outer.status().error(), Error::kCborTrailingData);
  Reader wrong(bytes);
  wrong.array(3);
  EXPECT_EQ(wrong.status().error(), Error::kCborMalformed);
}

TEST(MapReader, KeysInCanonicalOrder) {
  // Bytewise order of the encoded keys (RFC 8949, 4.2.1).
  EXPECT_EQ(*keys("a50a00186400200061"
                  "7a0062616100"),
            (std::vector<std::string>{"10", "100", "-1", "z", "aa"}));
  EXPECT_TRUE(keys("a0")->empty());
}

TEST(MapReader, T9_DuplicatesAndDisorderAreRefused) {
  for (const std::string_view text : {"a201000100", "a202000100", "a220000100", "a2617a00616100", "a262616100617a00",
                                      "a26161000100", "a3010003000200"}) {
    EXPECT_EQ(keys(text).error(), Error::kCborNotCanonical) << text;
  }
}

TEST(MapReader, T9_OtherKeysAndCutMapsAreRefused) {
  EXPECT_EQ(keys("a1410000").error(), Error::kCborWrongType);
  EXPECT_EQ(keys("a18000").error(), Error::kCborWrongType);
  EXPECT_EQ(keys("a1f500").error(), Error::kCborWrongType);
  EXPECT_EQ(keys("a1180100").error(), Error::kCborNotCanonical);
  EXPECT_EQ(keys("a11bffffffffffffffff00").error(), Error::kOutOfRange);
  EXPECT_EQ(keys("a2010002").error(), Error::kCborTruncated);
  EXPECT_EQ(keys("80").error(), Error::kCborWrongType);
  EXPECT_EQ(keys("bfff").error(), Error::kCborNotCanonical);
  EXPECT_EQ(keys("a000").error(), Error::kCborTrailingData);
}

}  // namespace
}  // namespace ferry::cbor
