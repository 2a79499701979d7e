#include "device/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

using ::testing::ElementsAreArray;

using Value = std::vector<std::uint8_t>;

class JournalTest : public ::testing::Test {
 protected:
  void use(FlashGeometry geometry) {
    flash = std::make_unique<sim::NorFlash>(geometry, faults);
    mount();
  }
  void mount() { ASSERT_TRUE(try_mount()); }
  Status try_mount() {
    journal = std::make_unique<Journal>(Area(*flash, 0, flash->geometry().size));
    return journal->mount();
  }
  void put(Tag tag, const Value& value) { ASSERT_TRUE(journal->put(tag, value)); }
  [[nodiscard]] Value get(Tag tag) const {
    Value buffer(Journal::kMaxValue);
    const auto value = journal->get(tag, buffer);
    return value ? Value(value->begin(), value->end()) : Value{0xEE, static_cast<std::uint8_t>(value.error())};
  }
  [[nodiscard]] Error get_error(Tag tag) const {
    Value buffer(Journal::kMaxValue);
    const auto value = journal->get(tag, buffer);
    return value ? Error{} : value.error();
  }
  [[nodiscard]] Error put_error(Tag tag, const Value& value) const {
    const Status put = journal->put(tag, value);
    return put ? Error{} : put.error();
  }
  // Where `needle` is in flash, from `from` on.
  [[nodiscard]] std::uint32_t find(const Value& needle, std::uint32_t from = 0) const {
    const auto& bytes = flash->content().bytes;
    const auto found = std::search(bytes.begin() + from, bytes.end(), needle.begin(), needle.end());
    EXPECT_NE(found, bytes.end());
    return static_cast<std::uint32_t>(found - bytes.begin());
  }

  sim::FaultPlan faults;
  std::unique_ptr<sim::NorFlash> flash;
  std::unique_ptr<Journal> journal;
};

constexpr FlashGeometry kSmall{.size = 2048, .sector_size = 1024, .write_size = 8};
constexpr FlashGeometry kUsual{.size = 16384, .sector_size = 4096, .write_size = 8};

Value counted(std::uint32_t number, std::size_t size = 20) {
  Value value(size, 0x5C);
  store_le32(value, number);
  return value;
}

TEST_F(JournalTest, ErasedFlashBecomesAnEmptyJournal) {
  use(kUsual);
  EXPECT_FALSE(journal->lost_records());
  for (std::uint8_t tag = 0; tag < Journal::kMaxTags; ++tag) {
    EXPECT_EQ(get_error(static_cast<Tag>(tag)), Error::kNotFound);
  }
}

TEST_F(JournalTest, KeepsTheLatestValueOfEachTag) {
  use(kUsual);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    put(static_cast<Tag>(1 + i % 15), counted(i));
  }
  for (int mounts = 0; mounts < 3; ++mounts) {
    for (std::uint32_t i = 985; i < 1000; ++i) {
      EXPECT_EQ(get(static_cast<Tag>(1 + i % 15)), counted(i));
    }
    mount();
  }
  EXPECT_FALSE(journal->lost_records());
}

TEST_F(JournalTest, KeepsAnEmptyValueAndTheLargestOne) {
  use(kUsual);
  put(Tag::kTime, {});
  put(Tag::kReport, Value(Journal::kMaxValue, 0xFF));
  mount();
  EXPECT_EQ(get(Tag::kTime), Value{});
  EXPECT_EQ(get(Tag::kReport), Value(Journal::kMaxValue, 0xFF));
}

TEST_F(JournalTest, SaysWhatIsWrongWithACall) {
  use(kUsual);
  EXPECT_EQ(put_error(Tag{0}, {1}), Error::kInvalidArgument);
  EXPECT_EQ(put_error(Tag{16}, {1}), Error::kInvalidArgument);
  EXPECT_EQ(put_error(Tag::kTime, Value(Journal::kMaxValue + 1)), Error::kInvalidArgument);
  put(Tag::kTime, {1, 2, 3});
  std::array<std::uint8_t, 2> small{};
  EXPECT_EQ(journal->get(Tag::kTime, small).error(), Error::kNoSpace);
  Journal unmounted(Area(*flash, 0, kUsual.size));
  EXPECT_EQ(unmounted.put(Tag::kTime, {}).error(), Error::kWrongState);
  EXPECT_EQ(unmounted.get(Tag::kTime, small).error(), Error::kWrongState);
  EXPECT_EQ(unmounted.forget_losses().error(), Error::kWrongState);
}

