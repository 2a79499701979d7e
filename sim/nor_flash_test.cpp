// The simulation itself: that it refuses what it must, and that what it tears is torn in all the ways it claims.
#include "sim/nor_flash.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace ferry::sim {
namespace {

using Bytes = std::vector<std::uint8_t>;

class NorFlashTest : public ::testing::Test {
 protected:
  static Error error_of(const Status& status) { return status ? Error{} : status.error(); }
  Bytes read(std::uint32_t offset, std::size_t size) {
    Bytes bytes(size);
    EXPECT_TRUE(flash.read(offset, bytes));
    return bytes;
  }
  void power_cycle() {
    std::array<std::uint8_t, 1> byte{};
    faults.power_is_off = true;
    EXPECT_EQ(error_of(flash.read(0, byte)), Error::kIo);
    faults.power_on();
  }

  FaultPlan faults;
  NorFlash flash{{.size = 4096, .sector_size = 1024, .write_size = 8}, faults};
  Bytes zeros = Bytes(64, 0);
};

TEST_F(NorFlashTest, RefusesAUnitThatWasProgrammedAlsoWithTheSameBytes) {
  ASSERT_TRUE(flash.program(16, Bytes(8, 0xFF)));
  EXPECT_EQ(error_of(flash.program(16, Bytes(8, 0xFF))), Error::kFlashNotErased);
  EXPECT_EQ(error_of(flash.program(8, zeros)), Error::kFlashNotErased);
  EXPECT_EQ(read(8, 8), Bytes(8, 0xFF)) << "all or nothing";
  ASSERT_TRUE(flash.erase(0));
  EXPECT_TRUE(flash.program(8, zeros));
}

TEST_F(NorFlashTest, RefusesWhatIsNotAlignedOrOutside) {
  EXPECT_EQ(error_of(flash.program(4, Bytes(8))), Error::kOutOfRange);
  EXPECT_EQ(error_of(flash.program(8, Bytes(7))), Error::kOutOfRange);
  EXPECT_EQ(error_of(flash.program(4096, Bytes(8))), Error::kOutOfRange);
  EXPECT_EQ(error_of(flash.erase(512)), Error::kOutOfRange);
  EXPECT_EQ(error_of(flash.erase(4096)), Error::kOutOfRange);
  Bytes bytes(8);
  EXPECT_EQ(error_of(flash.read(4090, bytes)), Error::kOutOfRange);
  EXPECT_EQ(faults.flash_operations, 0U);
}

TEST_F(NorFlashTest, NothingHasAnEffectAfterTheCut) {
  faults.cut_power_at = 2;
  ASSERT_TRUE(flash.program(0, zeros));
  EXPECT_EQ(error_of(flash.erase(1024)), Error::kIo);
  const auto content = flash.content();
  Bytes bytes(8);
  EXPECT_EQ(error_of(flash.program(2048, zeros)), Error::kIo);
  EXPECT_EQ(error_of(flash.erase(0)), Error::kIo);
  EXPECT_EQ(error_of(flash.read(0, bytes)), Error::kIo);
  EXPECT_EQ(flash.content(), content);
  faults.power_on();
  EXPECT_TRUE(flash.erase(0));
}

TEST_F(NorFlashTest, TornProgramsComeInAllKinds) {
  int untouched = 0;
  int whole = 0;
  int changing_at_reads = 0;
  int changing_with_power = 0;
  int looks_untouched_and_takes_a_program = 0;
  const auto erased = flash.content();
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    flash.restore(erased);
    flash.seed(seed);
    faults.cut_power_at = faults.flash_operations + 1;
    EXPECT_EQ(error_of(flash.program(0, zeros)), Error::kIo);
    faults.power_on();
    const Bytes first = read(0, 64);
    const Bytes second = read(0, 64);
    power_cycle();
    const Bytes later = read(0, 64);
    changing_at_reads += first != second ? 1 : 0;
    changing_with_power += first == second && later != first ? 1 : 0;
    untouched += flash.content() == erased ? 1 : 0;
    whole += flash.content().bytes[0] == 0 && flash.content().torn.empty() && first == zeros ? 1 : 0;
    const bool looks_untouched = first == Bytes(64, 0xFF) && flash.content() != erased;
    looks_untouched_and_takes_a_program += looks_untouched && flash.program(0, zeros) ? 1 : 0;
    EXPECT_EQ(read(64, 960), Bytes(960, 0xFF)) << "nothing else is touched";
    ASSERT_TRUE(flash.erase(0));
    EXPECT_EQ(flash.content(), erased) << "an erase makes all good";
  }
  EXPECT_GT(untouched, 5);
  EXPECT_GT(whole, 5);
  EXPECT_GT(changing_at_reads, 50);
  EXPECT_GT(changing_with_power, 50);
  EXPECT_GT(looks_untouched_and_takes_a_program, 1);
}

