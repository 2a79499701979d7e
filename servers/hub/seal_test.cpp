#include "servers/hub/seal.h"

#include <gtest/gtest.h>

#include "device/crypto/hex_test_util.h"
#include "device/seal/vectors_test_util.h"
#include "host/failure.h"
#include "servers/hub/message.h"

namespace ferry::hub {
namespace {

constexpr double kNow = 1.78e9;
constexpr const char* kDevice = "30313233-3435-3637-3839-3a3b3c3d3e3f";  // seal::kVectorDevice
constexpr const char* kKey = "808182838485868788898a8b8c8d8e8f";

const SealKey& key() {
  static const SealKey one = parse_seal_key(kKey).value();
  return one;
}

std::string line(const std::string& seal) {
  return std::string(R"({"device":")") + kDevice + R"(","serial":"1","user":"meter","password":"secret")" +
         (seal.empty() ? "" : R"(,"seal":")" + seal + "\"") + "}\n";
}

Change interpret(std::string_view leaf, std::string_view hex, const std::string& seal = kKey) {
  const Registry registry = Registry::parse(line(seal), "devices");
  return hub::interpret(
      {"ferry/" + std::string(kDevice) + "/" + std::string(leaf), std::string(as_text(from_hex(hex)))}, &registry,
      kNow);
}
Refusal refusal(const Change& change) {
  const auto* refused = std::get_if<Refused>(&change);
  EXPECT_NE(refused, nullptr);
  return refused == nullptr ? Refusal{} : refused->refusal;
}

TEST(Seal, OpensTheGoldenBytes) {
  ASSERT_EQ(key().key, seal::kVectorKey);
  for (const seal::SealVector& vector : seal::seal_vectors()) {
    const auto opened = unseal(from_hex(vector.sealed), key(), seal::kVectorDevice, vector.leaf);
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(opened->message), vector.message);
    EXPECT_EQ(opened->number, (SealNumber{key().id, vector.series, vector.number}));
  }
}

TEST(Seal, T61_WhateverIsChangedIsRefused) {
  const seal::SealVector vector = seal::seal_vectors()[0];
  const auto sealed = from_hex(vector.sealed);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sealed;
      changed[i] ^= static_cast<std::uint8_t>(1 << bit);
      EXPECT_FALSE(unseal(changed, key(), seal::kVectorDevice, "data")) << "byte " << i << ", bit " << bit;
    }
    EXPECT_FALSE(unseal(ByteView(sealed).first(i), key(), seal::kVectorDevice, "data")) << "cut at " << i;
  }
  auto longer = sealed;
  longer.push_back(0);
  EXPECT_FALSE(unseal(longer, key(), seal::kVectorDevice, "data"));
}

TEST(Seal, T60_HoldsForOneDeviceOneTopicAndOneKeyAlone) {
  const auto sealed = from_hex(seal::seal_vectors()[0].sealed);
  Uuid other = seal::kVectorDevice;
  other[15] ^= 1;  // behind what goes into the nonce
  EXPECT_FALSE(unseal(sealed, key(), other, "data"));
  EXPECT_FALSE(unseal(sealed, key(), seal::kVectorDevice, "event"));
  EXPECT_FALSE(unseal(sealed, parse_seal_key("008182838485868788898a8b8c8d8e8f").value(), seal::kVectorDevice, "data"));
}

TEST(Seal, KeysAreHexadecimalAndNamedByAnIdThatHidesThem) {
  EXPECT_EQ(key().id.size(), 16U);
  EXPECT_EQ(std::string(kKey).find(key().id), std::string::npos);
  for (const char* bad : {"", "80", "808182838485868788898a8b8c8d8e8g", "808182838485868788898A8B8C8D8E8F",
                          "808182838485868788898a8b8c8d8e8f00"}) {
    EXPECT_FALSE(parse_seal_key(bad)) << bad;
  }
  EXPECT_THROW(static_cast<void>(Registry::parse(line("80"), "devices")), host::Failure);
}

