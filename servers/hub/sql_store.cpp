#include "servers/hub/sql_store.h"

#include "servers/hub/change_writer.h"
#include "servers/hub/rollup.h"
#include "servers/hub/sql.h"
#include "servers/hub/tallies.h"

namespace ferry::hub {
namespace {

using soci::into;
using soci::use;

std::optional<std::int64_t> integer_or_nothing(const soci::row& row, std::size_t column) {
  return row.get_indicator(column) == soci::i_null ? std::nullopt
                                                   : std::optional<std::int64_t>(row.get<long long>(column));
}

constexpr const char* kDeviceColumns = "id, serial, product, online, first_seen, last_seen, version, sequence";

Device to_device(const soci::row& row) {
  return {.id = row.get<std::string>(0),
          .serial = row.get<std::string>(1),
          .product = row.get<std::string>(2),
          .online = row.get<int>(3) != 0,
          .first_seen = integer_or_nothing(row, 4),
          .last_seen = integer_or_nothing(row, 5),
          .version = row.get<std::string>(6),
          .sequence = row.get<long long>(7)};
}

std::vector<Reading> collect_readings(soci::session& session, const Sql& sql) {
  std::vector<Reading> all;
  for_each_row<std::string, std::string, double, std::optional<double>, std::optional<std::string>>(
      session, sql,
      [&all](const std::string& name, const std::string& unit, double time, std::optional<double> value,
             const std::optional<std::string>& text) {
        all.push_back({.name = name, .unit = unit, .time = time, .value = value, .text = text.value_or("")});
      });
  return all;
}

std::vector<StoredEvent> collect_events(soci::session& session, const Sql& sql) {
  using Number = std::int64_t;
  std::vector<StoredEvent> all;
  for_each_row<Number, std::string, std::string, Number, Number, Number, std::string, Number, Number, Number>(
      session, sql,
      [&all](Number id, const std::string& device, const std::string& kind, Number time, Number error, Number sequence,
             const std::string& version, Number bytes, Number milliseconds, Number received) {
        all.push_back({id, device, kind, time, static_cast<std::uint16_t>(error), sequence, version, bytes,
                       milliseconds, received});
      });
  return all;
}

template <typename T>
std::vector<T> collect(const soci::rowset<soci::row>& rows, T (*convert)(const soci::row&)) {
  std::vector<T> all;
  for (const soci::row& row : rows) {
    all.push_back(convert(row));
  }
  return all;
}

// Numbers that a query works out have no type that a row would know: hence variables. `select` binds what it asks for.
std::map<std::string, std::int64_t> collect_counts(soci::details::prepare_temp_type select) {
  std::string key;
  std::int64_t count = 0;
  soci::statement statement = (select, into(key), into(count));
  std::map<std::string, std::int64_t> counts;
  statement.execute();
  while (statement.fetch()) {
    counts[key] = count;
  }
  return counts;
}

}  // namespace

template <typename Work>
auto SqlStore::guarded(Work work) {
  try {
    revive();
    return work();
  } catch (const soci::soci_error& error) {
    throw StoreError(error.what());
  }
}

SqlStore::SqlStore(const soci::backend_factory& backend, const std::string& parameters) : sql_(backend, parameters) {}

SqlStore::~SqlStore() = default;

ChangeWriter& SqlStore::writer() {
  if (!writer_) {
    writer_ = std::make_unique<ChangeWriter>(sql_, make_rows(sql_));
  }
  return *writer_;
}

void SqlStore::forget_statements() {
  writer_.reset();
}

soci::session& SqlStore::sql() {
  guarded([] {});
  return sql_;
}

void SqlStore::enter(const Registry& registry) {
  guarded([&] {
    try {
      soci::transaction transaction(sql_);
      writer().enter(registry);
      transaction.commit();
    } catch (const soci::soci_error&) {
      forget_statements();
      throw;
    }
  });
}

std::vector<StoredEvent> SqlStore::apply(std::span<const Change> changes, std::int64_t now) {
  if (changes.empty()) {
    return {};
  }
  return guarded([&] {
    try {
      make_room(changes, now);
      soci::transaction transaction(sql_);
      auto events = writer().apply(changes, now);
      transaction.commit();
      return events;
    } catch (const soci::soci_error&) {
      forget_statements();  // those that failed are not used again
      throw;
    }
  });
}

std::vector<Device> SqlStore::devices(const std::string& after, std::size_t limit) {
  return guarded([&] {
    const auto rows = static_cast<long long>(limit);
    const soci::rowset<soci::row> found =
        (sql_.prepare << "SELECT " << kDeviceColumns << " FROM devices WHERE id > :after ORDER BY id LIMIT :limit",
         use(after), use(rows));
    return collect(found, to_device);
  });
}

std::optional<Device> SqlStore::device(const std::string& id) {
  return guarded([&]() -> std::optional<Device> {
    const soci::rowset<soci::row> found =
        (sql_.prepare << "SELECT " << kDeviceColumns << " FROM devices WHERE id = :id", use(id));
    const auto all = collect(found, to_device);
    return all.empty() ? std::nullopt : std::optional(all.front());
  });
}

std::vector<Reading> SqlStore::readings(const ReadingQuery& query) {
  return guarded([&] {
    Sql sql(
        "SELECT s.name, s.unit, r.time, r.value, r.text FROM series s JOIN readings r ON r.series = s.id "
        "WHERE s.device = ? AND r.time >= ? AND r.time <= ?",
        query.device, query.from.value_or(0), query.to.value_or(1e300));
    if (!query.name.empty()) {
      sql.add(" AND s.name = ?", query.name);
    }
    return collect_readings(sql_, sql.add(" ORDER BY r.time DESC LIMIT ?", query.limit));
  });
}

std::vector<Reading> SqlStore::latest(const std::string& device) {
  return guarded([&] {
    return collect_readings(sql_, Sql("SELECT name, unit, last_time, last_value, last_text FROM series "
                                      "WHERE device = ? AND last_time IS NOT NULL ORDER BY name",
                                      device));
  });
}

std::vector<StoredEvent> SqlStore::events(const EventQuery& query) {
  return guarded([&] {
    const bool is_from_the_newest = query.is_newest_first && query.after == 0;
    Sql sql(
        "SELECT id, device, kind, time, error, sequence, version, bytes, milliseconds, received FROM events WHERE ");
    sql.add(query.is_newest_first ? "id < ?" : "id > ?", is_from_the_newest ? INT64_MAX : query.after);
    if (!query.device.empty()) {
      sql.add(" AND device = ?", query.device);
    }
    if (!query.kind.empty()) {
      sql.add(" AND kind = ?", query.kind);
    }
    sql.add(query.is_newest_first ? " ORDER BY id DESC LIMIT ?" : " ORDER BY id LIMIT ?", query.limit);
    return collect_events(sql_, sql);
  });
}

Refusals SqlStore::refusals(const std::string& device) {
  return guarded([&] {
    return collect_counts(
        (sql_.prepare << "SELECT reason, count FROM refusals WHERE device = :device ORDER BY reason", use(device)));
  });
}

Refusals SqlStore::all_refusals() {
  return guarded([&] { return tallies(sql_, kTallyRefused); });
}

Summary SqlStore::summary() {
  return guarded([&] {
    return Summary{.devices = tally(sql_, kTallyDevices),
                   .online = tally(sql_, kTallyOnline),
                   .readings = count(sql_, Sql("SELECT value FROM counters WHERE name = 'readings'")),
                   .events = tally(sql_, kTallyEvents),
                   .versions = tallies(sql_, kTallyVersion)};
  });
}

bool SqlStore::tend(const Retention& retention, std::int64_t now) {
  return guarded([&] {
    try {
      tend_days(retention, now);
      soci::transaction transaction(sql_);
      const bool is_more = roll_up(sql_, retention, now);
      let_go(sql_, retention, now);
      transaction.commit();
      if (writer_) {
        writer_->forget_marks();
      }
      return is_more;
    } catch (const soci::soci_error&) {
      forget_statements();
      throw;
    }
  });
}

}  // namespace ferry::hub
