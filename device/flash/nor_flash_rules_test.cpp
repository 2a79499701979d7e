#include "device/flash/nor_flash_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/nor_flash.h"

namespace ferry {
namespace {

using ::testing::HasSubstr;

constexpr FlashGeometry kGeometry{.size = 8192, .sector_size = 1024, .write_size = 8};

// A driver that breaks one rule.
enum class Fault : std::uint8_t { kNone, kProgramsTwice, kErasesNothing, kErasesTwoSectors, kReadsBeyond, kRoundsDown };

class FaultyFlash final : public NorFlash {
 public:
  explicit FaultyFlash(Fault fault) : fault_(fault) { bytes_.fill(0xFF); }

  [[nodiscard]] FlashGeometry geometry() const override { return kGeometry; }

  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (fault_ == Fault::kReadsBeyond ? offset >= bytes_.size()
                                      : offset + std::uint64_t{bytes.size()} > bytes_.size()) {
      return fail(Error::kOutOfRange);
    }
    copy(ByteView(bytes_).subspan(offset), bytes);
    return ok();
  }

  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override {
    if (fault_ == Fault::kRoundsDown) {
      offset -= offset % kGeometry.write_size;
      bytes = bytes.first(bytes.size() - bytes.size() % kGeometry.write_size);
    }
    if (offset % kGeometry.write_size != 0 || bytes.size() % kGeometry.write_size != 0 ||
        offset + std::uint64_t{bytes.size()} > bytes_.size()) {
      return fail(Error::kOutOfRange);
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes_[offset + i] != 0xFF && fault_ != Fault::kProgramsTwice) {
        return fail(Error::kFlashNotErased);
      }
    }
    copy(bytes, ByteSpan(bytes_).subspan(offset));
    return ok();
  }

  [[nodiscard]] Status erase(std::uint32_t offset) override {
    if (offset % kGeometry.sector_size != 0 || offset >= bytes_.size()) {
      return fail(Error::kOutOfRange);
    }
    const std::size_t sectors = fault_ == Fault::kErasesNothing ? 0 : fault_ == Fault::kErasesTwoSectors ? 2 : 1;
    std::ranges::fill(ByteSpan(bytes_).subspan(offset, sectors * kGeometry.sector_size), std::uint8_t{0xFF});
    return ok();
  }

 private:
  Fault fault_;
  std::array<std::uint8_t, kGeometry.size> bytes_{};
};

std::string_view rule_broken_by(Fault fault) {
  FaultyFlash flash(fault);
  return broken_rule(flash, 2048);
}

TEST(NorFlashRulesTest, TheSimulatedFlashKeepsThem) {
  for (const std::uint32_t write_size : {1U, 2U, 8U, 16U, 32U}) {
    sim::FaultPlan faults;
    sim::NorFlash flash({.size = 8192, .sector_size = 1024, .write_size = write_size}, faults);
    EXPECT_EQ(broken_rule(flash, 0), "") << write_size;
    EXPECT_EQ(broken_rule(flash, 5120), "") << write_size;
    EXPECT_LE(flash.erases(), 10U);
  }
}

TEST(NorFlashRulesTest, EachIsFoundBroken) {
  EXPECT_EQ(rule_broken_by(Fault::kNone), "");
  EXPECT_THAT(rule_broken_by(Fault::kProgramsTwice), HasSubstr("not erased"));
  EXPECT_THAT(rule_broken_by(Fault::kErasesNothing), HasSubstr("whole and alone"));
  EXPECT_THAT(rule_broken_by(Fault::kErasesTwoSectors), HasSubstr("whole and alone"));
  EXPECT_THAT(rule_broken_by(Fault::kReadsBeyond), HasSubstr("read beyond"));
  EXPECT_THAT(rule_broken_by(Fault::kRoundsDown), HasSubstr("whole units"));
}

TEST(NorFlashRulesTest, AGeometryThatCannotBe) {
  sim::FaultPlan faults;
  sim::NorFlash flash(kGeometry, faults);
  EXPECT_THAT(broken_rule(flash, 6144), HasSubstr("whole sectors"));
  EXPECT_THAT(broken_rule(flash, 100), HasSubstr("whole sectors"));
  sim::NorFlash odd({.size = 9000, .sector_size = 3000, .write_size = 8}, faults);
  EXPECT_THAT(broken_rule(odd, 0), HasSubstr("powers of two"));
  EXPECT_EQ(faults.flash_operations, 0U);
}

}  // namespace
}  // namespace ferry