TEST(Seal, MessagesAreUnderstoodOnceOpened) {
  const auto vectors = seal::seal_vectors();
  const auto data = std::get<ReadingsReceived>(interpret("data", vectors[0].sealed));
  ASSERT_EQ(data.readings.size(), 1U);
  EXPECT_EQ(data.readings[0].name, "d:p");
  EXPECT_EQ(data.seal, (SealNumber{key().id, 0x01020304, 0}));
  const auto event = interpret("event", vectors[1].sealed);
  EXPECT_EQ(refusal(event), Refusal::kFarFuture) << "2027";
  EXPECT_EQ(std::get<Refused>(event).seal, (SealNumber{key().id, 0x01020304, 1}));
  EXPECT_EQ(refusal(interpret("data", vectors[2].sealed)), Refusal::kMalformed) << "sealed, and nothing in it";
}

TEST(Seal, T60_ADeviceThatIsSetToSealIsNotBelievedOtherwise) {
  const auto vectors = seal::seal_vectors();
  EXPECT_EQ(refusal(interpret("data", seal::kVectorPack)), Refusal::kNotSealed);
  EXPECT_EQ(refusal(interpret("event", seal::kVectorEvent)), Refusal::kNotSealed);
  EXPECT_EQ(refusal(interpret("data", "")), Refusal::kNotSealed);
  EXPECT_EQ(refusal(interpret("event", vectors[0].sealed)), Refusal::kBadSeal) << "moved to another topic";
  EXPECT_EQ(refusal(interpret("data", "d0")), Refusal::kBadSeal);
  EXPECT_EQ(refusal(interpret("data", "d0" + std::string(40000, '0'))), Refusal::kTooLarge);
  EXPECT_EQ(refusal(interpret("data", vectors[0].sealed, "")), Refusal::kNoSealKey);
  const auto status = interpret("status", "6f6e6c696e65");
  EXPECT_TRUE(std::get<StatusReceived>(status).online) << "the will cannot be sealed, so status never is";
}

TEST(SealNumbers, InOrder) {
  SealState state = first_of_series(3);
  for (const std::int64_t number : {4, 5, 6}) {
    state = enter_number(state, number).value();
  }
  EXPECT_EQ(state, (SealState{.highest = 6, .seen = 0xF, .received = 4, .missing = 0}));
  for (const std::int64_t number : {3, 4, 5, 6}) {
    EXPECT_FALSE(enter_number(state, number)) << number;
  }
}

TEST(SealNumbers, WhatIsMissingIsCountedUntilItComes) {
  SealState state = enter_number(first_of_series(10), 14).value();
  EXPECT_EQ(state.missing, 3);
  state = enter_number(state, 12).value();
  EXPECT_EQ(state.missing, 2);
  EXPECT_FALSE(enter_number(state, 12));
  EXPECT_EQ(state.highest, 14);
}

TEST(SealNumbers, WhatAResetLeavesOutIsNotMissing) {
  SealState state = enter_number(first_of_series(10), 512).value();
  EXPECT_EQ(state.missing, 0);
  state = enter_number(state, 1026).value();  // the two before it were used
  EXPECT_EQ(state.missing, 2);
  state = enter_number(state, 1025).value();
  EXPECT_EQ(state.missing, 1);
}

TEST(SealNumbers, NobodyKnowsWhatIsFarBack) {
  SealState state = enter_number(first_of_series(100), 163).value();
  EXPECT_FALSE(enter_number(state, 100));
  state = enter_number(state, 164).value();
  EXPECT_FALSE(enter_number(state, 100)) << "64 back";
  EXPECT_TRUE(enter_number(state, 101)) << "63 back";
  state = enter_number(state, 0xFFFFFFFF).value();
  EXPECT_EQ(state.seen, 1U);
}

}  // namespace
}  // namespace ferry::hub
