#include "device/coding/logistic.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ferry::coding {
namespace {

TEST(Logistic, StretchIsTheLogOdds) {
  for (std::uint32_t p = 1; p < 65536; ++p) {
    const double exact = std::log(p / (65536.0 - p)) * 256;
    ASSERT_NEAR(stretch(p), exact, 1.6) << p;
  }
}

TEST(Logistic, SquashIsItsInverse) {
  for (std::int32_t x = -3072; x < 3072; ++x) {
    const double exact = 65536 / (1 + std::exp(-x / 256.0));
    ASSERT_NEAR(squash(x), exact, 3 + std::min(13.0, 130 * std::exp(-std::abs(x) / 256.0))) << x;
  }
}

TEST(Logistic, SquashRisesAndHasEnds) {
  for (std::int32_t x = -4000; x < 4000; ++x) {
    ASSERT_LE(squash(x), squash(x + 1));
  }
  EXPECT_EQ(squash(INT32_MIN), squash(-3072));
  EXPECT_EQ(squash(INT32_MAX), squash(3071));
  EXPECT_LT(squash(INT32_MAX), 65536U);
}

}  // namespace
}  // namespace ferry::coding
