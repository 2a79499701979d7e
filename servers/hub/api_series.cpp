// Readings over time, and what they say, of one device and of groups.
#include <algorithm>
#include <cmath>
#include <fmt/chrono.h>

#include "servers/hub/analysis.h"
#include "servers/hub/api_call.h"
#include "servers/hub/rollup.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kWanted = 1500;         // points that "auto" gives at most
constexpr std::int64_t kMostPoints = 5000;     // of a series
constexpr std::int64_t kMostSamples = 200000;  // that statistics look at
constexpr std::int64_t kWeek = 7 * kDay;

struct Range {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

// The last `span` seconds where the query says nothing; what a clock that is ahead made is of now, too.
Range read_range(Call& call, std::int64_t span) {
  constexpr double kFarthest = 1e11;
  constexpr double kAhead = 900;
  const double to =
      std::clamp(call.query.number("to").value_or(static_cast<double>(call.now) + kAhead), 0.0, kFarthest);
  const double from = std::clamp(call.query.number("from").value_or(to - static_cast<double>(span)), 0.0, kFarthest);
  if (from > to) {
    throw BadRequest("\"from\" is after \"to\"");
  }
  return {static_cast<std::int64_t>(std::floor(from)), static_cast<std::int64_t>(std::ceil(to))};
}

std::string read_name(Call& call) {
  std::string name = call.query.text("name");
  if (name.empty()) {
    throw BadRequest("\"name\" says which reading; it is missing");
  }
  return name;
}

// 0: raw.
std::int64_t read_width(Call& call, const Range& range, bool has_raw) {
  const std::string text = call.query.text("resolution");
  if (text == "raw" && has_raw) {
    return 0;
  }
  for (const auto& [name, width] : {std::pair("minute", kMinute), std::pair("hour", kHour), std::pair("day", kDay)}) {
    if (text == name) {
      return width;
    }
    if ((text.empty() || text == "auto") && (range.to - range.from) / width <= kWanted) {
      return width;
    }
  }
  if (text.empty() || text == "auto") {
    return kDay;
  }
  throw BadRequest(has_raw ? "\"resolution\" must be auto, raw, minute, hour or day"
                           : "\"resolution\" must be auto, minute, hour or day");
}

const char* width_name(std::int64_t width) {
  return width == 0 ? "raw" : width == kMinute ? "minute" : width == kHour ? "hour" : "day";
}

struct SeriesRow {
  std::int64_t id = 0;
  std::string unit;
};

SeriesRow find_series(Call& call, const std::string& name) {
  const auto row = select_one<std::int64_t, std::string>(
      call.store.sql(), Sql("SELECT id, unit FROM series WHERE device = ? AND name = ?", call.arguments[0], name));
  if (!row) {
    throw ApiRefusal(404, "not_found", "the device has no reading of this name");
  }
  return {std::get<0>(*row), std::get<1>(*row)};
}

// Newest `limit` of the range, in the order of time.
std::vector<Sample> samples(soci::session& sql, std::int64_t series, const Range& range, std::int64_t limit) {
  std::vector<Sample> all;
  for_each_row<double, double>(sql,
                               Sql("SELECT time, value FROM readings WHERE series = ? AND time >= ? AND time <= ? AND "
                                   "value IS NOT NULL ORDER BY time DESC LIMIT ?",
                                   series, range.from, range.to, limit),
                               [&all](double time, double value) {
                                 all.push_back({time, value});
                               });
  std::reverse(all.begin(), all.end());
  return all;
}

ApiJson columns(const std::string& name, const std::string& unit, std::int64_t width,
                const std::vector<std::pair<double, Bucket>>& points) {
  ApiJson time = ApiJson::array();
  ApiJson mean = time;
  ApiJson least = time;
  ApiJson most = time;
  ApiJson count = time;
  const auto size = static_cast<std::int64_t>(points.size());
  for (std::int64_t i = std::max<std::int64_t>(0, size - kMostPoints); i < size; ++i) {
    const auto& [at, bucket] = points[static_cast<std::size_t>(i)];
    time.push_back(at);
    mean.push_back(bucket.sum / static_cast<double>(bucket.count));
    least.push_back(bucket.least);
    most.push_back(bucket.most);
    count.push_back(bucket.count);
  }
  return {{"name", name}, {"unit", unit},   {"resolution", width_name(width)},
          {"time", time}, {"mean", mean},   {"min", least},
          {"max", most},  {"count", count}, {"truncated", size > kMostPoints}};
}

ApiResponse series(Call& call) {
  const std::string name = read_name(call);
  const Range range = read_range(call, kDay);
  const std::int64_t width = read_width(call, range, true);
  call.query.finish();
  const SeriesRow row = find_series(call, name);
  std::vector<std::pair<double, Bucket>> points;
  if (width == 0) {
    for (const Sample& sample : samples(call.store.sql(), row.id, range, kMostPoints + 1)) {
      points.emplace_back(sample.time, Bucket{1, sample.value, sample.value, sample.value});
    }
  } else {
    for (const auto& [start, bucket] : buckets(call.store.sql(), row.id, width, range.from, range.to)) {
      points.emplace_back(static_cast<double>(start), bucket);
    }
  }
  return {.body = columns(name, row.unit, width, points)};
}

ApiJson energy_json(const std::map<std::int64_t, double>& days) {
  ApiJson all = ApiJson::array();
  for (const auto& [day, energy] : days) {
    const auto text = fmt::format("{:%F}", fmt::gmtime(static_cast<std::time_t>(day)));
    all.push_back({{"day", text}, {"energy", energy}});
  }
  return all;
}

ApiJson curve_json(const std::array<std::optional<double>, 24>& curve) {
  ApiJson all = ApiJson::array();
  for (const auto& hour : curve) {
    all.push_back(or_null(hour));
  }
  return all;
}

std::vector<double> values_of(const std::vector<Sample>& all) {
  std::vector<double> values;
  for (const Sample& sample : all) {
    values.push_back(sample.value);
  }
  return values;
}

void add_numbers(ApiJson& body, const std::vector<Sample>& all) {
  const auto values = values_of(all);
  const auto or_none = [&](double number) { return values.empty() ? ApiJson(nullptr) : ApiJson(number); };
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  body["count"] = values.size();
  body["last"] = or_none(values.empty() ? 0 : values.back());
  body["last_time"] = or_none(values.empty() ? 0 : all.back().time);
  body["min"] = or_none(values.empty() ? 0 : *least);
  body["max"] = or_none(values.empty() ? 0 : *most);
  body["mean"] = or_none(values.empty() ? 0 : sum / static_cast<double>(values.size()));
  body["median"] = or_none(median(values));
  body["rate_per_hour"] = or_null(slope_per_hour(all));
  body["interval"] = or_null(usual_interval(all));
}

ApiResponse statistics(Call& call) {
  constexpr std::size_t kMostListed = 200;
  const std::string name = read_name(call);
  const Range range = read_range(call, kWeek);
  call.query.finish();
  const SeriesRow row = find_series(call, name);
  const auto all = samples(call.store.sql(), row.id, range, kMostSamples);
  ApiJson body = {{"name", name}, {"unit", row.unit}, {"from", range.from}, {"to", range.to}};
  add_numbers(body, all);
  ApiJson holes = ApiJson::array();
  for (const Span& gap : gaps(all)) {
    if (holes.size() < kMostListed) {
      holes.push_back({{"from", gap.from}, {"to", gap.to}});
    }
  }
  ApiJson outliers = ApiJson::array();
  const auto scores = robust_scores(values_of(all));
  for (std::size_t i = 0; i < all.size() && outliers.size() < kMostListed; ++i) {
    if (std::abs(scores[i]) > kOutlierScore) {
      outliers.push_back(
          {{"device", call.arguments[0]}, {"time", all[i].time}, {"value", all[i].value}, {"score", scores[i]}});
    }
  }
  body["gaps"] = holes;
  body["outliers"] = outliers;
  body["energy"] = energy_json(daily_energy(all, row.unit));
  body["load_curve"] = curve_json(load_curve(all));
  return {.body = std::move(body)};
}

struct Group {
  std::string name;
  std::string product;
  std::string label;
};

Group read_group(Call& call) {
  Group group{.name = read_name(call)};
  group.product = call.query.text("product");
  group.label = call.query.text("group");
  return group;
}

// Sums of roll-ups of `width` seconds over the group's devices, for each `key`.
Sql group_rollups(std::string_view key, const Group& group, std::int64_t width, const Range& range) {
  Sql sql("SELECT ");
  sql.add(key).add(
      ", SUM(r.count), SUM(r.sum), MIN(r.least), MAX(r.most) FROM series s JOIN devices d ON d.id = s.device JOIN "
      "rollups r ON r.series = s.id AND r.width = ? AND r.time >= ? AND r.time <= ? WHERE s.name = ?",
      width, range.from / width * width, range.to, group.name);
  if (!group.product.empty()) {
    sql.add(" AND d.product = ?", group.product);
  }
  if (!group.label.empty()) {
    sql.add(" AND d.label = ?", group.label);
  }
  return sql.add(" GROUP BY ").add(key);
}

// Hours that are over; the current one is not rolled up yet.
std::vector<std::pair<double, Bucket>> group_buckets(soci::session& session, const Group& group, std::int64_t width,
                                                     const Range& range) {
  std::vector<std::pair<double, Bucket>> points;
  for_each_row<std::int64_t, std::int64_t, double, double, double>(
      session, group_rollups("r.time", group, width, range).add(" ORDER BY r.time"),
      [&points](std::int64_t time, std::int64_t count, double sum, double least, double most) {
        points.emplace_back(static_cast<double>(time), Bucket{count, sum, least, most});
      });
  return points;
}

std::string group_unit(soci::session& session, const Group& group) {
  const auto row =
      select_one<std::string>(session, Sql("SELECT unit FROM series WHERE name = ? ORDER BY id LIMIT 1", group.name));
  if (!row) {
    throw ApiRefusal(404, "not_found", "no device has a reading of this name");
  }
  return std::get<0>(*row);
}

ApiResponse group_series(Call& call) {
  const Group group = read_group(call);
  const Range range = read_range(call, kWeek);
  const std::int64_t width = read_width(call, range, false);
  call.query.finish();
  const std::string unit = group_unit(call.store.sql(), group);
  return {.body = columns(group.name, unit, width, group_buckets(call.store.sql(), group, width, range))};
}

// By device: how much of it there was.
std::vector<std::pair<std::string, Bucket>> device_buckets(soci::session& session, const Group& group,
                                                           const Range& range) {
  std::vector<std::pair<std::string, Bucket>> all;
  for_each_row<std::string, std::int64_t, double, double, double>(
      session, group_rollups("s.device", group, kHour, range),
      [&all](const std::string& device, std::int64_t count, double sum, double least, double most) {
        all.emplace_back(device, Bucket{count, sum, least, most});
      });
  return all;
}

ApiJson unusual_devices(const std::vector<std::pair<std::string, Bucket>>& devices) {
  std::vector<double> means;
  for (const auto& [device, bucket] : devices) {
    means.push_back(bucket.sum / static_cast<double>(bucket.count));
  }
  ApiJson unusual = ApiJson::array();
  const auto scores = robust_scores(means);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (std::abs(scores[i]) > kOutlierScore) {
      unusual.push_back({{"device", devices[i].first}, {"mean", means[i]}, {"score", scores[i]}});
    }
  }
  return unusual;
}

