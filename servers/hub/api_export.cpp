// Whole tables, as CSV or JSON.
#include <fmt/format.h>

#include "host/uuid.h"
#include "servers/hub/api_call.h"
#include "servers/hub/fleet.h"

namespace ferry::hub {

namespace {

constexpr std::size_t kMostRows = 100'000;

// Rows of cells, in either format. JSON cells keep their type.
class Table {
 public:
  Table(const std::string& format, std::vector<std::string> header) : header_(std::move(header)) {
    if (!format.empty() && format != "csv" && format != "json") {
      throw BadRequest("\"format\" must be csv or json");
    }
    is_csv_ = format != "json";
    if (is_csv_) {
      for (std::size_t i = 0; i < header_.size(); ++i) {
        text_ += (i == 0 ? "" : ",") + header_[i];
      }
      text_ += "\r\n";
    }
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
    text_ += (rows_++ == 0 ? "[" : ",\n") + to_text(row);
  }

  [[nodiscard]] ApiResponse answer(const std::string& name) {
    if (!is_csv_) {
      text_ += rows_ == 0 ? "[]\n" : "]\n";
    }
    return {.content_type = is_csv_ ? "text/csv; charset=utf-8" : "application/json",
            .text = std::move(text_),
            .headers = {{"Content-Disposition",
                         fmt::format("attachment; filename=\"{}.{}\"", name, is_csv_ ? "csv" : "json")}}};
  }

 private:
  void add_csv(const std::vector<ApiJson>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text_ += (i == 0 ? "" : ",") + cell(cells[i]);
    }
    text_ += "\r\n";
  }
  // RFC 4180; a text that a spreadsheet would take for a formula gets a quote.
  static std::string cell(const ApiJson& value) {
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

  std::vector<std::string> header_;
  bool is_csv_ = true;
  std::string text_;
  std::size_t rows_ = 0;
};

void say_next(ApiResponse& response, std::size_t rows, const std::string& next) {
  if (rows == kMostRows) {
    response.headers.emplace_back("X-Next", next);
  }
}

ApiResponse export_devices(Call& call) {
  const std::string format = call.query.text("format");
  const DeviceFilter filter = read_filter(call);
  call.query.finish();
  Table table(format, {"device", "serial", "product", "group", "note", "online", "silent", "first_seen", "last_seen",
                       "version", "sequence"});
  const auto all = find_devices(call.store.sql(), filter, "", kMostRows);
  for (const LabelledDevice& one : all) {
    const Device& device = one.device;
    table.add({device.id, device.serial, device.product, one.label, one.note, device.online, one.silent,
               or_null(device.first_seen), or_null(device.last_seen), text_or_null(device.version), device.sequence});
  }
  call.log("export", "devices");
  return table.answer("devices");
}

std::string read_device(Call& call) {
  const std::string text = call.query.text("device");
  const auto id = host::parse_uuid(text);
  if (!text.empty() && (!id || !call.store.device(host::to_string(*id)))) {
    throw ApiRefusal(404, "not_found", "no device has this id");
  }
  return text.empty() ? "" : host::to_string(*id);
}

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
  Table table(format, {"device", "name", "unit", "time", "value", "text"});
  Sql sql(
      "SELECT s.name, s.unit, r.time, r.value, r.text FROM series s JOIN readings r ON r.series = s.id WHERE "
      "s.device = ? AND r.time >= ? AND r.time <= ? AND (? = '' OR s.name = ?) ORDER BY r.time LIMIT ?",
      device, from, to, name, name, kMostRows);
  std::size_t rows = 0;
  double last = 0;
  using Text = std::string;
  for_each_row<Text, Text, double, std::optional<double>, std::optional<Text>>(
      call.store.sql(), sql,
      [&](const Text& of, const Text& unit, double time, std::optional<double> value, const std::optional<Text>& text) {
        table.add({device, of, unit, time, or_null(value), or_null(text)});
        last = time;
        ++rows;
      });
  call.log("export", "readings of " + device);
  ApiResponse response = table.answer("readings");
  say_next(response, rows, fmt::format("{}", last));
  return response;
}

ApiResponse export_events(Call& call) {
  const std::string format = call.query.text("format");
  EventQuery query{.device = read_device(call), .limit = kMostRows};
  query.after = call.query.integer("after", 0, 0, INT64_MAX);
  query.kind = call.query.text("kind");
  call.query.finish();
  Table table(format, {"id", "device", "kind", "time", "received", "error", "error_code", "sequence", "version",
                       "bytes", "milliseconds"});
  const auto all = call.store.events(query);
  for (const StoredEvent& event : all) {
    const ApiJson json = to_json(event);
    table.add({json["id"], json["device"], json["kind"], json["time"], json["received"], json["error"],
               json["error_code"], json["sequence"], json["version"], json["bytes"], json["milliseconds"]});
  }
  call.log("export", "events");
  ApiResponse response = table.answer("events");
  say_next(response, all.size(), all.empty() ? "" : std::to_string(all.back().id));
  return response;
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
