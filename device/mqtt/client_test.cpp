#include "device/mqtt/client.h"

#include <gtest/gtest.h>

#include "device/mqtt/any_broker_test_util.h"

namespace ferry::mqtt {
namespace {

using namespace std::string_literals;

constexpr Session kSession{.client_id = "c", .user = "u", .password = "p", .status_topic = "s"};
const std::string kConnackOk = "\x20\x02\x00\x00"s;

// A client, and what it sent.
class MqttClient : public ::testing::Test {
 protected:
  void connect(const Session& session = kSession) { ASSERT_TRUE(client_.connect(session, now_)); }
  void log_in() {
    connect();
    flush();
    receive(kConnackOk);
    ASSERT_EQ(client_.state(), State::kOnline);
    flush();
  }
  void log_in_and_expect(const std::string& message) {
    connect();
    flush();
    receive(kConnackOk);
    EXPECT_EQ(flush(), "\x31\x09\x00\x01sonline"s + message);
  }
  void receive(std::string_view bytes) { client_.receive(as_bytes(bytes), now_); }
  // Sends all that there is, or `limit` bytes of it, and answers what was sent.
  std::string flush(std::size_t limit = SIZE_MAX) {
    std::string sent;
    while (limit > 0 && !client_.poll_transmit().empty()) {
      const ByteView bytes = client_.poll_transmit().first(std::min(limit, client_.poll_transmit().size()));
      sent += as_text(bytes);
      limit -= bytes.size();
      client_.transmitted(bytes.size(), now_);
    }
    return sent;
  }
  Status publish(std::string_view message) { return client_.publish("t", as_bytes(message), now_); }
  void pass(Duration time) {
    now_ += time;
    client_.handle_timeout(now_);
  }

