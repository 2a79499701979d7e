#include "servers/hub/analysis.h"

#include <gtest/gtest.h>

namespace ferry::hub {
namespace {

TEST(Analysis, MedianAndPercentile) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 0.95), 5);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 0.5), 3);
  EXPECT_EQ(percentile({}, 0.5), 0);
}

// One bad value does not hide itself, as it would with mean and standard deviation.
TEST(Analysis, RobustScores) {
  const auto scores = robust_scores({230, 231, 229, 230, 232, 228, 900});
  EXPECT_GT(scores.back(), 100);
  EXPECT_LT(std::abs(scores[4]), kOutlierScore);
  EXPECT_EQ(robust_scores({5, 5, 5}), (std::vector<double>{0, 0, 0}));
  EXPECT_GT(robust_scores({5, 5, 5, 5, 5, 5, 5, 5, 9}).back(), kOutlierScore);
  EXPECT_TRUE(robust_scores({}).empty());
}

TEST(Analysis, Slope) {
  const std::vector<Sample> line = {{1.7e9, 10}, {1.7e9 + 1800, 11}, {1.7e9 + 3600, 12}};
  EXPECT_NEAR(slope_per_hour(line).value(), 2, 1e-6);
  EXPECT_FALSE(slope_per_hour({}));
  EXPECT_FALSE(slope_per_hour(std::vector<Sample>{{5, 1}}));
}

TEST(Analysis, Gaps) {
  const std::vector<Sample> samples = {{0, 1}, {10, 1}, {20, 1}, {100, 1}, {110, 1}};
  EXPECT_EQ(usual_interval(samples), 10);
  EXPECT_EQ(gaps(samples), (std::vector<Span>{{20, 100}}));
  EXPECT_TRUE(gaps({}).empty());
}

TEST(Analysis, EnergyOfAMeterThatCounts) {
  const std::vector<Sample> samples = {{0, 1000}, {3600, 1500}, {7200, 100}, {86400, 400}};
  EXPECT_EQ(daily_energy(samples, "Wh"), (std::map<std::int64_t, double>{{0, 0.6}, {86400, 0.3}}));
}

TEST(Analysis, EnergyOfAPower) {
  const std::vector<Sample> samples = {{0, 1000}, {3600, 1000}, {7200, 3000}};
  EXPECT_NEAR(daily_energy(samples, "W").at(0), 3, 1e-9);
}

TEST(Analysis, LoadCurve) {
  const auto curve = load_curve(std::vector<Sample>{{0, 1}, {1800, 3}, {3600, 10}, {86400, 5}});
  EXPECT_EQ(curve[0], 3);
  EXPECT_EQ(curve[1], 10);
  EXPECT_FALSE(curve[2]);
}

// Newcombe 1998 (Statistics in Medicine 17:857, 873): 81/263 by Wilson; 56/70 - 48/80 by method 10.
TEST(Analysis, IntervalsAsPublished) {
  const Span one = wilson({.attempts = 263, .failures = 81});
  EXPECT_NEAR(one.from, 0.2553, 5e-5);
  EXPECT_NEAR(one.to, 0.3662, 5e-5);
  const Span two = newcombe({.attempts = 80, .failures = 48}, {.attempts = 70, .failures = 56});
  EXPECT_NEAR(two.from, 0.0524, 5e-5);
  EXPECT_NEAR(two.to, 0.3339, 5e-5);
  EXPECT_EQ(wilson({}), (Span{0, 1}));
}

}  // namespace
}  // namespace ferry::hub
