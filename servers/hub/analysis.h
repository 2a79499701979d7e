// What numbers say. No I/O, no clock.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ferry::hub {

struct Sample {
  double time = 0;  // UTC seconds
  double value = 0;
  friend bool operator==(const Sample&, const Sample&) = default;
};

struct Span {
  double from = 0;
  double to = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

inline constexpr double kOutlierScore = 3.5;  // Iglewicz and Hoaglin, 1993
inline constexpr double kAlertScore = 6;      // of what somebody is told of: 3.5 is passed every day in a large fleet

// 0 of none.
[[nodiscard]] double median(std::vector<double> values);
// The share `share` of the values is at most this (nearest rank); 0 of none.
[[nodiscard]] double percentile(std::vector<double> values, double share);
// 0.6745 (value - median) / MAD for each; where more than half are equal, the mean deviation is taken, and 0 where all
// are.
[[nodiscard]] std::vector<double> robust_scores(const std::vector<double>& values);

// The last values of a series, and whether the newest stands out among them.
class RecentValues {
 public:
  static constexpr std::size_t kKept = 32;
  static constexpr std::size_t kEnough = 16;

  void add(double value);
  // As robust_scores() has it. Nothing: too few, or a switch, that is 0 or 1 and nothing else.
  [[nodiscard]] std::optional<double> newest_score() const;

 private:
  std::array<double, kKept> values_{};  // a ring
  std::size_t added_ = 0;
};

// Samples are in the order of time.
// Of the least-squares line; nothing with fewer than two different times.
[[nodiscard]] std::optional<double> slope_per_hour(std::span<const Sample> samples);
// Median distance of two; nothing with fewer than two.
[[nodiscard]] std::optional<double> usual_interval(std::span<const Sample> samples);
// Where nothing came for more than `factor` times the usual interval.
[[nodiscard]] std::vector<Span> gaps(std::span<const Sample> samples, double factor = 3);
// By start of the UTC day. A meter's count (Wh, kWh): what it rose by, in kWh; that it begins anew counts from there.
// Any other unit: the area below the line (W: in kWh), gaps left out.
[[nodiscard]] std::map<std::int64_t, double> daily_energy(std::span<const Sample> samples, const std::string& unit);
// Mean by hour of the UTC day.
[[nodiscard]] std::array<std::optional<double>, 24> load_curve(std::span<const Sample> samples);

struct Rate {
  std::int64_t attempts = 0;
  std::int64_t failures = 0;

  [[nodiscard]] double share() const;  // 0 of none
};
// 95 %. Wilson's interval: 0 to 1 of no attempts.
[[nodiscard]] Span wilson(const Rate& rate);
// Of after - before, by Newcombe's hybrid score interval.
[[nodiscard]] Span newcombe(const Rate& before, const Rate& after);

}  // namespace ferry::hub
