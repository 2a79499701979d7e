#include "servers/hub/ingest.h"

#include <spdlog/spdlog.h>

#include "host/failure.h"
#include "servers/hub/api.h"
#include "servers/hub/back_off.h"
#include "servers/hub/hubs.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToLogIn = 15s;
constexpr auto kPoll = 200ms;

std::chrono::duration<double> since_epoch() {
  return std::chrono::system_clock::now().time_since_epoch();
}

}  // namespace

Ingest::Ingest(IngestOptions options, Store& store, std::shared_ptr<const Registry> registry)
    : options_(std::move(options)), store_(store), registry_(std::move(registry)), thread_([this] { run(); }) {}

Ingest::~Ingest() {
  is_stopping_ = true;
  wake_.signal();
  thread_.join();
}

bool Ingest::wait_until(Stage stage, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this, stage] { return stage_ >= stage; });
}

bool Ingest::wait_until_subscribed(std::chrono::milliseconds limit) {
  return wait_until(Stage::kSubscribed, limit);
}

bool Ingest::wait_until_claimed(std::chrono::milliseconds limit) {
  return wait_until(Stage::kClaimed, limit);
}

void Ingest::set_stage(Stage stage) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  changed_.notify_all();
}

void Ingest::set_registry(std::shared_ptr<const Registry> registry) {
  const std::lock_guard lock(mutex_);
  new_registry_ = std::move(registry);
  wake_.signal();
}

void Ingest::enter_registry() {
  std::shared_ptr<const Registry> registry;
  {
    const std::lock_guard lock(mutex_);
    registry = std::exchange(new_registry_, nullptr);
  }
  if (registry) {
    registry_ = std::move(registry);
    store_.enter(*registry_);
  }
}

void Ingest::run() {
  BackOff back_off(200ms, 10s);
  while (!is_stopping_ && !is_done_) {
    try {
      work();
    } catch (const std::exception& error) {
      if (wait_until_subscribed(0ms)) {
        back_off.reset();
      }
      set_stage(Stage::kWaiting);
      const auto pause = back_off.next();
      spdlog::warn("business link {} at {}:{}: {}; again in {} ms", options_.session.client_id, options_.login.host,
                   options_.login.port, error.what(), pause.count());
      wake_.wait(-1, 0, pause);
    }
  }
}

// Until it is told to stop, or there is nothing more to do.
void Ingest::work() {
  is_elsewhere_ = !claim();
  if (is_elsewhere_) {
    is_done_ = options_.is_left_behind;  // its hub is back, or somebody else is at it
    wake_.wait(-1, 0, kPoll);
    return;
  }
  MqttSession session(options_.login, options_.session);
  options_.is_left_behind ? empty(session) : serve(session);
  session.say_goodbye();
  if (options_.is_left_behind && !is_stopping_) {
    forget_session();
    is_done_ = true;
  }
}

// The hub is entered while the session is its own, and before there is anything in it: whoever finds the entry and can
// claim the session knows that the hub is gone.
bool Ingest::claim() {
  if (!store_.claim(options_.session.client_id)) {
    return false;
  }
  if (!options_.hub.empty() && !options_.is_left_behind) {
    enter_hub(store_.sql(), options_.hub, static_cast<std::int64_t>(since_epoch().count()));
  }
  set_stage(Stage::kClaimed);
  return true;
}

void Ingest::serve(MqttSession& session) {
  const auto login_due = std::chrono::steady_clock::now() + kTimeToLogIn;
  bool is_subscribed = false;
  while (!is_stopping_) {
    enter_registry();
    session.receive(wake_, kPoll);
    take(session.messages());
    session.acknowledge();
    tend();
    if (!is_subscribed && session.is_subscribed()) {
      is_subscribed = true;
      set_stage(Stage::kSubscribed);
    }
    if (!is_subscribed && std::chrono::steady_clock::now() > login_due) {
      throw host::Failure("no answer");
    }
  }
}

// Nothing new comes once the subscriptions are given up. What the broker still has for them comes before its answer to
// being asked once more; when that answer comes alone, there is nothing left.
void Ingest::empty(MqttSession& session) {
  const auto login_due = std::chrono::steady_clock::now() + kTimeToLogIn;
  bool is_quiet = false;
  while (!is_stopping_) {
    session.receive(wake_, kPoll);
    is_quiet = is_quiet && session.messages().empty();
    take(session.messages());
    session.acknowledge();
    if (session.is_subscribed()) {
      set_stage(Stage::kSubscribed);
      if (is_quiet) {
        return;
      }
      is_quiet = true;
      session.leave();
    } else if (!wait_until_subscribed(0ms) && std::chrono::steady_clock::now() > login_due) {
      throw host::Failure("no answer");
    }
  }
}

