// Whole tables, as CSV or JSON, in parts: however many rows there are, the hub holds a thousand of them. Each part is
// a question of its own that begins behind the last row, so nobody waits for who downloads slowly.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "host/uuid.h"
#include "servers/hub/api_call.h"
#include "servers/hub/fleet.h"

namespace ferry::hub {

namespace {

constexpr std::size_t kRowsOfAPart = 1000;

// RFC 4180; a text that a spreadsheet would take for a formula gets a quote.
std::string csv_cell(const ApiJson& value) {
  if (!value.is_string()) {
    return value.is_null() ? "" : value.dump();
  }
  std::string text = value.get<std::string>();
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    text.insert(0, "'");
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return quoted + '"';
}

// Rows of cells, in either format. JSON cells keep their type.
class Table {
 public:
  // Adds the rows that follow, some of them. Returns whether there may be more.
  using Rows = std::function<bool(Store&, Table&)>;

  Table(const std::string& format, std::vector<std::string> header) : header_(std::move(header)) {
    if (!format.empty() && format != "csv" && format != "json") {
      throw BadRequest("\"format\" must be csv or json");
    }
    is_csv_ = format != "json";
    text_ = is_csv_ ? fmt::format("{}\r\n", fmt::join(header_, ",")) : "[";
  }

  void add(const std::vector<ApiJson>& cells) {
    if (is_csv_) {
      add_csv(cells);
      return;
    }
    ApiJson row = ApiJson::object();
    for (std::size_t i = 0; i < header_.size(); ++i) {
      row[header_[i]] = cells[i];
    }
    text_ += (std::exchange(is_first_, false) ? "" : ",\n") + to_text(row);
  }

  // What is to be sent next; empty: that was all.
  std::string part(Store& store, const Rows& rows) {
    while (!is_done_ && text_.empty()) {
      if (!rows(store, *this)) {
        is_done_ = true;
        text_ += is_csv_ ? "" : "]\n";
      }
    }
    return std::exchange(text_, {});
  }

  [[nodiscard]] const char* type() const { return is_csv_ ? "text/csv; charset=utf-8" : "application/json"; }
  [[nodiscard]] const char* ending() const { return is_csv_ ? "csv" : "json"; }

 private:
  void add_csv(const std::vector<ApiJson>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text_ += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    }
    text_ += "\r\n";
  }

  std::vector<std::string> header_;
  bool is_csv_ = true;
  bool is_first_ = true;
  bool is_done_ = false;
  std::string text_;
};

ApiResponse answer(const std::string& name, const Table& table, Table::Rows rows) {
  auto shared = std::make_shared<Table>(table);
  return {.body = {},
          .content_type = table.type(),
          .headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}.{}\"", name, table.ending())}},
          .more = [shared, rows = std::move(rows)](Store& store) { return shared->part(store, rows); }};
}

ApiResponse export_devices(Call& call) {
  const std::string format = call.query.text("format");
  const DeviceFilter filter = read_filter(call);
  call.query.finish();
  const Table table(format, {"device", "serial", "product", "group", "note", "online", "silent", "first_seen",
                             "last_seen", "version", "sequence"});
  call.log("export", "devices");
  return answer("devices", table, [filter, after = std::string()](Store& store, Table& rows) mutable {
    const auto some = find_devices(store.sql(), filter, after, kRowsOfAPart);
    for (const LabelledDevice& one : some) {
      const Device& device = one.device;
      rows.add({device.id, device.serial, device.product, one.label, one.note, device.online, one.silent,
                or_null(device.first_seen), or_null(device.last_seen), text_or_null(device.version), device.sequence});
      after = device.id;
    }
    return some.size() == kRowsOfAPart;
  });
}

std::string read_device(Call& call) {
  const std::string text = call.query.text("device");
  const auto id = host::parse_uuid(text);
  if (!text.empty() && (!id || !call.store.device(host::to_string(*id)))) {
    throw ApiRefusal(404, "not_found", "no device has this id");
  }
  return text.empty() ? "" : host::to_string(*id);
}

// A device's readings by name, and each name's in the order of time.
class ReadingRows {
 public:
  ReadingRows(std::string device, std::string name, double from, double to)
      : device_(std::move(device)), name_(std::move(name)), from_(from), to_(to) {}

  bool operator()(Store& store, Table& table) {
    if (!is_begun_ && !find_next(store.sql())) {
      return false;
    }
    is_begun_ = true;
    std::size_t rows = 0;
    for_each_row<double, std::optional<double>, std::optional<std::string>>(
        store.sql(),
        Sql("SELECT time, value, text FROM readings WHERE series = ? AND time >= ? AND time > ? AND time <= ? ORDER BY "
            "time LIMIT ?",
            series_, from_, told_, to_, kRowsOfAPart),
        [&](double time, std::optional<double> value, const std::optional<std::string>& text) {
          table.add({device_, of_, unit_, time, or_null(value), or_null(text)});
          told_ = time;
          ++rows;
        });
    return rows == kRowsOfAPart || find_next(store.sql());
  }

 private:
  bool find_next(soci::session& sql) {
    const auto next = select_one<std::int64_t, std::string, std::string>(
        sql,
        Sql("SELECT id, name, unit FROM series WHERE device = ? AND name > ? AND (? = '' OR name = ?) ORDER BY name "
            "LIMIT 1",
            device_, of_, name_, name_));
    if (next) {
      std::tie(series_, of_, unit_) = *next;
      told_ = -1;
    }
    return next.has_value();
  }

  std::string device_;
  std::string name_;  // empty: all
  double from_;
  double to_;
  bool is_begun_ = false;
  std::int64_t series_ = 0;
  std::string of_;
  std::string unit_;
  double told_ = -1;
};

ApiResponse export_readings(Call& call) {
  const std::string format = call.query.text("format");
  const std::string device = read_device(call);
  if (device.empty()) {
    throw BadRequest("\"device\" says whose readings; it is missing");
  }
  const std::string name = call.query.text("name");
  const double from = call.query.number("from").value_or(0);
  const double to = call.query.number("to").value_or(1e300);
  call.query.finish();
  const Table table(format, {"device", "name", "unit", "time", "value", "text"});
  call.log("export", "readings of " + device);
  return answer("readings", table, ReadingRows(device, name, from, to));
}

ApiResponse export_events(Call& call) {
  const std::string format = call.query.text("format");
  EventQuery query{.device = read_device(call), .limit = kRowsOfAPart};
  query.after = call.query.integer("after", 0, 0, INT64_MAX);
  query.kind = call.query.text("kind");
  call.query.finish();
  const Table table(format, {"id", "device", "kind", "time", "received", "error", "error_code", "sequence", "version",
                             "bytes", "milliseconds"});
  call.log("export", "events");
  return answer("events", table, [query](Store& store, Table& rows) mutable {
    const auto some = store.events(query);
    for (const StoredEvent& event : some) {
      const ApiJson json = to_json(event);
      rows.add({json["id"], json["device"], json["kind"], json["time"], json["received"], json["error"],
                json["error_code"], json["sequence"], json["version"], json["bytes"], json["milliseconds"]});
      query.after = event.id;
    }
    return some.size() == kRowsOfAPart;
  });
}

constexpr std::array kRoutes = {
    Route{"GET", {"api", "v1", "export", "devices"}, Role::kViewer, export_devices},
    Route{"GET", {"api", "v1", "export", "readings"}, Role::kViewer, export_readings},
    Route{"GET", {"api", "v1", "export", "events"}, Role::kViewer, export_events},
};

}  // namespace

std::span<const Route> export_routes() {
  return kRoutes;
}

}  // namespace ferry::hub
