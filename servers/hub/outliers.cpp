#include "servers/hub/outliers.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

// What the store has of it already: a hub that was started just now knows as much as one that runs for long.
std::unique_ptr<RecentValues> load(soci::session& sql, std::int64_t series) {
  std::vector<double> newest_first;
  for_each_row<double>(
      sql,
      Sql("SELECT value FROM readings WHERE series = ? AND value IS NOT NULL ORDER BY time DESC LIMIT ?", series,
          RecentValues::kKept),
      [&newest_first](double value) { newest_first.push_back(value); });
  auto recent = std::make_unique<RecentValues>();
  std::for_each(newest_first.rbegin(), newest_first.rend(), [&recent](double value) { recent->add(value); });
  return recent;
}

std::set<std::int64_t> standing(soci::session& sql) {
  std::set<std::int64_t> all;
  for_each_row<std::int64_t>(sql, Sql("SELECT series FROM outliers"),
                             [&all](std::int64_t series) { all.insert(series); });
  return all;
}

void raise(soci::session& sql, const Series& series, double score, std::int64_t now) {
  execute(sql,
          Sql("INSERT INTO outliers (series, device, name, unit, time, value, score, since) VALUES (?, ?, ?, ?, ?, "
              "?, ?, ?) ON CONFLICT (series) DO UPDATE SET unit = excluded.unit, time = excluded.time, value = "
              "excluded.value, score = excluded.score",
              series.id, series.device, series.name, series.newest->unit, series.newest->time, *series.newest->value,
              score, now));
}

}  // namespace

void judge_newest(soci::session& sql, std::vector<Series*> touched, std::int64_t now) {
  std::erase_if(touched, [](const Series* series) { return !series->newest->value; });
  if (touched.empty()) {
    return;
  }
  std::sort(touched.begin(), touched.end(),
            [](const Series* left, const Series* right) { return left->id < right->id; });
  const auto raised = standing(sql);
  for (Series* series : touched) {
    if (!series->recent) {
      series->recent = load(sql, series->id);
    }
    const auto score = series->recent->newest_score();
    if (score && std::abs(*score) > kAlertScore) {
      raise(sql, *series, *score, now);
    } else if (raised.contains(series->id)) {
      execute(sql, Sql("DELETE FROM outliers WHERE series = ?", series->id));
    }
  }
}

}  // namespace ferry::hub
