#include "servers/hub/crew.h"

#include <algorithm>
#include <cmath>
#include <spdlog/spdlog.h>

#include "servers/hub/api.h"
#include "servers/hub/hubs.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kNewsEvery = 300ms;
constexpr auto kLookEvery = 1s;
constexpr std::size_t kNewsAtOnce = 1000;
constexpr std::string_view kData = kTopics[0];

// MQTT's shared subscriptions, which brokers give to clients of MQTT 3.1.1 too.
std::string shared_data() {
  return "$share/ferry/" + std::string(kData);
}

}  // namespace

Crew::Crew(Options options, std::shared_ptr<const Registry> registry, Live& live)
    : options_(std::move(options)),
      registry_(std::move(registry)),
      live_(live),
      store_(open_store(options_.database)),
      own_(make_link(own_session())),
      thread_([this] { run(); }) {}

Crew::~Crew() {
  is_stopping_ = true;
  wake_.signal();
  thread_.join();
}

// What comes for the common session reaches some hub: only then is anything that devices say kept for sure.
bool Crew::wait_until_subscribed(std::chrono::milliseconds limit) {
  const auto due = std::chrono::steady_clock::now() + limit;
  if (!own_.ingest->wait_until_subscribed(limit)) {
    return false;
  }
  std::unique_lock lock(mutex_);
  return looked_.wait_until(lock, due, [this] { return is_common_taken(); });
}

// Under the mutex.
bool Crew::is_common_taken() const {
  return common_.ingest && (common_.ingest->wait_until_subscribed(0ms) || common_.ingest->is_elsewhere());
}

bool Crew::wait_until_claimed(std::chrono::milliseconds limit) {
  return own_.ingest->wait_until_claimed(limit);
}

IngestState Crew::state() const {
  IngestState all = own_.ingest->state();
  const std::lock_guard lock(mutex_);
  all.is_subscribed = all.is_subscribed && is_common_taken();
  const auto add = [&all](const Link& link) {
    const IngestState one = link.ingest->state();
    all.messages += one.messages;
    all.batches += one.batches;
    all.readings += one.readings;
    all.readings_per_second += one.readings_per_second;
    all.has_duties = all.has_duties || one.has_duties;
  };
  if (common_.ingest) {
    add(common_);
  }
  for (const auto& [hub, link] : left_behind_) {
    add(link);
  }
  return all;
}

void Crew::set_registry(std::shared_ptr<const Registry> registry) {
  own_.ingest->set_registry(registry);
  const std::lock_guard lock(mutex_);
  registry_ = registry;
  if (common_.ingest) {
    common_.ingest->set_registry(registry);
  }
}

Crew::Link Crew::make_link(IngestOptions options) const {
  Link link{.store = open_store(options_.database), .ingest = nullptr};
  link.ingest = std::make_unique<Ingest>(std::move(options), *link.store, registry_);
  return link;
}

IngestOptions Crew::own_session() const {
  return {.login = options_.login,
          .session = {.client_id = client_id_of(options_.name), .topics = {shared_data()}},
          .hub = options_.name};
}

// One that was subscribed to everything, by a hub that had the broker for itself, gives that up.
IngestOptions Crew::common_session() const {
  std::vector<std::string> topics(std::begin(kTopics) + 1, std::end(kTopics));
  return {.login = options_.login,
          .session = {.topics = std::move(topics), .left = {std::string(kData)}},
          .on_event = options_.on_event,
          .retention = options_.retention};
}

IngestOptions Crew::session_of(const std::string& hub) const {
  return {.login = options_.login,
          .session = {.client_id = client_id_of(hub), .topics = {}, .left = {shared_data()}},
          .hub = hub,
          .is_left_behind = true};
}

void Crew::run() {
  std::string fault;
  while (!is_stopping_) {
    try {
      tell_news();
      look_around();
      fault.clear();
    } catch (const std::exception& error) {
      if (fault != error.what()) {
        spdlog::warn("the database does not answer: {}", error.what());
      }
      fault = error.what();
    }
    looked_.notify_all();
    wake_.wait(-1, 0, kNewsEvery);
  }
}

// The common session comes after this hub's own: what it gives up is somebody's then.
void Crew::look_around() {
  const auto now = std::chrono::steady_clock::now();
  if (common_.ingest && now < look_due_) {
    return;
  }
  look_due_ = now + kLookEvery;
  news_.look(store_->sql(), std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()),
             options_.silent_after);
  if (!common_.ingest && own_.ingest->wait_until_subscribed(0ms)) {
    const std::lock_guard lock(mutex_);
    common_ = make_link(common_session());
  }
  if (common_.ingest && common_.ingest->wait_until_subscribed(0ms)) {
    empty_left_behind();
  }
}

void Crew::empty_left_behind() {
  const std::lock_guard lock(mutex_);
  std::erase_if(left_behind_, [](const auto& one) { return one.second.ingest->is_done(); });
  for (const std::string& hub : hubs(store_->sql())) {
    if (hub == options_.name || left_behind_.contains(hub) || !store_->claim(client_id_of(hub))) {
      continue;
    }
    store_->release(client_id_of(hub));
    spdlog::info("the hub {} is gone; what the broker has for it is taken here", hub);
    left_behind_.emplace(hub, make_link(session_of(hub)));
  }
}

void Crew::tell_news() {
  if (!told_event_) {
    const auto newest = store_->events({.limit = 1, .is_newest_first = true});
    told_event_ = newest.empty() ? 0 : newest.front().id;
  }
  for (const StoredEvent& event : store_->events({.after = *told_event_, .limit = kNewsAtOnce})) {
    told_event_ = event.id;
    live_.publish({.kind = "device", .device = event.device, .id = event.id, .data = to_text(to_json(event))});
  }
  const auto watched = live_.watched();
  std::erase_if(told_readings_, [&watched](const auto& one) { return !watched.contains(one.first); });
  for (const std::string& device : watched) {
    tell_readings(device);
  }
}

void Crew::tell_readings(const std::string& device) {
  const auto told = told_readings_.find(device);
  if (told == told_readings_.end()) {
    double last = 0;
    for (const Reading& reading : store_->latest(device)) {
      last = std::max(last, reading.time);
    }
    told_readings_.emplace(device, last);
    return;
  }
  ReadingsReceived news{.device = device,
                        .readings = store_->readings({.device = device,
                                                      .name = {},
                                                      .from = std::nextafter(told->second, INFINITY),
                                                      .to = {},
                                                      .limit = kNewsAtOnce})};
  if (!news.readings.empty()) {
    told->second = news.readings.front().time;
    std::reverse(news.readings.begin(), news.readings.end());
    live_.publish({.kind = "readings", .device = device, .data = to_text(to_json(news))});
  }
}

}  // namespace ferry::hub
