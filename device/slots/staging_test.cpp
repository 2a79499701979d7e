#include "device/slots/staging.h"

#include <gtest/gtest.h>
#include <random>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kSector = 1024;
constexpr std::uint32_t kStagingSize = 16 * kSector;
constexpr Release kRelease{.sequence = 7, .manifest = {1, 2, 3}};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return bytes;
}

Error error_of(const Status& status) {
  return status ? Error{} : status.error();
}

// What is in RAM between two resets.
struct Session {
  explicit Session(NorFlash& flash)
      : journal(Area(flash, 0, 4 * kSector)), staging(Area(flash, 4 * kSector, kStagingSize), journal, buffer) {}
  Status open(const Release& release = kRelease) {
    FERRY_TRY(journal.mount());
    return staging.open(release);
  }
  std::array<std::uint8_t, 256> buffer{};
  Journal journal;
  Staging staging;
};

class StagingTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override { restart(); }
  void restart(const Release& release = kRelease) {
    session = std::make_unique<Session>(flash);
    ASSERT_TRUE(session->open(release));
  }
  [[nodiscard]] Staging& staging() const { return session->staging; }
  [[nodiscard]] Bytes content(std::size_t index, std::size_t size) const {
    Bytes bytes(size);
    EXPECT_TRUE(staging().payload(index).read(0, bytes));
    return bytes;
  }
  void fill(std::size_t index, const Bytes& payload) const {
    ASSERT_TRUE(staging().select(index, static_cast<std::uint32_t>(payload.size())));
    ASSERT_TRUE(staging().append(ByteView(payload).subspan(staging().received())));
    ASSERT_TRUE(staging().complete());
  }

  sim::FaultPlan faults;
  sim::NorFlash flash{{.size = 4 * kSector + kStagingSize, .sector_size = kSector, .write_size = GetParam()}, faults};
  std::unique_ptr<Session> session;
};

TEST_P(StagingTest, TakesPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 5U, 255U, 256U, 257U, 5000U}) {
    const Bytes payload = pattern(4321, static_cast<std::uint32_t>(piece));
    ASSERT_TRUE(staging().open({.sequence = piece}));
    ASSERT_TRUE(staging().select(0, 4321));
    for (std::size_t at = 0; at < payload.size(); at += piece) {
      ASSERT_EQ(staging().received(), at);
      ASSERT_FALSE(staging().complete());
      ASSERT_TRUE(staging().append(ByteView(payload).subspan(at, std::min(piece, payload.size() - at))));
    }
    EXPECT_TRUE(staging().complete());
    EXPECT_EQ(content(0, 4321), payload);
    EXPECT_EQ(staging().payload_size(0), 4321U);
  }
}

TEST_P(StagingTest, HoldsSeveralPayloadsEachFromASectorOn) {
  const std::array<Bytes, 4> payloads = {pattern(1500, 1), pattern(0, 2), pattern(1024, 3), pattern(77, 4)};
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    fill(i, payloads[i]);
  }
  restart();
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    ASSERT_TRUE(staging().select(i, static_cast<std::uint32_t>(payloads[i].size())));
    EXPECT_TRUE(staging().complete()) << i;
    EXPECT_EQ(content(i, payloads[i].size()), payloads[i]);
  }
  EXPECT_EQ(staging().payload(4).size(), 0U);
}

TEST_P(StagingTest, GoesOnAtTheLastWholeSectorAfterAReset) {
  const Bytes payload = pattern(5000, 1);
  ASSERT_TRUE(staging().select(0, 5000));
  ASSERT_TRUE(staging().append(ByteView(payload).first(3500)));
  EXPECT_EQ(staging().received(), 3500U);
  restart();
  ASSERT_TRUE(staging().select(0, 5000));
  EXPECT_EQ(staging().received(), 3072U);
  fill(0, payload);
  EXPECT_EQ(content(0, 5000), payload);
}

