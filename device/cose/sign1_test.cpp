#include <gtest/gtest.h>

#include "device/cose/messages_test_util.h"

namespace ferry::cose {
namespace {

class CoseSign1 : public testing::Test {
 protected:
  Sign1Parts good() {
    Sign1Parts parts;
    parts.signature = sign(key_, parts.protected_header, payload_);
    return parts;
  }
  Status verify(const Sign1Parts& parts) { return verify_sign1(encode(parts), payload_, anchors_); }
  Error refusal(const Sign1Parts& parts) {
    const Status status = verify(parts);
    return status ? Error{} : status.error();
  }

  openssl::P256Key key_;
  Bytes payload_ = Bytes(36, 0x5A);
  std::vector<TrustAnchor> anchors_ = {{.algorithm = kEsp256, .key = key_.public_key()}};
};

TEST_F(CoseSign1, VerifiesWhatTheAnchorSigned) {
  EXPECT_TRUE(verify(good()));
}

TEST_F(CoseSign1, TriesEveryAnchorThatIsBoundToTheAlgorithm) {
  anchors_.insert(anchors_.begin(), 3, {.algorithm = kEsp256, .key = openssl::P256Key().public_key()});
  EXPECT_TRUE(verify(good()));
}

TEST_F(CoseSign1, T1_NoAnchorAnotherKeyAnotherPayload) {
  Sign1Parts parts = good();
  anchors_[0].key = openssl::P256Key().public_key();
  EXPECT_EQ(refusal(parts), Error::kBadSignature);
  anchors_[0].key = key_.public_key();
  payload_[0] ^= 1;
  EXPECT_EQ(refusal(parts), Error::kBadSignature);
  payload_[0] ^= 1;
  anchors_.clear();
  EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm);
}

TEST_F(CoseSign1, T1_SignatureOfAnotherLength) {
  Sign1Parts parts = good();
  for (const std::size_t size : {0U, 1U, 63U, 65U, 128U}) {
    parts.signature.resize(size);
    EXPECT_EQ(refusal(parts), Error::kBadSignature) << size;
  }
}

TEST_F(CoseSign1, T2_AlgorithmIsBoundToTheKey) {
  Sign1Parts parts;
  parts.protected_header = algorithm_map(kEs256Deprecated);
  parts.signature = sign(key_, parts.protected_header, payload_);
  EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm);  // the key signed it, but is bound to ESP256
  anchors_[0].algorithm = kEs256Deprecated;
  EXPECT_TRUE(verify(parts));
  EXPECT_EQ(refusal(good()), Error::kUnknownAlgorithm);
}

TEST_F(CoseSign1, T2_ForeignAlgorithmsAreNeverCheckedAsP256) {
  for (const std::int64_t algorithm : {-19, -8, -35, -46, 5, 0}) {
    Sign1Parts parts;
    parts.protected_header = algorithm_map(algorithm);
    parts.signature = sign(key_, parts.protected_header, payload_);
    anchors_[0].algorithm = algorithm;
    EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm) << algorithm;
  }
}

TEST_F(CoseSign1, T2_AlgorithmOutsideTheSignature) {
  Sign1Parts parts;
  parts.protected_header = {0xA0};
  parts.unprotected_map = algorithm_map(kEsp256);
  parts.signature = sign(key_, parts.protected_header, payload_);
  EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm);
  parts = good();
  parts.unprotected_map = algorithm_map(kEsp256);
  EXPECT_EQ(refusal(parts), Error::kUnknownAlgorithm);
}

TEST_F(CoseSign1, OtherHeadersAreIgnoredInAnyOrder) {
  Sign1Parts parts;
  parts.protected_header = cbor_of([](cbor::Encoder& out) {
    out.map(3).text("x").unsigned_integer(1).integer(4).bytes(as_bytes("kid")).integer(1).integer(kEsp256);
  });
  parts.unprotected_map =
      cbor_of([](cbor::Encoder& out) { out.map(2).integer(4).bytes(as_bytes("kid")).integer(-70000).array(1).null(); });
  parts.signature = sign(key_, parts.protected_header, payload_);
  EXPECT_TRUE(verify(parts));
}

TEST_F(CoseSign1, CriticalHeadersAreRefused) {
  Sign1Parts parts;
  parts.protected_header =
      cbor_of([](cbor::Encoder& out) { out.map(2).integer(1).integer(kEsp256).integer(2).array(1).integer(99); });
  parts.signature = sign(key_, parts.protected_header, payload_);
  EXPECT_EQ(refusal(parts), Error::kUnsupported);
}

TEST_F(CoseSign1, AlgorithmTwiceIsRefused) {
  Sign1Parts parts;
  parts.protected_header =
      cbor_of([](cbor::Encoder& out) { out.map(2).integer(1).integer(kEsp256).integer(1).integer(kEsp256); });
  parts.signature = sign(key_, parts.protected_header, payload_);
  EXPECT_EQ(refusal(parts), Error::kCborNotCanonical);
}

TEST_F(CoseSign1, T9_HeadersAreBounded) {
  Sign1Parts parts;
  parts.unprotected_map = cbor_of([](cbor::Encoder& out) {
    out.map(9);
    for (int i = 10; i < 19; ++i) {
      out.integer(i).null();
    }
  });
  EXPECT_EQ(refusal(parts), Error::kCborTooMany);
  parts = good();
  parts.protected_header.resize(90, 0);
  EXPECT_NE(refusal(parts), Error{});
}

TEST_F(CoseSign1, OtherMessagesAreRefused) {
  Sign1Parts parts = good();
  parts.tag = 98;
  EXPECT_EQ(refusal(parts), Error::kCborWrongType);
  parts = good();
  parts.payload = {0x40};  // attached
  EXPECT_EQ(refusal(parts), Error::kCborWrongType);
  Bytes message = encode(good());
  message.push_back(0);
  EXPECT_EQ(verify_sign1(message, payload_, anchors_).error(), Error::kCborTrailingData);
  message = encode(good());
  message[1] = 0x85;  // d2 84 ...: five items
  EXPECT_EQ(verify_sign1(message, payload_, anchors_).error(), Error::kCborMalformed);
}

}  // namespace
}  // namespace ferry::cose
