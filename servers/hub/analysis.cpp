#include "servers/hub/analysis.h"

#include <algorithm>
#include <cmath>

namespace ferry::hub {
namespace {

constexpr double kHour = 3600;
constexpr double kZ = 1.959964;  // 95 %
constexpr std::int64_t kDay = 86400;
constexpr double kGapFactor = 3;

std::int64_t day_of(double time) {
  return static_cast<std::int64_t>(std::floor(time / static_cast<double>(kDay))) * kDay;
}

std::vector<double> distances(const std::vector<double>& values, double middle) {
  std::vector<double> all;
  for (const double value : values) {
    all.push_back(std::abs(value - middle));
  }
  return all;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, values.size()) - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

std::vector<double> robust_scores(const std::vector<double>& values) {
  constexpr double kByMedian = 0.6745;  // MAD of the normal distribution
  constexpr double kByMean = 0.797885;  // its mean deviation
  const double middle = median(values);
  const auto away = distances(values, middle);
  const double mad = median(away);
  const double scale = mad > 0 ? kByMedian / mad : kByMean / mean(away);
  std::vector<double> scores;
  for (const double value : values) {
    scores.push_back(std::isfinite(scale) ? (value - middle) * scale : 0);
  }
  return scores;
}

void RecentValues::add(double value) {
  values_.at(added_++ % kKept) = value;
}

std::optional<double> RecentValues::newest_score() const {
  const std::size_t size = std::min(added_, kKept);
  const std::vector<double> all(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(size));
  const auto is_of_a_switch = [](double value) { return value == 0 || value == 1; };
  if (size < kEnough || std::all_of(all.begin(), all.end(), is_of_a_switch)) {
    return std::nullopt;
  }
  return robust_scores(all).at((added_ - 1) % kKept);
}

std::optional<double> slope_per_hour(std::span<const Sample> samples) {
  double mean_time = 0;
  double mean_value = 0;
  double count = 0;
  double product = 0;
  double square = 0;
  for (const Sample& sample : samples) {
    ++count;
    const double away = sample.time - mean_time;
    mean_time += away / count;
    square += away * (sample.time - mean_time);
    product += away * (sample.value - mean_value) * (count - 1) / count;
    mean_value += (sample.value - mean_value) / count;
  }
  return square > 0 ? std::optional(product / square * kHour) : std::nullopt;
}

std::optional<double> usual_interval(std::span<const Sample> samples) {
  std::vector<double> intervals;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    intervals.push_back(samples[i].time - samples[i - 1].time);
  }
  return intervals.empty() ? std::nullopt : std::optional(median(std::move(intervals)));
}

std::vector<Span> gaps(std::span<const Sample> samples, double factor) {
  const double limit = usual_interval(samples).value_or(0) * factor;
  std::vector<Span> all;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (samples[i].time - samples[i - 1].time > limit) {
      all.push_back({samples[i - 1].time, samples[i].time});
    }
  }
  return all;
}

std::map<std::int64_t, double> daily_energy(std::span<const Sample> samples, const std::string& unit) {
  const bool is_count = unit == "Wh" || unit == "kWh";
  const double factor = unit == "Wh" || unit == "W" ? 0.001 : 1;
  const double limit = usual_interval(samples).value_or(0) * kGapFactor;
  std::map<std::int64_t, double> days;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample& before = samples[i - 1];
    const Sample& after = samples[i];
    double energy = 0;
    if (is_count) {
      energy = after.value >= before.value ? after.value - before.value : after.value;
    } else if (after.time - before.time <= limit) {
      energy = (before.value + after.value) / 2 * (after.time - before.time) / kHour;
    }
    days[day_of(after.time)] += energy * factor;
  }
  return days;
}

std::array<std::optional<double>, 24> load_curve(std::span<const Sample> samples) {
  std::array<double, 24> sums{};
  std::array<double, 24> counts{};
  for (const Sample& sample : samples) {
    const auto hour = static_cast<std::size_t>((sample.time - static_cast<double>(day_of(sample.time))) / kHour) % 24;
    sums.at(hour) += sample.value;
    counts.at(hour) += 1;
  }
  std::array<std::optional<double>, 24> curve;
  for (std::size_t hour = 0; hour < curve.size(); ++hour) {
    if (counts.at(hour) > 0) {
      curve.at(hour) = sums.at(hour) / counts.at(hour);
    }
  }
  return curve;
}

double Rate::share() const {
  return attempts == 0 ? 0 : static_cast<double>(failures) / static_cast<double>(attempts);
}

Span wilson(const Rate& rate) {
  if (rate.attempts == 0) {
    return {0, 1};
  }
  const auto n = static_cast<double>(rate.attempts);
  const double p = rate.share();
  const double middle = p + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {std::max(0.0, (middle - spread) / scale), std::min(1.0, (middle + spread) / scale)};
}

Span newcombe(const Rate& before, const Rate& after) {
  const Span low = wilson(before);
  const Span high = wilson(after);
  const double difference = after.share() - before.share();
  return {difference - std::hypot(after.share() - high.from, low.to - before.share()),
          difference + std::hypot(high.to - after.share(), before.share() - low.from)};
}

}  // namespace ferry::hub