TEST_P(StagingTest, AnotherReleaseOrAnotherSizeStartsAnew) {
  fill(0, pattern(2000, 1));
  restart({.sequence = 8, .manifest = {1, 2, 3}});
  ASSERT_TRUE(staging().select(0, 2000));
  EXPECT_EQ(staging().received(), 0U);
  restart({.sequence = 7, .manifest = {9}});
  ASSERT_TRUE(staging().select(0, 2000));
  EXPECT_EQ(staging().received(), 0U);
  restart();
  ASSERT_TRUE(staging().select(0, 2001));
  EXPECT_EQ(staging().received(), 0U);
  restart();
  ASSERT_TRUE(staging().select(0, 2000));
  EXPECT_TRUE(staging().complete()) << "nothing was written in between";
}

TEST_P(StagingTest, DiscardForgetsAPayloadAndAllBehindIt) {
  fill(0, pattern(2000, 1));
  fill(1, pattern(1000, 2));
  fill(2, pattern(500, 3));
  ASSERT_TRUE(staging().discard(1));
  EXPECT_EQ(staging().received(), 0U);
  for (int resets = 0; resets < 2; ++resets) {
    ASSERT_TRUE(staging().select(0, 2000));
    EXPECT_TRUE(staging().complete());
    ASSERT_TRUE(staging().select(1, 1000));
    EXPECT_EQ(staging().received(), 0U);
    restart();
  }
  ASSERT_TRUE(staging().select(0, 2000));
  fill(1, pattern(1000, 4));
  EXPECT_EQ(content(1, 1000), pattern(1000, 4));
  ASSERT_TRUE(staging().clear());
  restart();
  ASSERT_TRUE(staging().select(0, 2000));
  EXPECT_EQ(staging().received(), 0U);
}

TEST_P(StagingTest, T35_PayloadLargerThanStagingIsRefusedBeforeTheDownload) {
  const auto operations = faults.flash_operations;
  EXPECT_EQ(error_of(staging().select(0, kStagingSize + 1)), Error::kStagingTooSmall);
  EXPECT_EQ(error_of(staging().select(0, UINT32_MAX)), Error::kStagingTooSmall);
  ASSERT_TRUE(staging().select(0, kStagingSize - 100));
  EXPECT_EQ(error_of(staging().select(1, 1)), Error::kStagingTooSmall) << "the last sector is taken";
  EXPECT_EQ(faults.flash_operations, operations);
  fill(0, pattern(kStagingSize - 100, 1));
}

TEST_P(StagingTest, T20_MoreThanDeclaredIsRefusedAndNothingOfItIsWritten) {
  ASSERT_TRUE(staging().select(0, 1000));
  ASSERT_TRUE(staging().append(pattern(600, 1)));
  EXPECT_EQ(error_of(staging().append(pattern(401, 2))), Error::kPayloadTooLong);
  EXPECT_EQ(staging().received(), 600U);
  ASSERT_TRUE(staging().append(pattern(400, 2)));
  EXPECT_TRUE(staging().complete());
  EXPECT_EQ(error_of(staging().append(pattern(1, 2))), Error::kPayloadTooLong);
}

TEST_P(StagingTest, SaysWhatIsWrongWithACall) {
  EXPECT_EQ(error_of(staging().append(pattern(1, 1))), Error::kWrongState);
  EXPECT_EQ(error_of(staging().select(1, 10)), Error::kWrongState);
  EXPECT_EQ(error_of(staging().select(Staging::kMaxPayloads, 10)), Error::kWrongState);
  EXPECT_EQ(error_of(staging().discard(0)), Error::kInvalidArgument);
  ASSERT_TRUE(staging().select(0, 10));
  EXPECT_EQ(error_of(staging().select(0, 11)), Error::kInvalidArgument);
}

TEST_P(StagingTest, T31_WornOutSectorIsAnError) {
  flash.wear_out(4 * kSector + 2 * kSector);
  ASSERT_TRUE(staging().select(0, 5000));
  EXPECT_EQ(error_of(staging().append(pattern(5000, 1))), Error::kFlashWornOut);
}

