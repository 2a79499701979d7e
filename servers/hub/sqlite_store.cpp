#include "servers/hub/sqlite_store.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include "host/failure.h"
#include "servers/hub/schema.h"
#include "servers/hub/sqlite_writer.h"

namespace ferry::hub {
namespace {

using soci::into;
using soci::use;

template <typename Work>
auto guarded(Work work) {
  try {
    return work();
  } catch (const soci::soci_error& error) {
    throw StoreError(error.what());
  }
}

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

constexpr const char* kReadingColumns = "name, unit, time, value, text";

Reading to_reading(const soci::row& row) {
  Reading reading{.name = row.get<std::string>(0),
                  .unit = row.get<std::string>(1),
                  .time = row.get<double>(2),
                  .text = row.get<std::string>(4)};
  if (row.get_indicator(3) != soci::i_null) {
    reading.value = row.get<double>(3);
  }
  return reading;
}

constexpr const char* kEventColumns = "id, device, kind, time, error, sequence, version, bytes, milliseconds, received";

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

SqliteStore::SqliteStore(const std::string& file) : sql_(soci::sqlite3, "dbname=\"" + file + "\" timeout=10") {
  std::string mode;
  sql_ << "PRAGMA journal_mode = WAL", into(mode);
  sql_ << "PRAGMA synchronous = FULL";
  migrate(sql_);
}

SqliteStore::~SqliteStore() = default;

void SqliteStore::enter(const Registry& registry) {
  guarded([&] {
    soci::transaction transaction(sql_);
    Writer writer(sql_);
    for (const auto& [id, account] : registry.accounts()) {
      writer.enter(account);
    }
    transaction.commit();
  });
}

std::vector<StoredEvent> SqliteStore::apply(std::span<const Change> changes, std::int64_t now) {
  if (changes.empty()) {
    return {};
  }
  try {
    if (!writer_) {
      writer_ = std::make_unique<Writer>(sql_);
    }
    soci::transaction transaction(sql_);
    for (const Change& change : changes) {
      std::visit([&](const auto& one) { writer_->take(one, now); }, change);
    }
    writer_->finish();
    transaction.commit();
  } catch (const soci::soci_error& error) {
    writer_.reset();  // statements that failed are not used again
    throw StoreError(error.what());
  }
  return std::exchange(writer_->events, {});
}

std::vector<Device> SqliteStore::devices(const std::string& after, std::size_t limit) {
  return guarded([&] {
    const auto rows = static_cast<long long>(limit);
    const soci::rowset<soci::row> found =
        (sql_.prepare << "SELECT " << kDeviceColumns << " FROM devices WHERE id > :after ORDER BY id LIMIT :limit",
         use(after), use(rows));
    return collect(found, to_device);
  });
}

std::optional<Device> SqliteStore::device(const std::string& id) {
  return guarded([&]() -> std::optional<Device> {
    const soci::rowset<soci::row> found =
        (sql_.prepare << "SELECT " << kDeviceColumns << " FROM devices WHERE id = :id", use(id));
    const auto all = collect(found, to_device);
    return all.empty() ? std::nullopt : std::optional(all.front());
  });
}

std::vector<Reading> SqliteStore::readings(const ReadingQuery& query) {
  return guarded([&] {
    const auto rows = static_cast<long long>(query.limit);
    const double from = query.from.value_or(0);
    const double to = query.to.value_or(1e300);
    const std::string by_name = query.name.empty() ? "" : " AND name = :name";
    soci::details::prepare_temp_type statement =
        (sql_.prepare << "SELECT " << kReadingColumns << " FROM readings WHERE device = :device AND time >= :from "
                      << "AND time <= :to" << by_name << " ORDER BY time DESC LIMIT :limit",
         use(query.device), use(from), use(to));
    if (!query.name.empty()) {
      statement = (statement, use(query.name));
    }
    const soci::rowset<soci::row> found = (statement, use(rows));
    return collect(found, to_reading);
  });
}

std::vector<Reading> SqliteStore::latest(const std::string& device) {
  return guarded([&] {
    const soci::rowset<soci::row> found =
        (sql_.prepare << "SELECT " << kReadingColumns << " FROM latest WHERE device = :device ORDER BY name",
         use(device));
    return collect(found, to_reading);
  });
}

std::vector<StoredEvent> SqliteStore::events(const EventQuery& query) {
  return guarded([&] {
    const auto rows = static_cast<long long>(query.limit);
    const std::string of_device = query.device.empty() ? "" : " AND device = :device";
    soci::details::prepare_temp_type parts =
        (sql_.prepare << "SELECT " << kEventColumns << " FROM events WHERE id > :after" << of_device
                      << " ORDER BY id LIMIT :limit",
         use(query.after));
    if (!query.device.empty()) {
      parts = (parts, use(query.device));
    }
    StoredEvent event;
    int error = 0;
    soci::statement found =
        (parts, use(rows), into(event.id), into(event.device), into(event.kind), into(event.time), into(error),
         into(event.sequence), into(event.version), into(event.bytes), into(event.milliseconds), into(event.received));
    std::vector<StoredEvent> events;
    found.execute();
    while (found.fetch()) {
      event.error = static_cast<std::uint16_t>(error);
      events.push_back(event);
    }
    return events;
  });
}

Refusals SqliteStore::refusals(const std::string& device) {
  return guarded([&] {
    return collect_counts(
        (sql_.prepare << "SELECT reason, count FROM refusals WHERE device = :device ORDER BY reason", use(device)));
  });
}

Refusals SqliteStore::all_refusals() {
  return guarded(
      [&] { return collect_counts(sql_.prepare << "SELECT reason, SUM(count) FROM refusals GROUP BY reason"); });
}

Summary SqliteStore::summary() {
  return guarded([&] {
    Summary summary;
    sql_ << "SELECT COUNT(*), COALESCE(SUM(online), 0) FROM devices", into(summary.devices), into(summary.online);
    sql_ << "SELECT value FROM counters WHERE name = 'readings'", into(summary.readings);
    sql_ << "SELECT COUNT(*) FROM events", into(summary.events);
    summary.versions = collect_counts(sql_.prepare << "SELECT version, COUNT(*) FROM devices GROUP BY version");
    return summary;
  });
}

std::unique_ptr<Store> open_store(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme) || url.size() == scheme.size() || url.find('"') != std::string::npos) {
    throw host::Failure("{}: a database is named sqlite:FILE", url);
  }
  try {
    return std::make_unique<SqliteStore>(url.substr(scheme.size()));
  } catch (const std::exception& error) {
    throw host::Failure("{}: {}", url, error.what());
  }
}

}  // namespace ferry::hub