TEST_F(JournalTest, RefusesAnAreaThatIsTooSmall) {
  flash = std::make_unique<sim::NorFlash>(kUsual, faults);
  for (const Area& area : {Area(), Area(*flash, 0, 4096), Area(*flash, 100, 8192)}) {
    Journal none(area);
    EXPECT_EQ(none.mount().error(), Error::kInvalidArgument);
  }
  sim::NorFlash tiny({.size = 1024, .sector_size = 256, .write_size = 1}, faults);
  EXPECT_EQ(Journal(Area(tiny, 0, 1024)).mount().error(), Error::kInvalidArgument);
  sim::NorFlash coarse({.size = 1024, .sector_size = 512, .write_size = 32}, faults);
  EXPECT_EQ(Journal(Area(coarse, 0, 1024)).mount().error(), Error::kInvalidArgument);
}

TEST_F(JournalTest, WritesNothingWhereNothingChanges) {
  use(kUsual);
  put(Tag::kTime, counted(1));
  mount();
  const auto operations = faults.flash_operations;
  put(Tag::kTime, counted(1));
  for (int i = 0; i < 10; ++i) {
    mount();
  }
  EXPECT_EQ(faults.flash_operations, operations);
}

TEST_F(JournalTest, SpreadsTheWearAndErasesSeldom) {
  use(kUsual);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    put(Tag::kBootState, counted(i, 96));
    mount();
  }
  EXPECT_LT(flash->erases(), 400U) << "a reset after each record costs a fifth of an erase";
  for (std::uint32_t sector = 0; sector < kUsual.size; sector += kUsual.sector_size) {
    EXPECT_NEAR(static_cast<double>(flash->erases(sector)), static_cast<double>(flash->erases()) / 4, 1);
  }
}

