#include "device/seal/sealer.h"

#include <gtest/gtest.h>
#include <set>

#include "device/crypto/hex_test_util.h"
#include "device/seal/vectors_test_util.h"
#include "sim/nor_flash.h"

namespace ferry::seal {
namespace {

class CountedEntropy final : public Entropy {
 public:
  Status fill(ByteSpan bytes) override {
    if (broken) {
      return fail(Error::kIo);
    }
    store_le32(bytes, next++);
    return ok();
  }
  std::uint32_t next = 0x01020304;
  bool broken = false;
};

constexpr FlashGeometry kGeometry{.size = 4096, .sector_size = 1024, .write_size = 8};

class SealerTest : public ::testing::Test {
 protected:
  SealerTest() { start(); }

  void start() {
    journal = std::make_unique<Journal>(Area(flash, 0, kGeometry.size));
    ASSERT_TRUE(journal->mount());
    reset();
  }
  void reset() { sealer = std::make_unique<Sealer>(kVectorKey, kVectorDevice, *journal, entropy); }

  // Series and number of the next seal; 0 where it fails.
  std::uint64_t seal(Channel channel = Channel::kData, std::string_view hex = kVectorPack) {
    buffer.fill(0xEE);
    const auto sealed = sealer->seal(channel, from_hex(hex), buffer);
    last = sealed ? to_hex(*sealed) : "";
    return sealed ? std::stoull(last.substr(18, 16), nullptr, 16) : 0;
  }
  void seal_many(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_NE(seal(), 0U);
    }
  }
  // Where the record of the reservation up to `end` is in flash.
  [[nodiscard]] std::uint32_t record(std::uint32_t series, std::uint32_t end) const {
    std::array<std::uint8_t, 8> value{};
    store_le32(value, series);
    store_le32(ByteSpan(value).subspan(4), end);
    const auto& bytes = flash.content().bytes;
    const auto found = std::search(bytes.begin(), bytes.end(), value.begin(), value.end());
    EXPECT_NE(found, bytes.end());
    return static_cast<std::uint32_t>(found - bytes.begin());
  }

  sim::FaultPlan faults;
  sim::NorFlash flash{kGeometry, faults};
  CountedEntropy entropy;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Sealer> sealer;
  std::array<std::uint8_t, 128> buffer{};
  std::string last;
};

constexpr std::uint64_t kFirstSeries = std::uint64_t{0x01020304} << 32;

TEST_F(SealerTest, GoldenBytes) {
  for (const SealVector& vector : seal_vectors()) {
    while (vector.number == 0x200 && seal() != kFirstSeries + 0x1FF) {
    }
    const Channel channel = vector.leaf == "data" ? Channel::kData : Channel::kEvent;
    EXPECT_EQ(seal(channel, vector.message), (std::uint64_t{vector.series} << 32) + vector.number);
    EXPECT_EQ(last, vector.sealed);
  }
}

TEST_F(SealerTest, SizesAndTheirLimit) {
  const std::vector<std::uint8_t> message(100, 0x55);
  std::vector<std::uint8_t> room(message.size() + kOverhead - 1);
  EXPECT_EQ(sealer->seal(Channel::kData, message, room).error(), Error::kNoSpace);
  room.resize(message.size() + kOverhead);
  const auto sealed = sealer->seal(Channel::kData, message, room);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->size(), message.size() + 27);
  EXPECT_EQ(to_hex(sealed->subspan(9, 8)), "0102030400000000") << "the refused one spent no number";
  const std::vector<std::uint8_t> longest(UINT16_MAX + 1);
  room.resize(longest.size() + kOverhead);
  EXPECT_EQ(sealer->seal(Channel::kData, longest, room).error(), Error::kNoSpace);
}

TEST_F(SealerTest, OneRecordForALeapOfNumbers) {
  const auto before = faults.flash_operations;
  ASSERT_EQ(seal(), kFirstSeries);
  const auto first = faults.flash_operations;
  EXPECT_GT(first, before);
  seal_many(255);
  EXPECT_EQ(faults.flash_operations, first);
  EXPECT_EQ(seal(), kFirstSeries + 256);
  EXPECT_GT(faults.flash_operations, first);
}

TEST_F(SealerTest, AResetGoesOnALeapBehindWhatWasReserved) {
  seal_many(3);
  start();
  EXPECT_EQ(seal(), kFirstSeries + 512);
  seal_many(256);
  start();
  EXPECT_EQ(seal(), kFirstSeries + 1280);
}