  Client client_;
  Instant now_{};
};

// MQTT 3.1.1, 3.1: fixed header, "MQTT", level 4, flags, keep alive, client id, will topic and message, user, password.
TEST_F(MqttClient, ConnectAsTheStandardDrawsIt) {
  connect();
  EXPECT_EQ(flush(),
            "\x10\x1F\x00\x04MQTT\x04\xEE\x00\x3C\x00\x01"
            "c\x00\x01s\x00\x07offline\x00\x01u\x00\x01p"s);
}

TEST_F(MqttClient, ConnectWithoutAccount) {
  connect({.client_id = "c", .user = "", .password = "forgotten", .status_topic = "s"});
  EXPECT_EQ(flush(),
            "\x10\x19\x00\x04MQTT\x04\x2E\x00\x3C\x00\x01"
            "c\x00\x01s\x00\x07offline"s);
}

TEST_F(MqttClient, StatusIsFirstAfterTheLogin) {
  connect();
  flush();
  EXPECT_EQ(client_.state(), State::kConnecting);
  receive(kConnackOk);
  EXPECT_EQ(client_.state(), State::kOnline);
  ASSERT_TRUE(publish("m"));
  EXPECT_EQ(flush(), "\x31\x09\x00\x01sonline"s + "\x32\x06\x00\x01t\x00\x01m"s);
}

TEST_F(MqttClient, PublishesOneAtATime) {
  log_in();
  ASSERT_TRUE(publish("first"));
  EXPECT_EQ(publish("second"), fail(Error::kBusy));
  EXPECT_EQ(flush(), "\x32\x0A\x00\x01t\x00\x01"s + "first");
  EXPECT_TRUE(client_.in_flight());
  receive("\x40\x02\x00\x01"s);
  EXPECT_FALSE(client_.in_flight());
  ASSERT_TRUE(publish("second"));
  EXPECT_EQ(flush(), "\x32\x0B\x00\x01t\x00\x02second"s);
}

TEST_F(MqttClient, LongMessageHasTwoBytesOfLength) {
  log_in();
  const std::string message(kMaxMessage, 'x');
  ASSERT_TRUE(publish(message));
  EXPECT_EQ(flush(), "\x32\x85\x04\x00\x01t\x00\x01"s + message);  // 517 = 0x05 + 4 * 128
}

TEST_F(MqttClient, PacketNumbersSkipZero) {
  log_in();
  for (std::uint32_t i = 1; i <= UINT16_MAX + 2U; ++i) {
    ASSERT_TRUE(publish(""));
    const std::string sent = flush();
    const auto id =
        static_cast<std::uint16_t>((static_cast<std::uint8_t>(sent[5]) << 8) | static_cast<std::uint8_t>(sent[6]));
    ASSERT_EQ(id, i <= UINT16_MAX ? i : i - UINT16_MAX);
    receive("\x40\x02"s + sent.substr(5, 2));
    ASSERT_FALSE(client_.in_flight());
  }
}

TEST_F(MqttClient, Limits) {
  log_in();
  const std::string topic(kMaxTopic + 1, 't');
  const std::string message(kMaxMessage + 1, 'm');
  EXPECT_EQ(client_.publish(topic, {}, now_), fail(Error::kMqttTooLarge));
  EXPECT_EQ(client_.publish("t", as_bytes(message), now_), fail(Error::kMqttTooLarge));
  EXPECT_FALSE(client_.in_flight());
  EXPECT_TRUE(client_.publish(std::string_view(topic).substr(1), as_bytes(std::string_view(message).substr(1)), now_));
  EXPECT_EQ(client_.connect({.client_id = "c", .status_topic = topic}, now_), fail(Error::kMqttTooLarge));
  const std::string password(kMaxConnect, 'p');
  EXPECT_EQ(client_.connect({.client_id = "c", .user = "u", .password = password, .status_topic = "s"}, now_),
            fail(Error::kMqttTooLarge));
  EXPECT_TRUE(client_.poll_transmit().empty());
}

TEST_F(MqttClient, PublishesOnlyWhileOnline) {
  EXPECT_EQ(publish("m"), fail(Error::kWrongState));
  connect();
  EXPECT_EQ(publish("m"), fail(Error::kWrongState));
  flush();
  receive(kConnackOk);
  client_.disconnect();
  EXPECT_EQ(publish("m"), fail(Error::kWrongState));
}

TEST_F(MqttClient, T27_SentAgainAsADuplicateOnTheNextConnection) {
  log_in();
  ASSERT_TRUE(publish("m"));
  const std::string first = flush();
  client_.lost(Error::kClosed);
  EXPECT_EQ(client_.state(), State::kFailed);
  EXPECT_EQ(client_.error(), Error::kClosed);
  log_in_and_expect("\x3A"s + first.substr(1));
  client_.lost(Error::kClosed);
  log_in_and_expect("\x3A"s + first.substr(1));  // and once more
  receive("\x40\x02\x00\x01"s);
  client_.lost(Error::kClosed);
  log_in_and_expect("");
}

TEST_F(MqttClient, WhatNeverLeftIsNoDuplicate) {
  log_in();
  ASSERT_TRUE(publish("m"));
  client_.lost(Error::kClosed);
  connect();
  flush();
  receive(kConnackOk);
  EXPECT_EQ(flush(), "\x31\x09\x00\x01sonline\x32\x06\x00\x01t\x00\x01m"s);
}

TEST_F(MqttClient, OnlyItsOwnAcknowledgementCounts) {
  log_in();
  receive("\x40\x02\x00\x01"s);  // of nothing
  ASSERT_TRUE(publish("m"));
  receive("\x40\x02\x00\x01"s);  // before it was sent
  EXPECT_TRUE(client_.in_flight());
  flush(3);
  receive("\x40\x02\x00\x01"s);  // before all of it was sent
  EXPECT_TRUE(client_.in_flight());
  flush();
  receive("\x40\x02\x00\x02\x40\x02\x01\x01"s);  // of others
  EXPECT_TRUE(client_.in_flight());
  receive("\x40\x02\x00\x01\x40\x02\x00\x01"s);  // twice
  EXPECT_FALSE(client_.in_flight());
  EXPECT_EQ(client_.state(), State::kOnline);
}

TEST_F(MqttClient, T26_RefusedLogin) {
  for (char code = 1; code <= 6; ++code) {
    connect();
    flush();
    receive("\x20\x02\x00"s + code);
    EXPECT_EQ(client_.state(), State::kFailed);
    EXPECT_EQ(client_.error(), Error::kMqttRefused);
  }
}

TEST_F(MqttClient, T27_WhatABrokerMayNotSend) {
  const std::vector<std::string> before_login{
      "\x40\x02\x00\x01"s,      // PUBACK
      "\xD0\x00"s,              // PINGRESP
      "\x20\x03\x00\x00\x00"s,  // CONNACK of three bytes
      "\x20\x01\x00"s,          // of one
      "\x20\x00"s,              // of none
      "\x21\x02\x00\x00"s,      // with flags
      "\x20\x02\x02\x00"s,      // with a reserved bit
      "\x00\x00"s,              // no type at all
      "\xF0\x00"s,
      "HTTP/1.1 400 Bad Request\r\n",
  };
  for (const std::string& bytes : before_login) {
    connect();
    flush();
    receive(bytes);
    EXPECT_EQ(client_.error(), Error::kMqttMalformed) << bytes;
  }
  const std::vector<std::string> after_login{
      kConnackOk,                   // a second one
      "\x30\x05\x00\x01tmm"s,       // PUBLISH to one who subscribed to nothing
      "\x30\x04\x00\x01tm"s,        // likewise, as short as an answer
      "\x40\x03\x00\x01\x00"s,      // PUBACK of three bytes
      "\x42\x02\x00\x01"s,          // with flags
      "\x50\x02\x00\x01"s,          // PUBREC
      "\x90\x03\x00\x01\x00"s,      // SUBACK
      "\xD0\x01\x00"s,              // PINGRESP with a body
      "\xC0\x00"s,                  // PINGREQ
      "\xE0\x00"s,                  // DISCONNECT
      "\x10\x04\x00\x00\x00\x00"s,  // CONNECT
  };
  for (const std::string& bytes : after_login) {
    log_in();
    receive(bytes);
    EXPECT_EQ(client_.state(), State::kFailed);
    EXPECT_EQ(client_.error(), Error::kMqttMalformed) << testing::PrintToString(bytes);
    EXPECT_TRUE(client_.poll_transmit().empty());
  }
}

TEST_F(MqttClient, HugeLengthsFailAtOnce) {
  for (const std::string& bytes : {"\x30\xFF\xFF\xFF\x7F"s, "\x30\x80\x80\x80\x80"s, "\x20\x05"s, "\x30\x80\x01"s}) {
    log_in();
    receive(bytes);
    EXPECT_EQ(client_.error(), Error::kMqttMalformed) << testing::PrintToString(bytes);
  }
}

TEST_F(MqttClient, LongFormOfALengthIsRead) {
  log_in();
  ASSERT_TRUE(publish("m"));
  flush();
  receive("\x40\x82\x00\x00\x01"s);  // 2, in two bytes: wasteful, and allowed (2.2.3)
  EXPECT_FALSE(client_.in_flight());
}

TEST_F(MqttClient, AnswerBeforeTheQuestionIsNone) {
  connect();
  flush(5);
  receive(kConnackOk);
  EXPECT_EQ(client_.error(), Error::kMqttMalformed);
}

TEST_F(MqttClient, SessionThatWasKeptDoesNoHarm) {
  connect();
  flush();
  receive("\x20\x02\x01\x00"s);
  EXPECT_EQ(client_.state(), State::kOnline);
}

TEST_F(MqttClient, T27_SplitAnywhere) {
  const std::string broker = kConnackOk + "\x40\x02\x00\x07\xD0\x00\x40\x82\x00\x00\x01"s;
  for (std::size_t piece = 1; piece <= broker.size(); ++piece) {
    EXPECT_EQ(converse(as_bytes(broker), piece), converse(as_bytes(broker), broker.size())) << piece;
  }
}

TEST_F(MqttClient, T21_SilentBrokerTimesOut) {
  connect();
  flush();
  EXPECT_EQ(client_.poll_timeout(), now_ + 20s);
  pass(19999ms);
  EXPECT_EQ(client_.state(), State::kConnecting);
  pass(1ms);
  EXPECT_EQ(client_.error(), Error::kTimedOut);
  EXPECT_EQ(client_.poll_timeout(), kNever);
}

TEST_F(MqttClient, T21_MessageThatIsNotAcknowledgedTimesOut) {
  log_in();
  ASSERT_TRUE(publish("m"));
  flush();
  pass(20s);
  EXPECT_EQ(client_.error(), Error::kTimedOut);
  EXPECT_TRUE(client_.in_flight());  // for the next connection
}

TEST_F(MqttClient, PingsAfterThreeQuartersOfSilence) {
  log_in();
  EXPECT_EQ(client_.poll_timeout(), now_ + 45s);
  pass(44999ms);
  EXPECT_EQ(flush(), "");
  pass(1ms);
  EXPECT_EQ(flush(), "\xC0\x00"s);
  receive("\xD0\x00"s);
  EXPECT_EQ(client_.poll_timeout(), now_ + 45s);
  pass(30s);
  ASSERT_TRUE(publish("m"));
  flush();
  receive("\x40\x02\x00\x01"s);
  EXPECT_EQ(client_.poll_timeout(), now_ + 45s);  // what is sent keeps the connection alive as well
}

TEST_F(MqttClient, T21_HalfOpenConnectionIsNoticed) {
  log_in();
  pass(45s);
  flush();
  pass(20s);
  EXPECT_EQ(client_.error(), Error::kTimedOut);
}

TEST_F(MqttClient, GoodbyeAfterWhatHasBegun) {
  log_in();
  ASSERT_TRUE(publish("message"));
  const std::string first = flush(4);
  client_.disconnect();
  EXPECT_FALSE(client_.finished());
  EXPECT_EQ(first + flush(), "\x32\x0C\x00\x01t\x00\x01message\xE0\x00"s);
  EXPECT_TRUE(client_.finished());
  EXPECT_TRUE(client_.in_flight());  // nobody waited for the answer
}

TEST_F(MqttClient, GoodbyeBeforeWhatHasNot) {
  log_in();
  ASSERT_TRUE(publish("m"));
  client_.disconnect();
  EXPECT_EQ(flush(), "\xE0\x00"s);
  EXPECT_TRUE(client_.finished());
}

TEST_F(MqttClient, ConnectionThatEndsDuringTheGoodbyeIsNoFailure) {
  log_in();
  client_.disconnect();
  client_.lost(Error::kClosed);
  EXPECT_EQ(client_.state(), State::kIdle);
}

TEST_F(MqttClient, NothingBeforeTheLoginNeedsAGoodbye) {
  connect();
  flush();
  client_.disconnect();
  EXPECT_TRUE(client_.finished());
  EXPECT_TRUE(client_.poll_transmit().empty());
}

TEST_F(MqttClient, ExtraCallsAreHarmless) {
  client_.disconnect();
  client_.lost(Error::kClosed);
  receive("anything");
  pass(1h);
  client_.transmitted(100, now_);
  EXPECT_TRUE(client_.poll_transmit().empty());
  log_in();
  client_.transmitted(100, now_);
  receive("");
  EXPECT_EQ(client_.state(), State::kOnline);
  receive("\x01\x00"s);
  ASSERT_EQ(client_.state(), State::kFailed);
  receive(kConnackOk);  // failed stays failed
  EXPECT_EQ(client_.state(), State::kFailed);
  EXPECT_EQ(client_.poll_timeout(), kNever);
}

}  // namespace
}  // namespace ferry::mqtt
