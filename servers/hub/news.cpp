#include "servers/hub/news.h"

#include "servers/hub/api.h"
#include "servers/hub/progress.h"

namespace ferry::hub {

void NewsWatch::look(soci::session& sql, std::int64_t now, std::int64_t silent_after) {
  look_at_alerts(sql, now, silent_after);
  look_at_progress(sql, now);
}

void NewsWatch::look_at_alerts(soci::session& sql, std::int64_t now, std::int64_t silent_after) {
  std::map<std::string, Alert> all;
  for (Alert& alert : alerts(sql, now, now - silent_after)) {
    std::string id = alert.id;
    all.emplace(std::move(id), std::move(alert));
  }
  if (standing_) {
    for (const auto& [id, alert] : all) {
      if (!standing_->contains(id)) {
        publish(alert, true);
      }
    }
    for (const auto& [id, alert] : *standing_) {
      if (!all.contains(id)) {
        publish(alert, false);
      }
    }
  }
  standing_ = std::move(all);
}

void NewsWatch::publish(const Alert& alert, bool is_raised) {
  ApiJson data = to_json(alert);
  data["raised"] = is_raised;
  live_.publish({.kind = "alert", .device = alert.device, .data = to_text(data)});
}

void NewsWatch::look_at_progress(soci::session& sql, std::int64_t now) {
  std::optional<UsualTimes> usual;
  for (const std::string& device : live_.watched()) {
    const auto newest = visits(sql, device, "", 1);
    if (newest.empty() || newest.front().ended) {
      continue;
    }
    if (!usual && !(usual = usual_times(sql))) {
      return;
    }
    if (const auto progress = progress_of(newest.front(), *usual, now)) {
      live_.publish({.kind = "progress", .device = device, .data = to_text(to_json(device, *progress))});
    }
  }
}

}  // namespace ferry::hub
