// The fuzz target's checks without a fuzzer: honest brokers' bytes, changed by seed.
#include <gtest/gtest.h>
#include <random>

#include "device/mqtt/any_broker_test_util.h"

namespace ferry::mqtt {
namespace {

using namespace std::string_literals;

std::string mutate(std::string bytes, std::mt19937& random) {
  for (std::size_t changes = 1 + random() % 3; changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(static_cast<std::uint8_t>(bytes[at]) ^ (1U << (random() % 8)));
        break;
      case 2:
        bytes.erase(at, 1 + random() % 3);
        break;
      default:
        bytes.insert(at, 1 + random() % 3, static_cast<char>(random()));
    }
  }
  return bytes;
}

TEST(MqttMutation, T27_AnyBytesLeaveAWorkingClient) {
  const std::vector<std::string> sessions{
      "\x20\x02\x00\x00\x40\x02\x00\x01\xD0\x00"s,
      "\x20\x02\x00\x00\xD0\x00\xD0\x00\x40\x02\x00\x07"s,
      "\x20\x02\x00\x05"s,
      "\x20\x02\x01\x00"s,
      "\x20\x02\x00\x00\xFF\xFF\xFF\x7F"s,
  };
  std::mt19937 random(1);
  for (const std::string& session : sessions) {
    check_any_broker(as_bytes(session));
    for (int i = 0; i < 20000; ++i) {
      check_any_broker(as_bytes(mutate(session, random)));
    }
  }
}

}  // namespace
}  // namespace ferry::mqtt