// A whole download of two payloads, with the power cut where `cuts` says, one cut in each session. How far it was when
// the power failed is what it goes on from, but for the sector that was under way.
class Download {
 public:
  Download(sim::NorFlash& flash, sim::FaultPlan& faults) : flash_(flash), faults_(faults) {}

  void run(std::vector<std::uint64_t> cuts) {
    cuts.push_back(0);
    for (const std::uint64_t cut : cuts) {
      faults_.cut_power_at = cut == 0 ? sim::FaultPlan::kNone : faults_.flash_operations + cut;
      const Status status = session();
      was_cut_ = faults_.power_is_off;
      ASSERT_TRUE(status.has_value() || was_cut_) << static_cast<int>(status.error());
      faults_.power_on();
    }
  }
  [[nodiscard]] bool was_cut() const { return was_cut_; }

 private:
  Status session() {
    Session session(flash_);
    FERRY_TRY(session.open());
    for (std::size_t i = 0; i < payloads_.size(); ++i) {
      FERRY_TRY(fetch(session.staging, i));
    }
    for (std::size_t i = 0; i < payloads_.size(); ++i) {
      Bytes bytes(payloads_[i].size());
      FERRY_TRY(session.staging.payload(i).read(0, bytes));
      EXPECT_EQ(bytes, payloads_[i]);
    }
    return ok();
  }

  Status fetch(Staging& staging, std::size_t index) {
    const ByteView payload = payloads_[index];
    FERRY_TRY(staging.select(index, static_cast<std::uint32_t>(payload.size())));
    std::size_t& reached = reached_[index];
    EXPECT_GE(staging.received(), reached) << "payload " << index << ": what was durable is gone";
    while (!staging.complete()) {
      const std::size_t at = staging.received();
      const Status appended = staging.append(payload.subspan(at, std::min<std::size_t>(300, payload.size() - at)));
      FERRY_TRY(appended);
      reached = staging.complete() ? payload.size() : staging.received() / kSector * kSector;
    }
    return ok();
  }

  sim::NorFlash& flash_;
  sim::FaultPlan& faults_;
  std::array<Bytes, 2> payloads_ = {pattern(3000, 1), pattern(2049, 2)};
  std::array<std::size_t, 2> reached_{};
  bool was_cut_ = false;
};

TEST_P(StagingTest, T30_CutAtEveryOperationAndAgainAtEveryOneAfterIt) {
  const auto erased = sim::NorFlash(flash.geometry(), faults).content();
  for (std::uint64_t first = 1; first < 70 && !HasFailure(); ++first) {
    for (std::uint64_t second = 0; second < 70 && !HasFailure(); second += 1 + second / 24) {
      SCOPED_TRACE("cuts at " + std::to_string(first) + ", " + std::to_string(second));
      flash.restore(erased);
      flash.seed(first * 100 + second);
      Download(flash, faults).run({first, second});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Unit, StagingTest, ::testing::Values(1U, 4U, 8U, 16U, 32U));

TEST(StagingGrain, ALargeAreaIsNotRecordedAtEverySector) {
  constexpr std::uint32_t kSize = 4 * 1024 * 1024;
  sim::FaultPlan faults;
  sim::NorFlash flash({.size = 4 * 4096 + kSize, .sector_size = 4096, .write_size = 8}, faults);
  Journal journal(Area(flash, 0, 4 * 4096));
  ASSERT_TRUE(journal.mount());
  std::array<std::uint8_t, 4096> buffer{};
  Staging staging(Area(flash, 4 * 4096, kSize), journal, buffer);
  ASSERT_TRUE(staging.open(kRelease));
  ASSERT_TRUE(staging.select(0, kSize));
  const auto before = faults.flash_operations;
  const Bytes payload = pattern(kSize, 1);
  ASSERT_TRUE(staging.append(payload));
  EXPECT_TRUE(staging.complete());
  EXPECT_LT(faults.flash_operations - before, 2U * 1024 + 400) << "an erase and a program a sector, and the journal";
}

}  // namespace
}  // namespace ferry
