#include "servers/hub/postgresql_rows.h"

#include <algorithm>
#include <set>

#include "servers/hub/postgresql_array.h"
#include "servers/hub/rollup.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

struct ReadingArrays {
  PostgresqlArray series, times, values, texts, units;

  void add(const Series& of, const Reading& reading) {
    series.add(of.id);
    times.add(reading.time);
    units.add(reading.unit);
    reading.value ? values.add(*reading.value) : values.add_null();
    reading.value ? texts.add_null() : texts.add(reading.text);
  }
};

struct SeriesArrays {
  PostgresqlArray devices, names, units;

  explicit SeriesArrays(const std::vector<Series*>& all) {
    for (const Series* one : all) {
      devices.add(one->device);
      names.add(one->name);
      units.add(one->unit);
    }
  }
};

using Place = std::pair<std::int64_t, double>;  // series and time

Place place(const ReadingRow& row) {
  return {row.series->id, row.reading->time};
}

// In the order of series and time, the first of each only.
std::vector<ReadingRow*> first_of_each(std::vector<ReadingRow>& rows) {
  std::vector<ReadingRow*> sorted;
  sorted.reserve(rows.size());
  for (ReadingRow& row : rows) {
    sorted.push_back(&row);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* left, const auto* right) { return place(*left) < place(*right); });
  const auto end = std::unique(sorted.begin(), sorted.end(),
                               [](const auto* left, const auto* right) { return place(*left) == place(*right); });
  sorted.erase(end, sorted.end());
  return sorted;
}

std::pair<std::string, std::string> to_arrays(const std::vector<Hour>& hours) {
  PostgresqlArray series;
  PostgresqlArray numbers;
  for (const auto& [id, hour] : hours) {
    series.add(id);
    numbers.add(hour);
  }
  return {series.text(), numbers.text()};
}

}  // namespace

void PostgresqlRows::take_turns() {
  execute(session_, Sql("SELECT pg_advisory_xact_lock(hashtextextended('ferry/events', 0))"));
}

// A row that was there before has been locked by the update: its xmax says so.
std::int64_t PostgresqlRows::see(const std::vector<std::string>& devices, std::int64_t now) {
  if (devices.empty()) {
    return 0;
  }
  PostgresqlArray ids;
  for (const std::string& device : devices) {
    ids.add(device);
  }
  std::int64_t entered = 0;
  for_each_row<std::int64_t>(
      session_,
      Sql("INSERT INTO devices (id, search, first_seen, last_seen) SELECT id, id, CAST(? AS BIGINT), CAST(? AS BIGINT) "
          "FROM "
          "unnest(CAST(? AS TEXT[])) AS u (id) ON CONFLICT (id) DO UPDATE SET last_seen = "
          "GREATEST(devices.last_seen, excluded.last_seen), first_seen = COALESCE(devices.first_seen, "
          "excluded.first_seen) RETURNING CASE WHEN xmax = 0 THEN 1 ELSE 0 END",
          now, now, ids.text()),
      [&entered](std::int64_t is_new) { entered += is_new; });
  return entered;
}

std::int64_t PostgresqlRows::set_online(const std::map<std::string, bool>& devices) {
  if (devices.empty()) {
    return 0;
  }
  PostgresqlArray ids;
  PostgresqlArray online;
  for (const auto& [device, is_online] : devices) {
    ids.add(device);
    online.add(std::int64_t{is_online});
  }
  std::int64_t more = 0;
  for_each_row<std::int64_t>(
      session_,
      Sql("UPDATE devices d SET online = u.online FROM unnest(CAST(? AS TEXT[]), CAST(? AS INTEGER[])) AS u (id, "
          "online) WHERE d.id = u.id AND d.online <> u.online RETURNING d.online",
          ids.text(), online.text()),
      [&more](std::int64_t is_online) { more += is_online != 0 ? 1 : -1; });
  return more;
}