// The bytes, computed apart from this code (spec/journal.md): a format, read for ever.
constexpr std::array<std::uint8_t, 104> kGolden = {
    0x46, 0x4A, 0x4E, 0x31, 0x01, 0x00, 0x00, 0x00, 0x7B, 0xA3, 0x04, 0x7B, 0xFF, 0xFF, 0xFF, 0xFF, 0x46, 0x4A,
    0x53, 0x31, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xA3, 0x44, 0x80, 0x26,
    0xFF, 0xFF, 0xFF, 0xFF, 0x46, 0x4A, 0x53, 0x31, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xA3, 0x44, 0x80, 0x26, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x52, 0x01,
    0x03, 0x0A, 0x01, 0x02, 0x03, 0xEE, 0x0C, 0xA3, 0x51, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

TEST_F(JournalTest, GoldenBytes) {
  use(kSmall);
  put(Tag::kBootState, {1, 2, 3});
  const ByteView bytes = ByteView(flash->content().bytes);
  EXPECT_THAT(Value(bytes.begin(), bytes.begin() + kGolden.size()), ElementsAreArray(kGolden));
  const bool rest_is_erased =
      std::all_of(bytes.begin() + kGolden.size(), bytes.end(), [](auto b) { return b == 0xFF; });
  EXPECT_TRUE(rest_is_erased);
}

TEST_F(JournalTest, GoldenBytesAreRead) {
  flash = std::make_unique<sim::NorFlash>(kSmall, faults);
  sim::NorFlash::Content content = flash->content();
  std::copy(kGolden.begin(), kGolden.end(),
            content.bytes.begin() + 1024);  // any sector; the entry is bound to its place
  flash->restore(content);
  mount();
  EXPECT_EQ(get_error(Tag::kBootState), Error::kNotFound);
  content = sim::NorFlash(kSmall, faults).content();
  std::copy(kGolden.begin(), kGolden.end(), content.bytes.begin());
  flash->restore(content);
  mount();
  EXPECT_EQ(get(Tag::kBootState), (Value{1, 2, 3}));
  EXPECT_FALSE(journal->lost_records());
}

TEST_F(JournalTest, FullIsSaidBeforeAnythingIsWritten) {
  use({.size = 4096, .sector_size = 2048, .write_size = 8});
  std::uint8_t tag = 1;
  while (put_error(static_cast<Tag>(tag), Value(Journal::kMaxValue, tag)) == Error{}) {
    ++tag;
  }
  EXPECT_EQ(tag, 14) << "what a sector of 2048 bytes holds";
  const auto operations = faults.flash_operations;
  EXPECT_EQ(put_error(static_cast<Tag>(tag), Value(Journal::kMaxValue, 9)), Error::kJournalFull);
  EXPECT_EQ(faults.flash_operations, operations);
  for (int round = 0; round < 50; ++round) {  // what is there may still change, and stays
    put(Tag::kBootState, Value(Journal::kMaxValue, static_cast<std::uint8_t>(round)));
    if (round % 7 == 0) {
      mount();
    }
    for (std::uint8_t other = 2; other < tag; ++other) {
      EXPECT_EQ(get(static_cast<Tag>(other)), Value(Journal::kMaxValue, other));
    }
  }
  put(Tag::kBootState, {});
  put(static_cast<Tag>(tag), Value(100, 7));  // room was made
}

TEST_F(JournalTest, FifteenOfTheLargestFitIntoTheUsualSectorWhateverTheUnit) {
  for (const std::uint32_t unit : {1U, 2U, 4U, 8U, 16U, 32U}) {
    use({.size = 8192, .sector_size = 4096, .write_size = unit});
    for (std::uint32_t i = 0; i < 150; ++i) {
      put(static_cast<Tag>(1 + i % 15), counted(i, Journal::kMaxValue));
    }
    mount();
    for (std::uint32_t i = 135; i < 150; ++i) {
      EXPECT_EQ(get(static_cast<Tag>(1 + i % 15)), counted(i, Journal::kMaxValue));
    }
  }
}

// --- T31: wear, rot, bits that read unstable ---

TEST_F(JournalTest, T31_SectorThatNoLongerErasesIsSkipped) {
  use(kUsual);
  flash->wear_out(4096);
  flash->wear_out(8192);
  for (std::uint32_t i = 0; i < 500; ++i) {
    put(Tag::kBootState, counted(i, 100));
    if (i % 50 == 0) {
      mount();
    }
  }
  mount();
  EXPECT_EQ(get(Tag::kBootState), counted(499, 100));
  EXPECT_FALSE(journal->lost_records());
}

TEST_F(JournalTest, T31_LastGoodSectorIsFilledThenSaysWornOutAndStaysReadable) {
  use({.size = 8192, .sector_size = 4096, .write_size = 8});
  flash->wear_out(4096);
  std::uint32_t puts = 0;
  while (put_error(Tag::kBootState, counted(puts, 100)) == Error{}) {
    ++puts;
  }
  EXPECT_EQ(put_error(Tag::kBootState, counted(puts, 100)), Error::kFlashWornOut);
  EXPECT_EQ(puts, (4096U - 152U) / 112U);
  for (int mounts = 0; mounts < 3; ++mounts) {
    EXPECT_EQ(get(Tag::kBootState), counted(puts - 1, 100));
    mount();
    EXPECT_FALSE(journal->lost_records());
    EXPECT_EQ(put_error(Tag::kBootState, counted(7777)), Error::kFlashWornOut);
  }
}

TEST_F(JournalTest, T31_WornOutFlashStillTakesAFewRecordsAfterAReset) {
  use({.size = 8192, .sector_size = 4096, .write_size = 8});
  flash->wear_out(4096);
  put(Tag::kBootState, counted(1));
  mount();
  put(Tag::kBootState, counted(2));
  mount();
  EXPECT_EQ(get(Tag::kBootState), counted(2));
}

TEST_F(JournalTest, T31_EraseThatDoesNothingAndSaysNothing) {
  // A stale sector that claims to be erased is found out, and another one is taken.
  class Lazy final : public NorFlash {
   public:
    explicit Lazy(sim::NorFlash& flash) : flash_(flash) {}
    [[nodiscard]] FlashGeometry geometry() const override { return flash_.geometry(); }
    [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override { return flash_.read(offset, bytes); }
    [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override {
      return flash_.program(offset, bytes);
    }
    [[nodiscard]] Status erase(std::uint32_t offset) override {
      return lazy && offset == 0 ? ok() : flash_.erase(offset);
    }
    bool lazy = false;

   private:
    sim::NorFlash& flash_;
  };
  sim::NorFlash medium({.size = 3072, .sector_size = 1024, .write_size = 8}, faults);
  Lazy lazy(medium);
  Journal here(Area(lazy, 0, 3072));
  ASSERT_TRUE(here.mount());
  lazy.lazy = true;
  for (std::uint32_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(here.put(Tag::kTime, counted(i, 100)));
  }
  ASSERT_TRUE(here.mount());
  Value buffer(Journal::kMaxValue);
  EXPECT_TRUE(equal(here.get(Tag::kTime, buffer).value(), counted(99, 100)));
  EXPECT_FALSE(here.lost_records());
}

TEST_F(JournalTest, T31_UnitThatTakesNoProgramIsLeft) {
  use(kUsual);
  for (std::uint32_t at = 1200; at < kUsual.size; at += 1111) {
    flash->break_unit(at);
  }
  for (std::uint32_t i = 0; i < 100; ++i) {
    put(Tag::kTime, counted(i, 60));
  }
  mount();
  EXPECT_EQ(get(Tag::kTime), counted(99, 60));
  EXPECT_FALSE(journal->lost_records());
}

TEST_F(JournalTest, T31_BitThatReadsUnstableOnceCostsNothing) {
  use(kUsual);
  put(Tag::kTime, counted(5));
  mount();
  flash->blur_once(find(counted(5), 512) + 3);
  EXPECT_EQ(get(Tag::kTime), counted(5));
  flash->blur_once(find(counted(5), 512) + 3);
  mount();
  EXPECT_EQ(get(Tag::kTime), counted(5));
  EXPECT_FALSE(journal->lost_records());
}

TEST_F(JournalTest, T31_RottenRecordIsNoticedAndTheOthersStay) {
  use(kUsual);
  for (std::uint8_t tag = 1; tag < 16; ++tag) {
    put(static_cast<Tag>(tag), counted(tag));
  }
  mount();  // a snapshot
  const std::uint32_t rotten = find(counted(7), 512);
  flash->rot(rotten, 0x01);
  EXPECT_EQ(get_error(Tag{7}), Error::kCorrupt);
  mount();
  EXPECT_TRUE(journal->lost_records());
  EXPECT_EQ(get_error(Tag{7}), Error::kNotFound);
  for (std::uint8_t tag = 1; tag < 16; ++tag) {
    if (tag != 7) {
      EXPECT_EQ(get(static_cast<Tag>(tag)), counted(tag));
    }
  }
}

TEST_F(JournalTest, T31_RottenRecordInTheMiddleOfTheLogIsNoticed) {
  use(kUsual);
  put(Tag::kTime, counted(1));
  put(Tag::kTime, counted(2));
  put(Tag::kReport, counted(3));
  flash->rot(find(counted(2)) - 3, 0x40);  // its head: the length can no longer be trusted
  mount();
  EXPECT_TRUE(journal->lost_records());
  EXPECT_EQ(get(Tag::kTime), counted(1)) << "an older value, and it is said";
  EXPECT_EQ(get(Tag::kReport), counted(3));
}

TEST_F(JournalTest, T31_LossIsKeptUntilSomebodyMadeGoodForIt) {
  use(kUsual);
  put(Tag::kTime, counted(1));
  put(Tag::kReport, counted(2));
  mount();
  flash->rot(find(counted(1), 512), 0x80);
  for (int mounts = 0; mounts < 3; ++mounts) {
    mount();
    EXPECT_TRUE(journal->lost_records());
    put(Tag::kTime, counted(static_cast<std::uint32_t>(10 + mounts)));
  }
  ASSERT_TRUE(journal->forget_losses());
  EXPECT_FALSE(journal->lost_records());
  for (int mounts = 0; mounts < 3; ++mounts) {
    mount();
    EXPECT_FALSE(journal->lost_records());
  }
  EXPECT_EQ(get(Tag::kReport), counted(2));
}

TEST_F(JournalTest, T31_RottenHeadOfABlockCostsNothing) {
  for (const std::uint32_t at : {0U, 5U, 9U, 16U, 30U, 40U, 60U}) {  // header, first seal, second seal
    use(kUsual);
    put(Tag::kTime, counted(1));
    for (std::uint32_t i = 0; flash->erases(4096) == 0; ++i) {  // until it has moved on to the second sector
      put(Tag::kReport, counted(i, 100));
    }
    flash->rot(4096 + at, 0x04);
    mount();
    EXPECT_FALSE(journal->lost_records()) << at;
    EXPECT_EQ(get(Tag::kTime), counted(1)) << at;
  }
}

// Every bit of a journal in turn: never a wrong value without a word. The last record of a log is the exception that no
// journal can do without: it looks like one that a power cut tore.
TEST_F(JournalTest, T31_AnyRottenBitIsNoticedOrHarmless) {
  use(kSmall);
  put(Tag::kBootState, counted(1, 96));
  put(Tag::kTime, counted(2));
  put(Tag::kReport, counted(3));
  mount();
  const sim::NorFlash::Content content = flash->content();
  for (std::uint32_t at = 0; at < kSmall.size; ++at) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) {
      flash->restore(content);
      flash->rot(at, static_cast<std::uint8_t>(1U << bit));
      mount();
      const bool right =
          get(Tag::kBootState) == counted(1, 96) && get(Tag::kTime) == counted(2) && get(Tag::kReport) == counted(3);
      EXPECT_TRUE(right || journal->lost_records()) << at << '.' << bit;
      EXPECT_EQ(put_error(Tag::kTime, counted(9)), Error{}) << at << '.' << bit;
    }
  }
}

// --- T4: what the journal does for the floor ---

TEST_F(JournalTest, T4_LostSectorIsNoticedSoThatAnOlderFloorIsNotTakenForTheLatest) {
  use(kUsual);
  std::uint32_t sequence = 0;
  for (int lost = 0; lost < 40; ++lost) {
    for (int puts = 0; puts < 23; ++puts) {
      put(Tag::kBootState, counted(++sequence, 96));
    }
    mount();
    put(Tag::kBootState, counted(++sequence, 96));
    // The sector that holds the latest value goes.
    const std::uint32_t sector = find(counted(sequence, 96)) / 4096 * 4096;
    for (std::uint32_t at = 0; at < 4096; ++at) {
      flash->rot(sector + at, static_cast<std::uint8_t>(0x11 + at % 7));
    }
    mount();
    const bool floor_is_gone = get_error(Tag::kBootState) == Error::kNotFound;
    EXPECT_TRUE(journal->lost_records() || floor_is_gone) << lost;
    ASSERT_TRUE(journal->forget_losses());
  }
}

TEST_F(JournalTest, T4_LostStaleSectorChangesNothing) {
  use(kUsual);
  for (std::uint32_t i = 0; i < 200; ++i) {
    put(Tag::kBootState, counted(i, 96));
  }
  mount();
  const std::uint32_t current = find(counted(199, 96)) / 4096 * 4096;
  for (std::uint32_t at = 0; at < kUsual.size; ++at) {
    if (at / 4096 * 4096 != current) {
      flash->rot(at, 0x2A);
    }
  }
  mount();
  EXPECT_EQ(get(Tag::kBootState), counted(199, 96));
  EXPECT_FALSE(journal->lost_records());
}

// --- any bytes ---

TEST_F(JournalTest, GarbageBecomesAJournal) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    use(kSmall);
    sim::NorFlash::Content content = flash->content();
    for (auto& byte : content.bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    flash->restore(content);
    mount();
    put(Tag::kTime, counted(1));
    mount();
    EXPECT_EQ(get(Tag::kTime), counted(1));
  }
}

}  // namespace
}  // namespace ferry
