#include "device/seal/sealed_link.h"

#include <gtest/gtest.h>

#include "device/seal/vectors_test_util.h"
#include "sim/nor_flash.h"

namespace ferry::seal {
namespace {

class Line final : public BusinessLink {
 public:
  void start(Instant) override { is_started = true; }
  void stop(Instant) override { is_started = false; }
  LinkState state() const override { return is_started ? LinkState::kOnline : LinkState::kOffline; }
  Status publish(Channel to, ByteView message, Instant) override {
    channel = to;
    messages.emplace_back(message.begin(), message.end());
    return ok();
  }
  bool all_acknowledged() const override { return !is_busy; }
  void poll(Instant now) override { polled = now; }
  Instant poll_timeout() const override { return Instant{7s}; }

  bool is_started = false;
  bool is_busy = false;
  Channel channel{};
  Instant polled{};
  std::vector<std::vector<std::uint8_t>> messages;
};

class NoEntropy final : public Entropy {
 public:
  Status fill(ByteSpan bytes) override {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{1});
    return ok();
  }
};

class SealedLinkTest : public ::testing::Test {
 protected:
  SealedLinkTest() {
    factory.seal_key = kVectorKey;
    factory.device_id = kVectorDevice;
    EXPECT_TRUE(journal.mount());
  }
  Status publish(SealedLink& link, std::size_t size) {
    return link.publish(Channel::kEvent, std::vector<std::uint8_t>(size, 0x42), {});
  }

  sim::FaultPlan faults;
  sim::NorFlash flash{{.size = 2048, .sector_size = 1024, .write_size = 8}, faults};
  Journal journal{Area(flash, 0, 2048)};
  NoEntropy entropy;
  FactoryParameters factory;
  Line line;
};

TEST_F(SealedLinkTest, SealsWhatPasses) {
  SealedLink link(line, factory, journal, entropy);
  link.start({});
  ASSERT_TRUE(publish(link, 40));
  ASSERT_EQ(line.messages.size(), 1U);
  EXPECT_EQ(line.channel, Channel::kEvent);
  EXPECT_EQ(line.messages[0].size(), 40 + 27U);
  EXPECT_EQ(line.messages[0][0], 0xD0);
}

TEST_F(SealedLinkTest, WithoutAKeyItChangesNothing) {
  factory.seal_key.reset();
  SealedLink link(line, factory, journal, entropy);
  link.start({});
  ASSERT_TRUE(publish(link, 512));
  EXPECT_EQ(line.messages[0], std::vector<std::uint8_t>(512, 0x42));
}

TEST_F(SealedLinkTest, ForwardsTheRest) {
  SealedLink link(line, factory, journal, entropy);
  EXPECT_EQ(link.state(), LinkState::kOffline);
  link.start({});
  EXPECT_EQ(link.state(), LinkState::kOnline);
  link.poll(Instant{3s});
  EXPECT_EQ(line.polled, Instant{3s});
  EXPECT_EQ(link.poll_timeout(), Instant{7s});
  line.is_busy = true;
  EXPECT_FALSE(link.all_acknowledged());
  link.stop({});
  EXPECT_FALSE(line.is_started);
}

// Callers try again until they succeed: what cannot go out now costs no number.
TEST_F(SealedLinkTest, SpendsNoNumberInVain) {
  SealedLink link(line, factory, journal, entropy);
  EXPECT_EQ(publish(link, 1).error(), Error::kWrongState);
  link.start({});
  line.is_busy = true;
  EXPECT_EQ(publish(link, 1).error(), Error::kBusy);
  line.is_busy = false;
  EXPECT_EQ(publish(link, 485).error(), Error::kMqttTooLarge);
  ASSERT_TRUE(publish(link, 484));
  EXPECT_EQ(line.messages.size(), 1U);
  EXPECT_EQ(line.messages[0].size(), 512U);
  EXPECT_EQ(ByteView(line.messages[0]).subspan(9, 8)[7], 0) << "the first number";
}

}  // namespace
}  // namespace ferry::seal