std::vector<const Series*> PostgresqlRows::find(const std::vector<Series*>& series) {
  if (series.empty()) {
    return {};
  }
  std::vector<Series*> sorted = series;
  std::sort(sorted.begin(), sorted.end(), [](const Series* left, const Series* right) {
    return std::tie(left->device, left->name) < std::tie(right->device, right->name);
  });
  const SeriesArrays all(sorted);
  std::set<std::int64_t> entered;
  for_each_row<std::int64_t>(
      session_,
      Sql("INSERT INTO series (device, name, unit) SELECT * FROM unnest(CAST(? AS TEXT[]), CAST(? AS TEXT[]), "
          "CAST(? AS TEXT[])) ON CONFLICT (device, name) DO NOTHING RETURNING id",
          all.devices.text(), all.names.text(), all.units.text()),
      [&entered](std::int64_t id) { entered.insert(id); });
  std::size_t found = 0;
  for_each_row<std::int64_t, std::int64_t, std::string, std::optional<double>>(
      session_,
      Sql("SELECT u.number, s.id, s.unit, s.last_time FROM unnest(CAST(? AS TEXT[]), CAST(? AS TEXT[])) WITH "
          "ORDINALITY AS u (device, name, number) JOIN series s ON s.device = u.device AND s.name = u.name",
          all.devices.text(), all.names.text()),
      [&](std::int64_t number, std::int64_t id, const std::string& unit, std::optional<double> last_time) {
        Series& one = *sorted.at(static_cast<std::size_t>(number) - 1);
        one.id = id;
        one.unit = unit;
        one.last_time = last_time.value_or(-1);
        ++found;
      });
  if (found != sorted.size()) {
    throw soci::soci_error("series that were entered are not there");
  }
  std::erase_if(sorted, [&entered](const Series* one) { return !entered.contains(one->id); });
  return {sorted.begin(), sorted.end()};
}

void PostgresqlRows::insert(std::vector<ReadingRow>& rows) {
  if (rows.empty()) {
    return;
  }
  const auto sorted = first_of_each(rows);
  ReadingArrays all;
  for (const ReadingRow* row : sorted) {
    all.add(*row->series, *row->reading);
  }
  auto next = sorted.begin();
  for_each_row<std::int64_t, double>(
      session_,
      Sql("INSERT INTO readings (series, time, value, text) SELECT * FROM unnest(CAST(? AS BIGINT[]), "
          "CAST(? AS DOUBLE PRECISION[]), CAST(? AS DOUBLE PRECISION[]), CAST(? AS TEXT[])) ON CONFLICT DO NOTHING "
          "RETURNING series, time",
          all.series.text(), all.times.text(), all.values.text(), all.texts.text()),
      [&](std::int64_t series, double time) {
        while (next != sorted.end() && place(**next) != Place{series, time}) {
          ++next;
        }
        if (next == sorted.end()) {
          throw soci::soci_error("the database tells of readings in an order of its own");
        }
        (*next)->is_new = true;
      });
}

// Who rolls up takes the mark away first, then looks. A mark of an hour that is over is locked until the readings are
// there to be seen, so that it is taken away after them, or made anew.
void PostgresqlRows::mark(const std::vector<Hour>& hours, std::int64_t now) {
  const auto is_over = [now](const Hour& hour) { return hour.second < now / kHour; };
  std::vector<Hour> over;
  std::vector<Hour> running;
  std::partition_copy(hours.begin(), hours.end(), std::back_inserter(over), std::back_inserter(running), is_over);
  const std::string insert =
      "INSERT INTO dirty (series, hour) SELECT * FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[])) ON CONFLICT "
      "(series, hour) DO ";
  if (!running.empty()) {
    const auto [series, numbers] = to_arrays(running);
    execute(session_, Sql(insert + "NOTHING", series, numbers));
  }
  if (!over.empty()) {
    const auto [series, numbers] = to_arrays(over);
    execute(session_, Sql(insert + "UPDATE SET hour = excluded.hour", series, numbers));
  }
}

void PostgresqlRows::set_latest(const std::vector<Series*>& series) {
  if (series.empty()) {
    return;
  }
  std::vector<Series*> sorted = series;
  std::sort(sorted.begin(), sorted.end(), [](const Series* left, const Series* right) { return left->id < right->id; });
  ReadingArrays all;
  for (const Series* one : sorted) {
    all.add(*one, *one->newest);
  }
  execute(session_, Sql("WITH locked AS MATERIALIZED (SELECT id FROM series WHERE id = ANY(CAST(? AS BIGINT[])) "
                        "ORDER BY id FOR UPDATE) UPDATE series s SET unit = u.unit, last_time = u.time, "
                        "last_value = u.value, last_text = u.text FROM locked l, unnest(CAST(? AS BIGINT[]), "
                        "CAST(? AS TEXT[]), CAST(? AS DOUBLE PRECISION[]), CAST(? AS DOUBLE PRECISION[]), "
                        "CAST(? AS TEXT[])) AS u (id, unit, time, value, text) WHERE s.id = u.id AND l.id = u.id AND "
                        "(s.last_time IS NULL OR s.last_time <= u.time)",
                        all.series.text(), all.series.text(), all.units.text(), all.times.text(), all.values.text(),
                        all.texts.text()));
}

}  // namespace ferry::hub
