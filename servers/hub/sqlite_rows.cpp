#include "servers/hub/sqlite_rows.h"

#include "servers/hub/sql.h"

namespace ferry::hub {

using soci::use;

SqliteRows::SqliteRows(soci::session& session)
    : session_(session),
      see_device_((session.prepare << "UPDATE devices SET last_seen = :last, first_seen = COALESCE(first_seen, :first) "
                                      "WHERE id = :id",
                   use(now_), use(now_), use(device_))),
      enter_device_(
          (session.prepare
               << "INSERT INTO devices (id, search, first_seen, last_seen) VALUES (:id, :search, :first, :last)",
           use(device_), use(device_), use(now_), use(now_))),
      set_online_((session.prepare << "UPDATE devices SET online = :online WHERE id = :id AND online <> :other",
                   use(online_), use(device_), use(is_other_))),
      insert_reading_(session,
                      "INSERT INTO readings (series, time, value, text) VALUES (?, ?, ?, ?) ON CONFLICT DO "
                      "NOTHING"),
      mark_dirty_(session, "INSERT INTO dirty (series, hour) VALUES (?, ?) ON CONFLICT DO NOTHING"),
      set_latest_((session.prepare << "UPDATE series SET unit = :unit, last_time = :time, last_value = :value, "
                                      "last_text = :text WHERE id = :series",
                   use(unit_), use(time_), use(value_, has_value_), use(text_, has_text_), use(series_))) {}

std::int64_t SqliteRows::see(const std::vector<std::string>& devices, std::int64_t now) {
  std::int64_t entered = 0;
  now_ = now;
  for (const std::string& device : devices) {
    device_ = device;
    see_device_.execute(true);
    if (see_device_.get_affected_rows() == 0) {
      enter_device_.execute(true);
      ++entered;
    }
  }
  return entered;
}

std::int64_t SqliteRows::set_online(const std::map<std::string, bool>& devices) {
  std::int64_t more = 0;
  for (const auto& [device, online] : devices) {
    device_ = device;
    online_ = online ? 1 : 0;
    is_other_ = online_;
    set_online_.execute(true);
    if (set_online_.get_affected_rows() > 0) {
      more += online ? 1 : -1;
    }
  }
  return more;
}

std::vector<const Series*> SqliteRows::find(const std::vector<Series*>& series) {
  std::vector<const Series*> entered;
  for (Series* one : series) {
    const auto is_new = execute(
        session_, Sql("INSERT INTO series (device, name, unit) VALUES (?, ?, ?) ON CONFLICT (device, name) DO NOTHING",
                      one->device, one->name, one->unit));
    if (is_new > 0) {
      entered.push_back(one);
    }
    const auto row = select_one<std::int64_t, std::string, std::optional<double>>(
        session_, Sql("SELECT id, unit, last_time FROM series WHERE device = ? AND name = ?", one->device, one->name));
    const auto& [id, unit, last_time] = row.value();
    one->id = id;
    one->unit = unit;
    one->last_time = last_time.value_or(-1);
  }
  return entered;
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
    const Reading& reading = *row.reading;
    insert_reading_.bind(1, row.series->id);
    insert_reading_.bind(2, reading.time);
    if (reading.value) {
      insert_reading_.bind(3, *reading.value);
      insert_reading_.bind_null(4);
    } else {
      insert_reading_.bind_null(3);
      insert_reading_.bind(4, reading.text);
    }
    row.is_new = insert_reading_.run() > 0;
  }
}

void SqliteRows::mark(const std::vector<Hour>& hours, std::int64_t /*now*/) {
  for (const auto& [series, hour] : hours) {
    mark_dirty_.bind(1, series);
    mark_dirty_.bind(2, hour);
    mark_dirty_.run();
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
