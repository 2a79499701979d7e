#include "servers/hub/throttle.h"

#include <gtest/gtest.h>

namespace ferry::hub {
namespace {

TEST(Throttle, T62_SomeFailuresAreFreeThenTheWaitDoubles) {
  Throttle throttle;
  for (int i = 0; i + 1 < Throttle::kFree; ++i) {
    throttle.failed("a", 1000);
    EXPECT_EQ(throttle.wait("a", 1000), 0);
  }
  throttle.failed("a", 1000);
  EXPECT_EQ(throttle.wait("a", 1000), 2);
  EXPECT_EQ(throttle.wait("a", 1002), 0);
  throttle.failed("a", 1002);
  EXPECT_EQ(throttle.wait("a", 1002), 4);
  EXPECT_EQ(throttle.wait("b", 1002), 0);
}

TEST(Throttle, T62_TheWaitHasALimit) {
  Throttle throttle;
  for (int i = 0; i < 100; ++i) {
    throttle.failed("a", 1000);
  }
  EXPECT_EQ(throttle.wait("a", 1000), Throttle::kMost);
}

TEST(Throttle, SuccessAndTimeForgive) {
  Throttle throttle;
  for (int i = 0; i < 10; ++i) {
    throttle.failed("a", 1000);
    throttle.failed("b", 1000);
  }
  throttle.succeeded("a");
  EXPECT_EQ(throttle.wait("a", 1000), 0);
  throttle.failed("b", 1000 + Throttle::kForget + 1);
  EXPECT_EQ(throttle.wait("b", 1000 + Throttle::kForget + 1), 0);
}

}  // namespace
}  // namespace ferry::hub