ApiResponse group_statistics(Call& call) {
  const Group group = read_group(call);
  const Range range = read_range(call, kWeek);
  call.query.finish();
  const std::string unit = group_unit(call.store.sql(), group);
  const auto devices = device_buckets(call.store.sql(), group, range);
  Bucket all;
  for (const auto& [device, bucket] : devices) {
    all.add(bucket);
  }
  std::vector<Sample> hours;
  for (const auto& [time, bucket] : group_buckets(call.store.sql(), group, kHour, range)) {
    hours.push_back({time, bucket.sum / static_cast<double>(bucket.count)});
  }
  const auto or_none = [&](double number) { return all.count == 0 ? ApiJson(nullptr) : ApiJson(number); };
  return {.body = {{"name", group.name},
                   {"unit", unit},
                   {"from", range.from},
                   {"to", range.to},
                   {"devices", devices.size()},
                   {"count", all.count},
                   {"min", or_none(all.least)},
                   {"max", or_none(all.most)},
                   {"mean", or_none(all.sum / static_cast<double>(std::max<std::int64_t>(all.count, 1)))},
                   {"load_curve", curve_json(load_curve(hours))},
                   {"energy", energy_json(daily_energy(hours, unit))},
                   {"outliers", unusual_devices(devices)}}};
}

constexpr std::array kRoutes = {
    Route{"GET", {"api", "v1", "devices", kDeviceId, "series"}, Role::kViewer, series},
    Route{"GET", {"api", "v1", "devices", kDeviceId, "statistics"}, Role::kViewer, statistics},
    Route{"GET", {"api", "v1", "series"}, Role::kViewer, group_series},
    Route{"GET", {"api", "v1", "statistics"}, Role::kViewer, group_statistics},
};

}  // namespace

std::span<const Route> series_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