TEST_F(NorFlashTest, TornErasesComeInAllKinds) {
  ASSERT_TRUE(flash.program(1024, Bytes(1024, 0)));
  const auto before = flash.content();
  int untouched = 0;
  int looks_erased = 0;
  int part = 0;
  int changing = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    flash.restore(before);
    flash.seed(seed);
    faults.cut_power_at = faults.flash_operations + 1;
    EXPECT_EQ(error_of(flash.erase(1024)), Error::kIo);
    faults.power_on();
    const auto& bytes = flash.content().bytes;
    const auto set = std::count(bytes.begin() + 1024, bytes.begin() + 2048, 0xFF);
    untouched += flash.content() == before ? 1 : 0;
    looks_erased += set == 1024 ? 1 : 0;
    part += set > 0 && set < 1024 ? 1 : 0;
    changing += flash.content().unstable.empty() ? 0 : 1;
    EXPECT_EQ(read(0, 1024), Bytes(1024, 0xFF));
    EXPECT_EQ(read(2048, 2048), Bytes(2048, 0xFF));
  }
  EXPECT_GT(untouched, 10);
  EXPECT_GT(looks_erased, 10);
  EXPECT_GT(part, 50);
  EXPECT_GT(changing, 50);
}

TEST_F(NorFlashTest, PartThatChecksItselfSaysWhatIsTorn) {
  flash.check_units(true);
  int corrupt = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ASSERT_TRUE(flash.erase(0));
    flash.seed(seed);
    faults.cut_power_at = faults.flash_operations + 1;
    static_cast<void>(flash.program(64, zeros));
    faults.power_on();
    Bytes bytes(128);
    corrupt += error_of(flash.read(32, bytes)) == Error::kCorrupt ? 1 : 0;
    EXPECT_TRUE(flash.read(0, zeros)) << "what is beside it can be read";
    EXPECT_TRUE(flash.read(128, zeros));
    zeros.assign(64, 0);
  }
  EXPECT_GT(corrupt, 5);
}

TEST_F(NorFlashTest, FaultsWithoutACut) {
  flash.wear_out(1024);
  EXPECT_EQ(error_of(flash.erase(1024)), Error::kFlashWornOut);
  EXPECT_TRUE(flash.erase(0));
  EXPECT_EQ(flash.erases(), 2U);
  EXPECT_EQ(flash.erases(1024), 1U);
  flash.break_unit(2048 + 17);
  EXPECT_EQ(error_of(flash.program(2048, zeros)), Error::kIo);
  EXPECT_TRUE(flash.program(2048 + 24, Bytes(8)));
  flash.blur_once(5);
  EXPECT_NE(read(0, 8), Bytes(8, 0xFF));
  EXPECT_EQ(read(0, 8), Bytes(8, 0xFF));
  flash.rot(3, 0x81);
  EXPECT_EQ(read(3, 1), Bytes(1, 0x7E));
}

TEST_F(NorFlashTest, SameSeedSameTear) {
  FaultPlan other_faults;
  NorFlash other(flash.geometry(), other_faults);
  faults.cut_power_at = other_faults.cut_power_at = 1;
  static_cast<void>(flash.program(0, zeros));
  static_cast<void>(other.program(0, zeros));
  EXPECT_EQ(flash.content(), other.content());
}

}  // namespace
}  // namespace ferry::sim
