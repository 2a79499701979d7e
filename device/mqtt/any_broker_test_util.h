// Any bytes as a broker: whatever it sends, the client keeps the protocol. For the fuzz target and the tests.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "device/mqtt/client.h"

namespace ferry::mqtt {

// Splits what a client sent into packets, strictly; aborts where there is none.
inline std::vector<std::string> split_packets(std::string_view bytes) {
  std::vector<std::string> packets;
  while (!bytes.empty()) {
    std::size_t length = 0;
    std::size_t header = 1;
    for (;; ++header) {
      if (header >= bytes.size() || header > 4) {
        std::abort();
      }
      const auto digit = static_cast<std::uint8_t>(bytes[header]);
      length |= static_cast<std::size_t>(digit & 0x7FU) << (7 * (header - 1));
      if ((digit & 0x80U) == 0) {
        break;
      }
    }
    const std::size_t size = header + 1 + length;
    if (bytes.size() < size) {
      std::abort();
    }
    packets.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return packets;
}

struct Conversation {
  State state = State::kIdle;
  Error error{};
  bool in_flight = false;
  std::string sent;
  // A client that failed may or may not have got its last words out.
  friend bool operator==(const Conversation& a, const Conversation& b) {
    return a.state == b.state && a.error == b.error && a.in_flight == b.in_flight &&
           (a.state == State::kFailed || a.sent == b.sent);
  }
};

// Logs in, publishes as soon as it may, and hears `broker` in pieces of `piece` bytes; after each byte it sends what it
// has, so that pieces make no difference. Byte 0xF0 to 0xFF also moves the time on, by up to half a minute.
inline Conversation converse(ByteView broker, std::size_t piece) {
  Client client;
  Instant now{};
  Conversation heard;
  const auto flush = [&] {
    for (ByteView bytes = client.poll_transmit(); !bytes.empty(); bytes = client.poll_transmit()) {
      heard.sent += as_text(bytes);
      client.transmitted(bytes.size(), now);
    }
  };
  if (!client.connect({.client_id = "meter", .user = "u", .password = "p", .status_topic = "ferry/meter/status"},
                      now)) {
    std::abort();
  }
  flush();
  while (!broker.empty()) {
    const ByteView part = broker.first(std::min(piece, broker.size()));
    broker = broker.subspan(part.size());
    client.receive(part, now);
    flush();
    if (part.back() >= 0xF0 && piece == 1) {
      now += Duration((part.back() & 0x0FU) * 2000);
      client.handle_timeout(now);
      flush();
    }
  }
  if (client.state() == State::kOnline && client.publish("ferry/meter/data", as_bytes("23"), now)) {
    flush();
  }
  heard.state = client.state();
  heard.error = client.error();
  heard.in_flight = client.in_flight();
  return heard;
}

// Aborts where the client breaks a promise.
inline void check_any_broker(ByteView broker) {
  const auto check = [](const Conversation& heard) {
    const std::vector<std::string> packets = split_packets(heard.sent);
    const bool began = !packets.empty() && packets[0][0] == 0x10;
    const bool ended = heard.state == State::kOnline || heard.state == State::kConnecting ||
                       (heard.state == State::kFailed && heard.error != Error{});
    if (!began || !ended) {
      std::abort();
    }
  };
  check(converse(broker, 1));
  const Conversation whole = converse(broker, broker.size() + 1);
  check(whole);
  if (whole != converse(broker, 3) || whole != converse(broker, 2)) {
    std::abort();
  }
}

}  // namespace ferry::mqtt
