#include "servers/hub/rollup.h"

#include <algorithm>
#include <set>

#include "servers/hub/sql.h"
#include "servers/hub/tallies.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kAtOnce = 200;       // dirty hours in one transaction
constexpr std::int64_t kRowsAtOnce = 5000;  // events that are let go in one transaction
constexpr std::int64_t kSeriesAtOnce =
    50;                                // that are looked through for what is past its time; the next time, the next
constexpr std::int64_t kSettle = 300;  // seconds that an hour may still get readings after its end

void roll_up_hour(soci::session& sql, std::int64_t series, std::int64_t hour) {
  const std::int64_t from = hour * kHour;
  for (const std::int64_t width : {kMinute, kHour}) {
    execute(sql, Sql("DELETE FROM rollups WHERE series = ? AND width = ? AND time >= ? AND time < ?", series, width,
                     from, from + kHour));
    execute(
        sql,
        Sql("INSERT INTO rollups (series, width, time, count, sum, least, most) SELECT series, CAST(? AS INTEGER), "
            "CAST(FLOOR(time / ?) AS BIGINT) * ? AS start, COUNT(*), SUM(value), MIN(value), MAX(value) FROM readings "
            "WHERE series = ? AND time >= ? AND time < ? AND value IS NOT NULL GROUP BY series, start",
            width, width, width, series, from, from + kHour));
  }
  const std::int64_t day = from / kDay * kDay;
  execute(sql, Sql("DELETE FROM rollups WHERE series = ? AND width = ? AND time = ?", series, kDay, day));
  execute(sql,
          Sql("INSERT INTO rollups (series, width, time, count, sum, least, most) SELECT series, CAST(? AS INTEGER), "
              "CAST(? AS BIGINT), SUM(count), SUM(sum), MIN(least), MAX(most) FROM rollups WHERE series = ? AND width "
              "= ? AND time >= ? AND "
              "time < ? GROUP BY series",
              kDay, day, series, kHour, day, day + kDay));
}

// Rolled up once, a time whose readings are gone is not touched again.
std::int64_t oldest_hour(const Retention& retention, std::int64_t now) {
  std::int64_t oldest = 0;
  for (const std::int64_t kept : {retention.raw, retention.hours}) {
    oldest = kept == 0 ? oldest : std::max(oldest, (now - kept) / kDay * kDay / kHour);
  }
  return oldest;
}

void add_rows(soci::session& session, const Sql& sql, std::int64_t width, std::map<std::int64_t, Bucket>& all) {
  for_each_row<std::int64_t, std::int64_t, double, double, double>(
      session, sql, [&](std::int64_t time, std::int64_t count, double sum, double least, double most) {
        all[time / width * width].add({count, sum, least, most});
      });
}

}  // namespace

void Bucket::add(const Bucket& other) {
  least = count == 0 ? other.least : std::min(least, other.least);
  most = count == 0 ? other.most : std::max(most, other.most);
  count += other.count;
  sum += other.sum;
}

bool roll_up(soci::session& sql, const Retention& retention, std::int64_t now) {
  const auto dirty = select<std::int64_t, std::int64_t>(
      sql,
      Sql("SELECT series, hour FROM dirty WHERE hour < ? ORDER BY hour LIMIT ?", (now - kSettle) / kHour, kAtOnce));
  for (const auto& [series, hour] : dirty) {
    // First: it waits for who enters readings of this hour at the moment, and then sees them.
    execute(sql, Sql("DELETE FROM dirty WHERE series = ? AND hour = ?", series, hour));
    if (hour >= oldest_hour(retention, now)) {
      roll_up_hour(sql, series, hour);
    }
  }
  return dirty.size() == static_cast<std::size_t>(kAtOnce);
}

void let_go(soci::session& sql, const Retention& retention, std::int64_t now) {
  if (retention.events != 0) {
    Tallies gone;
    gone.add(kTallyEvents, "",
             -execute(sql, Sql("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE received < ? ORDER BY id "
                               "LIMIT ?)",
                               now - retention.events, kRowsAtOnce)));
    gone.enter(sql);
  }
  if (retention.raw == 0 && retention.hours == 0) {
    return;
  }
  const std::int64_t from = count(sql, Sql("SELECT value FROM counters WHERE name = 'let_go'"));
  const std::int64_t to = from + kSeriesAtOnce;
  if (retention.raw != 0) {
    const std::int64_t before = (now - retention.raw) / kDay * kDay;
    execute(sql, Sql("DELETE FROM readings WHERE series >= ? AND series < ? AND time < ?", from, to, before));
    execute(sql, Sql("DELETE FROM rollups WHERE series >= ? AND series < ? AND width = ? AND time < ?", from, to,
                     kMinute, before));
  }
  if (retention.hours != 0) {
    execute(sql, Sql("DELETE FROM rollups WHERE series >= ? AND series < ? AND width = ? AND time < ?", from, to, kHour,
                     (now - retention.hours) / kDay * kDay));
  }
  const bool is_last = count(sql, Sql("SELECT COALESCE(MAX(id), 0) FROM series")) < to;
  execute(sql, Sql("INSERT INTO counters (name, value) VALUES ('let_go', ?) ON CONFLICT (name) DO UPDATE SET "
                   "value = excluded.value",
                   is_last ? 0 : to));
}

std::map<std::int64_t, Bucket> buckets(soci::session& sql, std::int64_t series, std::int64_t width, std::int64_t from,
                                       std::int64_t to) {
  std::map<std::int64_t, Bucket> all;
  from = from / width * width;
  const char* columns =
      "SELECT time, count, sum, least, most FROM rollups WHERE series = ? AND width = ? AND time >= ? "
      "AND time <= ?";
  const char* clean =
      " AND NOT EXISTS (SELECT 1 FROM dirty d WHERE d.series = ? AND d.hour >= time / ? AND "
      "d.hour < time / ? + ?)";
  const std::int64_t hours = std::max<std::int64_t>(width / kHour, 1);
  add_rows(sql, Sql(columns, series, width, from, to).add(clean, series, kHour, kHour, hours), width, all);
  if (width == kDay) {  // days with dirty hours, from their clean ones
    add_rows(sql,
             Sql(columns, series, kHour, from, to)
                 .add(clean, series, kHour, kHour, 1)
                 .add(" AND EXISTS (SELECT 1 FROM dirty d WHERE d.series = ? AND d.hour >= time / ? * 24 AND "
                      "d.hour < time / ? * 24 + 24)",
                      series, kDay, kDay),
             width, all);
  }
  add_rows(
      sql,
      Sql("SELECT CAST(FLOOR(r.time / ?) AS BIGINT) * ? AS start, COUNT(*), SUM(r.value), MIN(r.value), MAX(r.value) "
          "FROM "
          "dirty d JOIN readings r ON r.series = d.series AND r.time >= d.hour * 3600 AND r.time < d.hour * 3600 + "
          "3600 WHERE d.series = ? AND d.hour >= ? AND d.hour <= ? AND r.value IS NOT NULL GROUP BY start",
          std::min(width, kHour), std::min(width, kHour), series, from / kHour, to / kHour),
      width, all);
  return all;
}

}  // namespace ferry::hub