// The broker's session, then the hub's entry, then the claim.
void Ingest::forget_session() {
  MqttSession session(options_.login, {.client_id = options_.session.client_id, .topics = {}, .is_clean = true});
  const auto due = std::chrono::steady_clock::now() + kTimeToLogIn;
  while (!session.is_connected()) {
    if (std::chrono::steady_clock::now() > due) {
      throw host::Failure("no answer");
    }
    session.receive(wake_, kPoll);
    session.acknowledge();
  }
  session.say_goodbye();
  remove_hub(store_.sql(), options_.hub);
  store_.release(options_.session.client_id);
  spdlog::info("the session of the hub {}, which is gone, is empty", options_.hub);
}

void Ingest::take(std::vector<Message>& messages) {
  const double now = since_epoch().count();
  std::vector<Change> changes;
  changes.reserve(messages.size());
  for (const Message& message : messages) {
    changes.push_back(interpret(message, registry_.get(), now));
    if (const auto* refused = std::get_if<Refused>(&changes.back())) {
      spdlog::debug("{}: refused: {}", message.topic, name(refused->refusal));
    }
  }
  for (const StoredEvent& event : store_.apply(changes, static_cast<std::int64_t>(now))) {
    options_.on_event(event);
    if (options_.live != nullptr) {
      options_.live->publish(
          {.kind = "device", .device = event.device, .id = event.id, .data = to_text(to_json(event))});
    }
  }
  tell(changes);
  count(changes);
}

// Readings, to those who look at their device.
void Ingest::tell(const std::vector<Change>& changes) {
  if (options_.live == nullptr) {
    return;
  }
  for (const Change& change : changes) {
    const auto* received = std::get_if<ReadingsReceived>(&change);
    if (received != nullptr && options_.live->is_watched(received->device)) {
      options_.live->publish({.kind = "readings", .device = received->device, .data = to_text(to_json(*received))});
    }
  }
}

void Ingest::count(const std::vector<Change>& changes) {
  if (changes.empty()) {
    return;
  }
  std::int64_t readings = 0;
  for (const Change& change : changes) {
    const auto* received = std::get_if<ReadingsReceived>(&change);
    readings += received == nullptr ? 0 : static_cast<std::int64_t>(received->readings.size());
  }
  const auto second = static_cast<std::int64_t>(since_epoch().count());
  const std::lock_guard lock(mutex_);
  ++state_.batches;
  state_.messages += static_cast<std::int64_t>(changes.size());
  state_.readings += readings;
  if (by_second_.empty() || by_second_.back().first != second) {
    by_second_.emplace_back(second, 0);
  }
  by_second_.back().second += readings;
}

IngestState Ingest::state() const {
  constexpr std::int64_t kSpan = 60;  // seconds
  const auto oldest = static_cast<std::int64_t>(since_epoch().count()) - kSpan;
  const std::lock_guard lock(mutex_);
  IngestState state = state_;
  state.is_subscribed = stage_ == Stage::kSubscribed;
  state.has_duties = state.is_subscribed && options_.retention.has_value();
  for (const auto& [second, readings] : by_second_) {
    state.readings_per_second += second > oldest ? static_cast<double>(readings) / kSpan : 0;
  }
  return state;
}

// In between, once a second, or as often as there is more to do.
void Ingest::tend() {
  const auto now = std::chrono::steady_clock::now();
  if (now < tend_due_) {
    return;
  }
  const auto time = static_cast<std::int64_t>(since_epoch().count());
  const bool is_more = options_.retention && store_.tend(*options_.retention, time);
  if (options_.live != nullptr) {
    if (!news_) {
      news_.emplace(*options_.live);
    }
    news_->look(store_.sql(), time, options_.silent_after);
  }
  tend_due_ = now + (is_more ? 100ms : 1000ms);
  const std::lock_guard lock(mutex_);
  while (by_second_.size() > 61) {
    by_second_.pop_front();
  }
}

}  // namespace ferry::hub
