#include "servers/hub/fleet.h"

#include <algorithm>

namespace ferry::hub {
namespace {

using Number = std::int64_t;
using MaybeNumber = std::optional<std::int64_t>;
using Text = std::string;

void add_filter(Sql& sql, const DeviceFilter& filter) {
  if (!filter.search.empty()) {
    sql.add(" AND search LIKE LOWER(?) ESCAPE '\\'", like_part(filter.search));
  }
  const auto add_exactly = [&sql](const char* condition, const std::string& value) {
    if (!value.empty()) {
      sql.add(condition, value);
    }
  };
  add_exactly(" AND product = ?", filter.product);
  add_exactly(" AND label = ?", filter.label);
  add_exactly(" AND version = ?", filter.version);
  if (filter.online) {
    sql.add(" AND online = ?", *filter.online);
  }
  if (filter.silent) {
    sql.add(*filter.silent ? " AND last_seen < ?" : " AND (last_seen IS NULL OR last_seen >= ?)", filter.silent_before);
  }
}

std::vector<LabelledDevice> collect_devices(soci::session& session, const Sql& sql, std::int64_t silent_before) {
  std::vector<LabelledDevice> all;
  for_each_row<Text, Text, Text, Number, MaybeNumber, MaybeNumber, Text, Number, Text, Text>(
      session, sql,
      [&](const Text& id, const Text& serial, const Text& product, Number online, MaybeNumber first, MaybeNumber last,
          const Text& version, Number sequence, const Text& label, const Text& note) {
        all.push_back({.device = {id, serial, product, online != 0, first, last, version, sequence},
                       .label = label,
                       .note = note,
                       .silent = last && *last < silent_before});
      });
  return all;
}

constexpr const char* kDevices =
    "SELECT id, serial, product, online, first_seen, last_seen, version, sequence, label, note FROM devices WHERE ";

}  // namespace

std::vector<LabelledDevice> find_devices(soci::session& sql, const DeviceFilter& filter, const std::string& after,
                                         std::size_t limit) {
  Sql query(std::string(kDevices) + "id > ?", after);
  add_filter(query, filter);
  return collect_devices(sql, query.add(" ORDER BY id LIMIT ?", limit), filter.silent_before);
}

std::int64_t count_devices(soci::session& sql, const DeviceFilter& filter) {
  Sql query("SELECT COUNT(*) FROM devices WHERE 1 = 1");
  add_filter(query, filter);
  return count(sql, query);
}

std::optional<LabelledDevice> labelled_device(soci::session& sql, const std::string& id, std::int64_t silent_before) {
  const auto all = collect_devices(sql, Sql(std::string(kDevices) + "id = ?", id), silent_before);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

void make_findable(soci::session& sql, const std::string& device) {
  execute(sql, Sql("UPDATE devices SET search = LOWER(serial || ' ' || id || ' ' || product || ' ' || label || ' ' || "
                   "note) WHERE id = ?",
                   device));
}

Silence count_silent(soci::session& sql, std::int64_t silent_before) {
  const auto row = select_one<Number, Number>(
      sql,
      Sql("SELECT COALESCE(SUM(CASE WHEN last_seen < ? THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN last_seen IS "
          "NULL THEN 1 ELSE 0 END), 0) FROM devices",
          silent_before));
  return row ? Silence{std::get<0>(*row), std::get<1>(*row)} : Silence{};
}

}  // namespace ferry::hub
