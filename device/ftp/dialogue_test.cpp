#include "device/ftp/dialogue.h"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace ferry::ftp {
namespace {

std::optional<Error> error_of(const Status& status) {
  return status ? std::nullopt : std::optional(status.error());
}

// Answers each command from a list and keeps what was said. No network: the machine alone.
class Script {
 public:
  explicit Script(std::size_t piece) : piece_(piece) {}

  void say(std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, piece_);
      text.remove_prefix(part.size());
      dialogue.receive(as_bytes(part), now);
    }
  }
  // The command that is to be sent now.
  std::string take() {
    const std::string command(as_text(dialogue.poll_transmit()));
    dialogue.transmitted(command.size());
    return command;
  }
  void log_in() {
    dialogue.connect("meter", "secret", now);
    dialogue.signal(Signal::kConnected, now);
    say("220-Hello\r\n220 x\r\n");
    EXPECT_EQ(take(), "USER meter\r\n");
    say("331 x\r\n");
    EXPECT_EQ(take(), "PASS secret\r\n");
    say("230-x\r\n y\r\n230 z\r\n");
    EXPECT_EQ(take(), "TYPE I\r\n");
    say("200 x\r\n");
    EXPECT_EQ(dialogue.step(), Step::kReady);
  }

  Instant now{};
  Dialogue dialogue{Timeouts{}};

 private:
  std::size_t piece_;
};

TEST(FtpDialogue, ResumeInAnySplit) {
  for (std::size_t piece : {1U, 2U, 5U, 1000U}) {
    Script script(piece);
    script.log_in();
    script.dialogue.retrieve("a/b", Intake(1000, 4000000000U, 0), script.now);
    EXPECT_EQ(script.take(), "EPSV\r\n");
    script.say("229 x (|||50000|)\r\n");
    EXPECT_EQ(script.dialogue.poll_data_port(), 50000);
    EXPECT_EQ(script.dialogue.poll_data_port(), std::nullopt);
    script.dialogue.signal(Signal::kDataConnected, script.now);
    EXPECT_EQ(script.take(), "REST 1000\r\n");
    script.say("350 x\r\n");
    EXPECT_EQ(script.take(), "RETR a/b\r\n");
    script.say("150 x\r\n226 x\r\n");
    EXPECT_EQ(script.dialogue.step(), Step::kDraining);
  }
}

TEST(FtpDialogue, LargestOffsetAndLongestPathFit) {
  Script script(1000);
  script.log_in();
  const std::string path(kMaxPath, 'p');
  script.dialogue.retrieve(path, Intake(4294967294U, 4294967295U, 0), script.now);
  script.take();
  script.say("229 x (|||50000|)\r\n");
  script.dialogue.signal(Signal::kDataConnected, script.now);
  EXPECT_EQ(script.take(), "REST 4294967294\r\n");
  script.say("350 x\r\n");
  EXPECT_EQ(script.take(), "RETR " + path + "\r\n");
}

TEST(FtpDialogue, T24_ReplyBeforeItsCommandIsRefused) {
  Script script(1000);
  script.dialogue.connect("meter", "secret", script.now);
  script.dialogue.signal(Signal::kConnected, script.now);
  script.say("220 x\r\n331 y\r\n");
  EXPECT_EQ(script.dialogue.step(), Step::kFailed);
  EXPECT_EQ(script.dialogue.outcome().error(), Error::kFtpUnexpectedReply);
}

TEST(FtpDialogue, ExtraCallsAreHarmless) {
  Script script(1000);
  script.log_in();
  const auto nothing_changes = [&] {
    for (std::uint16_t signal = 7; signal <= 12; ++signal) {
      script.dialogue.signal(static_cast<Signal>(signal), script.now, Error::kIo);
    }
    script.dialogue.receive({}, script.now);
    script.dialogue.handle_timeout(script.now + 1h);
  };
  EXPECT_EQ(script.dialogue.poll_timeout(), kNever);
  script.dialogue.receive({}, script.now);
  script.dialogue.handle_timeout(script.now + 1h);
  script.dialogue.transmitted(0);
  EXPECT_EQ(script.dialogue.step(), Step::kReady);
  script.dialogue.signal(Signal::kLost, script.now, Error::kClosed);
  EXPECT_EQ(script.dialogue.step(), Step::kFailed);
  EXPECT_TRUE(script.dialogue.outcome().has_value());  // of the last request
  nothing_changes();
  EXPECT_EQ(script.dialogue.step(), Step::kFailed);
}

// Whatever bytes come, in whatever pieces: the machine ends in the same step with the same outcome.
TEST(FtpDialogue, MutatedRepliesSplitAnywhereEndTheSame) {
  const std::string greeting = "220-Hello\r\n220 x\r\n";
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    std::string mutated = greeting + "421-a\r\n421 b\r\n";
    for (int changes = 0; changes < 2; ++changes) {
      mutated[random() % mutated.size()] = "\r\n 12345-"[random() % 9];
    }
    Script whole(1000);
    Script split(1 + random() % 4);
    for (Script* script : {&whole, &split}) {
      script->dialogue.connect("meter", "secret", script->now);
      script->dialogue.signal(Signal::kConnected, script->now);
      script->say(mutated);
    }
    EXPECT_EQ(whole.dialogue.step(), split.dialogue.step());
    EXPECT_EQ(error_of(whole.dialogue.outcome()), error_of(split.dialogue.outcome()));
  }
}

}  // namespace
}  // namespace ferry::ftp