TEST_F(SealerTest, AResetThatSealsNothingCostsNothing) {
  seal_many(1);
  start();
  const auto before = faults.flash_operations;
  reset();
  EXPECT_EQ(faults.flash_operations, before);
  EXPECT_EQ(seal(), kFirstSeries + 512);
}

TEST_F(SealerTest, T30_NoNumberComesTwiceWhereverThePowerFails) {
  constexpr int kSession = 258;  // past one reservation
  std::uint64_t runs = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    for (std::uint64_t cut = 1;; ++cut) {
      flash.restore(sim::NorFlash({kGeometry}, faults).content());
      flash.seed(seed * 1009 + cut);
      flash.check_units(seed % 4 == 0);
      std::set<std::uint64_t> used;
      faults.cut_power_at = sim::FaultPlan::kNone;  // what the run before did not come to
      start();
      faults.cut_power_at = faults.flash_operations + cut;
      for (int i = 0; i < kSession && !faults.power_is_off; ++i) {
        const std::uint64_t number = seal();
        ASSERT_TRUE(number == 0 || used.insert(number).second) << "seed " << seed << ", cut " << cut;
      }
      if (!faults.power_is_off) {
        break;
      }
      faults.cut_power_at = sim::FaultPlan::kNone;
      for (int session = 0; session < 3; ++session) {
        faults.power_on();
        start();
        for (int i = 0; i < 2; ++i) {
          const std::uint64_t number = seal();
          ASSERT_NE(number, 0U);
          ASSERT_TRUE(used.insert(number).second) << "seed " << seed << ", cut " << cut << ", session " << session;
        }
      }
      ++runs;
    }
  }
  EXPECT_GE(runs, 12U * 3U);  // the header of the page, and two reservations
}

// The one loss that a journal cannot tell from a torn write: the last record of a log.
TEST_F(SealerTest, T31_ALastRecordThatRotted) {
  seal_many(300);
  flash.rot(record(0x01020304, 512), 0x10);
  start();
  EXPECT_FALSE(journal->lost_records());
  EXPECT_EQ(seal(), kFirstSeries + 512);
}

TEST_F(SealerTest, T31_AfterALossASeriesOfItsOwn) {
  seal_many(600);
  flash.rot(record(0x01020304, 256), 0x10);
  start();
  EXPECT_TRUE(journal->lost_records());
  EXPECT_EQ(seal(), kFirstSeries + (std::uint64_t{1} << 32));
}

TEST_F(SealerTest, T31_ARecordThatIsNone) {
  const std::vector<std::vector<std::uint8_t>> records = {
      {}, {1, 2, 3}, {4, 3, 2, 1, 0, 0, 0, 0}, {4, 3, 2, 1, 7, 0, 0, 0}, {4, 3, 2, 1, 0, 0xFF, 0xFF, 0xFF}};
  for (const auto& bytes : records) {
    entropy.next = 0x0A0B0C0D;
    ASSERT_TRUE(journal->put(Tag::kSeal, bytes));
    reset();
    EXPECT_EQ(seal(), std::uint64_t{0x0A0B0C0D} << 32);
  }
}

TEST_F(SealerTest, T31_AJournalThatTakesNothing) {
  seal_many(10);
  journal = std::make_unique<Journal>(Area(flash, 0, kGeometry.size));  // not mounted
  entropy.next = 7;
  for (const std::uint64_t series : {8, 10}) {  // one is drawn before the journal refuses, one after
    reset();
    EXPECT_EQ(seal(), series << 32);
    seal_many(300);
    EXPECT_EQ(seal(), (series << 32) + 301);
  }
}

TEST_F(SealerTest, ASeriesThatIsAtItsEnd) {
  std::array<std::uint8_t, 8> value{};
  store_le32(value, 9);
  store_le32(ByteSpan(value).subspan(4), 0xFFFFFD00);
  ASSERT_TRUE(journal->put(Tag::kSeal, value));
  reset();
  EXPECT_EQ(seal(), (std::uint64_t{9} << 32) + 0xFFFFFE00);
  seal_many(255);
  EXPECT_EQ(seal(), kFirstSeries);
}

TEST_F(SealerTest, WithoutRandomNumbersItStaysFailed) {
  entropy.broken = true;
  EXPECT_EQ(seal(), 0U);
  entropy.broken = false;
  EXPECT_EQ(sealer->seal(Channel::kData, {}, buffer).error(), Error::kIo);
  reset();
  EXPECT_EQ(seal(), kFirstSeries);
}

}  // namespace
}  // namespace ferry::seal
