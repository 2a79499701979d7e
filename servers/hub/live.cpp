#include "servers/hub/live.h"

#include <algorithm>

namespace ferry::hub {

void Live::publish(News news) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::make_shared<const News>(std::move(news)));
  if (kept_.size() > kKept) {
    kept_.pop_front();
    ++first_;
  }
  if (call_) {
    call_();
  }
}

std::uint64_t Live::position() const {
  const std::lock_guard lock(mutex_);
  return first_ + kept_.size();
}

std::vector<std::shared_ptr<const News>> Live::since(std::uint64_t& position, const std::string& device) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const News>> news;
  for (std::uint64_t at = std::max(position, first_); at < first_ + kept_.size(); ++at) {
    const auto& one = kept_[static_cast<std::size_t>(at - first_)];
    if (device.empty() ? one->kind != "readings" : one->device == device) {
      news.push_back(one);
    }
  }
  position = first_ + kept_.size();
  return news;
}

void Live::watch(const std::string& device) {
  const std::lock_guard lock(mutex_);
  ++watched_[device];
}

void Live::unwatch(const std::string& device) {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(device);
  if (found != watched_.end() && --found->second == 0) {
    watched_.erase(found);
  }
}

bool Live::is_watched(const std::string& device) const {
  const std::lock_guard lock(mutex_);
  return watched_.contains(device);
}

std::set<std::string> Live::watched() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> devices;
  for (const auto& [device, listeners] : watched_) {
    devices.insert(device);
  }
  return devices;
}

void Live::on_news(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
}

std::string to_stream(const News& news) {
  const std::string id = news.id == 0 ? "" : "id: " + std::to_string(news.id) + "\n";
  return id + "event: " + news.kind + "\ndata: " + news.data + "\n\n";
}

}  // namespace ferry::hub
