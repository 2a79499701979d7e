#include "tools/ferry/demo/console.h"

#include <gtest/gtest.h>

namespace ferry::tool {
namespace {

TEST(Console, TellsWhatTheBootloaderDecided) {
  const auto event = console_event("boot: software reset, trying slot B, version 2.0.0");
  ASSERT_TRUE(event);
  EXPECT_EQ(
      *event,
      (Json{{"event", "boot"}, {"cause", "software reset"}, {"action", "trial"}, {"version", "2.0.0"}, {"slot", "B"}}));
  EXPECT_EQ((*console_event("boot: watchdog, starting slot A, version 1.0.0; error 301 (spec/errors.md)"))["action"],
            "start");
}

TEST(Console, TellsAnUpgradesSteps) {
  const auto event = console_event("meter: burnt 2.0.0, 107012 bytes over the air, 4711 ms");
  ASSERT_TRUE(event);
  EXPECT_EQ((*event)["event"], "burnt");
  EXPECT_EQ((*event)["bytes"], 107012);
  EXPECT_EQ((*event)["milliseconds"], 4711);
  EXPECT_FALSE(event->contains("error"));
  EXPECT_EQ((*console_event("meter: refused 2.0.0, error 301, 12 ms"))["error_number"], 301);
  EXPECT_EQ((*console_event("meter: burnt 40 %"))["done"], 40);
}

TEST(Console, TellsWhatIsStuck) {
  EXPECT_EQ((*console_event("boot: power on, no slot may start"))["event"], "failed");
}

TEST(Console, OtherLinesTellNothing) {
  for (const char* line : {"", "boot:", "meter: ", "meter: burnt", "meter: version 1.0.0", "burnt 2.0.0, 1 ms"}) {
    EXPECT_FALSE(console_event(line)) << line;
    EXPECT_FALSE(console_memory(line)) << line;
  }
}

TEST(Console, TellsMemory) {
  const auto boot = console_memory("boot: took 65 ms, 2592 bytes of stack, 7424 of objects, 1200 of arena");
  ASSERT_TRUE(boot);
  EXPECT_EQ(boot->program, "bootloader");
  EXPECT_EQ(boot->stack, 2592U);
  EXPECT_EQ(boot->objects, 7424U);
  const auto meter = console_memory("meter: 2592 bytes of stack, 17656 of objects, 2164 of arena");
  ASSERT_TRUE(meter);
  EXPECT_EQ(meter->program, "application");
  const auto decoder = console_memory("meter: of these the decoder's 12280 of objects, 7984 of flash");
  ASSERT_TRUE(decoder);
  EXPECT_EQ(decoder->program, "decoder");
  EXPECT_EQ(decoder->objects, 12280U);
  EXPECT_EQ(decoder->flash, 7984U);
}

}  // namespace
}  // namespace ferry::tool
