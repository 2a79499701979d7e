#include "servers/hub/ingest.h"

#include <spdlog/spdlog.h>

#include "host/failure.h"
#include "servers/hub/api.h"
#include "servers/hub/back_off.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToLogIn = 15s;
constexpr auto kPoll = 500ms;

std::chrono::duration<double> since_epoch() {
  return std::chrono::system_clock::now().time_since_epoch();
}

}  // namespace

Ingest::Ingest(BrokerLogin login, Store& store, std::shared_ptr<const Registry> registry, OnEvent on_event,
               Retention retention, Live* live)
    : login_(std::move(login)),
      store_(store),
      on_event_(std::move(on_event)),
      registry_(std::move(registry)),
      retention_(retention),
      live_(live),
      thread_([this] { run(); }) {}

Ingest::~Ingest() {
  is_stopping_ = true;
  wake_.signal();
  thread_.join();
}

bool Ingest::wait_until_subscribed(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return is_subscribed_; });
}

void Ingest::set_subscribed(bool subscribed) {
  const std::lock_guard lock(mutex_);
  is_subscribed_ = subscribed;
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
  while (!is_stopping_) {
    try {
      MqttSession session(login_);
      serve(session);
      session.say_goodbye();
      return;
    } catch (const std::exception& error) {
      const bool was_subscribed = wait_until_subscribed(0ms);
      if (was_subscribed) {
        back_off.reset();
      }
      set_subscribed(false);
      const auto pause = back_off.next();
      spdlog::warn("business link at {}:{}: {}; again in {} ms", login_.host, login_.port, error.what(), pause.count());
      wake_.wait(-1, 0, pause);
    }
  }
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
      set_subscribed(true);
    }
    if (!is_subscribed && std::chrono::steady_clock::now() > login_due) {
      throw host::Failure("no answer");
    }
  }
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
    on_event_(event);
    if (live_ != nullptr) {
      live_->publish({.kind = "device", .device = event.device, .id = event.id, .data = to_text(to_json(event))});
    }
  }
  tell(changes);
  count(changes);
}

// Readings, to those who look at their device.
void Ingest::tell(const std::vector<Change>& changes) {
  if (live_ == nullptr) {
    return;
  }
  for (const Change& change : changes) {
    const auto* received = std::get_if<ReadingsReceived>(&change);
    if (received != nullptr && live_->is_watched(received->device)) {
      live_->publish({.kind = "readings", .device = received->device, .data = to_text(to_json(*received))});
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
  state.is_subscribed = is_subscribed_;
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
  const bool is_more = store_.tend(retention_, static_cast<std::int64_t>(since_epoch().count()));
  tend_due_ = now + (is_more ? 100ms : 1000ms);
  const std::lock_guard lock(mutex_);
  while (by_second_.size() > 61) {
    by_second_.pop_front();
  }
}

}  // namespace ferry::hub
