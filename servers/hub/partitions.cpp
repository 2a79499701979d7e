#include "servers/hub/partitions.h"

#include <charconv>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "servers/hub/dialect.h"
#include "servers/hub/rollup.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::string_view kPrefix = "readings_day_";

std::string table_of(std::int64_t day) {
  return fmt::format("{}{}", kPrefix, day);
}

// Nobody waits long for this: what reads the table at the time would make everybody else wait too.
template <typename Work>
bool tried(soci::session& session, const std::string& what, Work work) {
  try {
    TransactionAlone transaction(session);
    session << "SET LOCAL lock_timeout = '2s'";
    work();
    transaction.commit();
    return true;
  } catch (const soci::soci_error& error) {
    spdlog::warn("{}: {}", what, error.what());
    return false;
  }
}

bool exists(soci::session& session, const std::string& table) {
  return count(session, Sql("SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass(?)", table)) != 0;
}

}  // namespace

// Attached, not made in place: that way those who read and write go on meanwhile.
void make_day(soci::session& session, std::int64_t day, std::int64_t now) {
  const std::int64_t today = now / kDay;
  const std::string table = table_of(day);
  if (day <= today - kDaysBack || day > today + kDaysBack || exists(session, table)) {
    return;
  }
  tried(session, table, [&] {
    const std::int64_t from = day * kDay;
    const bool is_used =
        count(session, Sql("SELECT COUNT(*) FROM (SELECT 1 FROM readings_other WHERE time >= ? AND time < ? LIMIT 1) r",
                           from, from + kDay)) != 0;
    if (is_used || exists(session, table)) {
      return;
    }
    session << fmt::format("CREATE TABLE {} (LIKE readings INCLUDING ALL)", table);
    session << fmt::format("ALTER TABLE readings ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})", table, from,
                           from + kDay);
  });
}

std::vector<std::int64_t> days(soci::session& session) {
  std::vector<std::int64_t> all;
  for (const auto& [table] : select<std::string>(
           session, Sql("SELECT CAST(c.relname AS TEXT) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE "
                        "i.inhparent = to_regclass('readings') ORDER BY c.relname"))) {
    std::int64_t day = 0;
    if (table.starts_with(kPrefix) &&
        std::from_chars(table.data() + kPrefix.size(), table.data() + table.size(), day).ec == std::errc{}) {
      all.push_back(day);
    }
  }
  return all;
}

void drop_days(soci::session& session, std::int64_t day) {
  for (const std::int64_t one : days(session)) {
    if (one < day) {
      const std::string table = table_of(one);
      if (!tried(session, table, [&] { session << "DROP TABLE " + table; })) {
        return;
      }
    }
  }
}

}  // namespace ferry::hub
