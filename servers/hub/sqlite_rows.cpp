#include "servers/hub/sqlite_rows.h"

#include "servers/hub/sql.h"

namespace ferry::hub {

using soci::use;

SqliteRows::SqliteRows(soci::session& session)
    : session_(session),
      see_device_((session.prepare << "INSERT INTO devices (id, first_seen, last_seen) VALUES (:id, :first, :last) "
                                      "ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen, "
                                      "first_seen = COALESCE(devices.first_seen, excluded.first_seen)",
                   use(device_), use(now_), use(now_))),
      set_online_(
          (session.prepare << "UPDATE devices SET online = :online WHERE id = :id", use(online_), use(device_))),
      insert_reading_((session.prepare << "INSERT INTO readings (series, time, value, text) VALUES (:series, :time, "
                                          ":value, :text) ON CONFLICT DO NOTHING",
                       use(series_), use(time_), use(value_, has_value_), use(text_, has_text_))),
      mark_dirty_((session.prepare << "INSERT INTO dirty (series, hour) VALUES (:series, :hour) ON CONFLICT DO NOTHING",
                   use(series_), use(hour_))),
      set_latest_((session.prepare << "UPDATE series SET unit = :unit, last_time = :time, last_value = :value, "
                                      "last_text = :text WHERE id = :series",
                   use(unit_), use(time_), use(value_, has_value_), use(text_, has_text_), use(series_))) {}

void SqliteRows::see(const std::vector<std::string>& devices, std::int64_t now) {
  now_ = now;
  for (const std::string& device : devices) {
    device_ = device;
    see_device_.execute(true);
  }
}

void SqliteRows::set_online(const std::map<std::string, bool>& devices) {
  for (const auto& [device, online] : devices) {
    device_ = device;
    online_ = online ? 1 : 0;
    set_online_.execute(true);
  }
}

void SqliteRows::find(const std::vector<Series*>& series) {
  for (Series* one : series) {
    execute(session_,
            Sql("INSERT INTO series (device, name, unit) VALUES (?, ?, ?) ON CONFLICT (device, name) DO NOTHING",
                one->device, one->name, one->unit));
    const auto row = select_one<std::int64_t, std::string, std::optional<double>>(
        session_, Sql("SELECT id, unit, last_time FROM series WHERE device = ? AND name = ?", one->device, one->name));
    const auto& [id, unit, last_time] = row.value();
    one->id = id;
    one->unit = unit;
    one->last_time = last_time.value_or(-1);
  }
}

void SqliteRows::set_reading(const Series& series, const Reading& reading) {
  series_ = series.id;
  time_ = reading.time;
  value_ = reading.value.value_or(0);
  has_value_ = reading.value ? soci::i_ok : soci::i_null;
  has_text_ = reading.value ? soci::i_null : soci::i_ok;
  text_ = reading.text;
}

void SqliteRows::insert(std::vector<ReadingRow>& rows) {
  for (ReadingRow& row : rows) {
    set_reading(*row.series, *row.reading);
    insert_reading_.execute(true);
    row.is_new = insert_reading_.get_affected_rows() > 0;
  }
}

void SqliteRows::mark(const std::vector<Hour>& hours, std::int64_t /*now*/) {
  for (const auto& [series, hour] : hours) {
    series_ = series;
    hour_ = hour;
    mark_dirty_.execute(true);
  }
}

void SqliteRows::set_latest(const std::vector<Series*>& series) {
  for (Series* one : series) {
    set_reading(*one, *one->newest);
    unit_ = one->newest->unit;
    set_latest_.execute(true);
  }
}

}  // namespace ferry::hub
