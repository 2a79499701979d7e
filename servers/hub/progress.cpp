#include "servers/hub/progress.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "servers/hub/analysis.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kVisits = 50;
constexpr std::int64_t kLookedAt = 5000;  // among which they are looked for

bool has(const Visit& visit, EventKind kind) {
  return (visit.reached & reached_bit(kind)) != 0;
}

Progress of_phase(const char* phase, double from, double to, double at) {
  const double length = std::max(to - from, 1.0);
  const auto total = static_cast<std::int64_t>(std::llround(length));
  const auto done = static_cast<std::int64_t>(std::llround(std::clamp(at - from, 0.0, length)));
  return {.phase = phase, .done = done, .total = total, .percent = 0};
}

}  // namespace

std::optional<UsualTimes> usual_times(soci::session& sql) {
  std::map<std::string, std::vector<double>> all;
  for_each_row<std::string, double>(
      sql,
      Sql("SELECT e.kind, e.milliseconds FROM (SELECT id FROM (SELECT id, outcome FROM visits ORDER BY id DESC LIMIT "
          "?) "
          "newest WHERE outcome = 'confirmed' ORDER BY id DESC LIMIT ?) v JOIN events e ON e.visit = v.id WHERE e.kind "
          "IN ('downloaded', 'burnt', 'confirmed')",
          kLookedAt, kVisits),
      [&all](const std::string& kind, double milliseconds) { all[kind].push_back(milliseconds); });
  if (all["confirmed"].empty() || all["downloaded"].empty()) {
    return std::nullopt;
  }
  UsualTimes usual{.downloaded = median(all["downloaded"]), .burnt = 0, .confirmed = median(all["confirmed"])};
  usual.burnt = all["burnt"].empty() ? usual.confirmed : median(all["burnt"]);
  return usual;
}

std::optional<Progress> progress_of(const Visit& visit, const UsualTimes& usual, std::int64_t now) {
  const bool is_back = has(visit, EventKind::kTrial);
  if (visit.ended || is_back || !has(visit, EventKind::kJump)) {
    return std::nullopt;
  }
  constexpr double kMilliseconds = 1000;
  const double elapsed = static_cast<double>(std::max<std::int64_t>(now - visit.started, 0)) * kMilliseconds;
  const bool is_burning =
      has(visit, EventKind::kDownloaded) || (!has(visit, EventKind::kDownloading) && elapsed >= usual.downloaded);
  Progress progress = is_burning ? of_phase("burning", usual.downloaded, usual.burnt, elapsed)
                                 : of_phase("downloading", 0, usual.downloaded, elapsed);
  const double share = usual.confirmed > 0 ? elapsed / usual.confirmed : 0;
  progress.percent = static_cast<int>(std::clamp(share * 100, 0.0, 99.0));
  return progress;
}

}  // namespace ferry::hub
