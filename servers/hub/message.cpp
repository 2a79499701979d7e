#include "servers/hub/message.h"

#include "host/uuid.h"
#include "servers/hub/seal.h"
#include "servers/hub/senml.h"

namespace ferry::hub {
namespace {

struct Topic {
  std::string device;
  std::string_view leaf;
  Uuid id{};
};

std::optional<Topic> parse_topic(std::string_view topic) {
  constexpr std::string_view root = "ferry/";
  constexpr std::size_t kUuid = 36;
  if (!topic.starts_with(root) || topic.size() < root.size() + kUuid + 1 || topic[root.size() + kUuid] != '/') {
    return std::nullopt;
  }
  const auto device = host::parse_uuid(topic.substr(root.size(), kUuid));
  if (!device) {
    return std::nullopt;
  }
  return Topic{.device = host::to_string(*device), .leaf = topic.substr(root.size() + kUuid + 1), .id = *device};
}

Change read_data(const Topic& topic, ByteView payload, const Account* account, double now) {
  auto readings = decode_senml(payload, now);
  if (!readings) {
    return Refused{topic.device, readings.error()};
  }
  const std::string own = account != nullptr ? "urn:dev:ops:" + account->serial + ":" : "";
  for (Reading& reading : *readings) {
    if (!own.empty() && reading.name.starts_with(own) && reading.name.size() > own.size()) {
      reading.name.erase(0, own.size());
    }
  }
  return ReadingsReceived{topic.device, std::move(*readings)};
}

Change read_event(const Topic& topic, ByteView payload, double now) {
  if (payload.size() > kMaxPack) {
    return Refused{topic.device, Refusal::kTooLarge};
  }
  const auto event = decode_event(payload);
  if (!event || event->sequence > INT64_MAX || event->bytes > INT64_MAX) {
    return Refused{topic.device, Refusal::kMalformed};
  }
  if (static_cast<double>(event->time) > now + kFarFuture) {
    return Refused{topic.device, Refusal::kFarFuture};
  }
  return EventReceived{topic.device, *event};
}

Change read_status(const Topic& topic, std::string_view payload) {
  if (payload != "online" && payload != "offline") {
    return Refused{topic.device, Refusal::kMalformed};
  }
  return StatusReceived{topic.device, payload == "online"};
}

Change read(const Topic& topic, ByteView payload, const Account* account, double now) {
  return topic.leaf == "data" ? read_data(topic, payload, account, now) : read_event(topic, payload, now);
}

struct MarkSealed {
  const SealNumber& number;
  void operator()(StatusReceived& /*received*/) const {}
  template <typename Received>
  void operator()(Received& received) const {
    received.seal = number;
  }
};

// What a device says about its business and its upgrades: sealed where the registry says so.
Change read_said(const Topic& topic, ByteView payload, const Account* account, double now) {
  const SealKey* key = account != nullptr && account->seal ? &*account->seal : nullptr;
  const bool is_sealed = looks_sealed(payload);
  if (key == nullptr) {
    return is_sealed ? Refused{topic.device, Refusal::kNoSealKey} : read(topic, payload, account, now);
  }
  if (!is_sealed) {
    return Refused{topic.device, Refusal::kNotSealed};
  }
  if (payload.size() > kMaxPack + kMaxSeal) {
    return Refused{topic.device, Refusal::kTooLarge};
  }
  const auto opened = unseal(payload, *key, topic.id, topic.leaf);
  if (!opened) {
    return Refused{topic.device, opened.error()};
  }
  Change change = read(topic, opened->message, account, now);
  std::visit(MarkSealed{opened->number}, change);
  return change;
}

}  // namespace

Change interpret(const Message& message, const Registry* registry, double now) {
  const auto topic = parse_topic(message.topic);
  if (!topic) {
    return Refused{{}, Refusal::kBadTopic};
  }
  const Account* account = registry != nullptr ? registry->find(topic->device) : nullptr;
  if (registry != nullptr && account == nullptr) {
    return Refused{{}, Refusal::kUnknownDevice};
  }
  if (topic->leaf == "data" || topic->leaf == "event") {
    return read_said(*topic, as_bytes(message.payload), account, now);
  }
  return topic->leaf == "status" ? read_status(*topic, message.payload) : Refused{{}, Refusal::kBadTopic};
}

}  // namespace ferry::hub
