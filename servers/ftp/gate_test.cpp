#include "servers/ftp/gate.h"

#include <gtest/gtest.h>

namespace ferry::server::ftp {
namespace {

using Answer = Gate::Answer;

class FtpGate : public testing::Test {
 protected:
  Limits limits_{
      .sessions = 10, .sessions_per_address = 4, .failed_logins_per_address = 3, .failed_login_window = 600s};
  Instant now_{1s};
};

TEST_F(FtpGate, T53_OneAddressDoesNotTakeAllSessions) {
  Gate gate(limits_);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(gate.enter("a", now_), Answer::kCome);
  }
  EXPECT_EQ(gate.enter("a", now_), Answer::kAddressFull);
  EXPECT_EQ(gate.enter("b", now_), Answer::kCome);
  gate.leave("a", now_);
  EXPECT_EQ(gate.enter("a", now_), Answer::kCome);
}

TEST_F(FtpGate, T53_TheServerIsFullAndRecovers) {
  Gate gate(limits_);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(gate.enter("a" + std::to_string(i), now_), Answer::kCome);
  }
  EXPECT_EQ(gate.enter("b", now_), Answer::kServerFull);
  gate.leave("a3", now_);
  EXPECT_EQ(gate.enter("b", now_), Answer::kCome);
  EXPECT_EQ(gate.sessions(), 10U);
}

TEST_F(FtpGate, T53_BruteForceIsLockedOutForATime) {
  Gate gate(limits_);
  EXPECT_EQ(gate.enter("a", now_), Answer::kCome);
  for (int i = 0; i < 3; ++i) {
    gate.login_failed("a", now_ + i * 1s);
  }
  EXPECT_EQ(gate.enter("a", now_ + 599s), Answer::kLockedOut);
  EXPECT_EQ(gate.enter("b", now_ + 599s), Answer::kCome);
  EXPECT_EQ(gate.enter("a", now_ + 600s), Answer::kCome);
}

TEST_F(FtpGate, T53_ForgetsAddresses) {
  Gate gate(limits_);
  for (int i = 0; i < 10'000; ++i) {
    const std::string address = std::to_string(i);
    EXPECT_EQ(gate.enter(address, now_), Answer::kCome);
    gate.login_failed(address, now_);
    gate.leave(address, now_);
    now_ += 1s;
  }
  EXPECT_LE(gate.known_addresses(), 1300U) << "at most those of two windows";
  EXPECT_EQ(gate.sessions(), 0U);
}

}  // namespace
}  // namespace ferry::server::ftp
