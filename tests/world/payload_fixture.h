// A device that runs version 1.0.0, and releases of 2.0.0 whose payloads a test makes itself.
#pragma once

#include "device/slots/slot.h"
#include "tests/world/world.h"

namespace ferry::world {

class PayloadFixture : public testing::Test {
 protected:
  PayloadFixture(std::string old, std::string fresh) : old_(std::move(old)), fresh_(std::move(fresh)) {
    world.program_at_factory({.sequence = 1, .version = "1.0.0", .image = old_});
  }
  void SetUp() override {
    ASSERT_TRUE(world.run([&] { return world.settled(); }, 60s));
  }

  // A release of its own each time, in clear; `change` puts the payload in.
  template <class Change>
  [[nodiscard]] host::BuiltRelease release_with(const Change& change) {
    auto spec = world.spec({.sequence = ++sequence_, .version = "2.0.0", .image = fresh_, .encrypted = false});
    change(spec.components.front().image);
    return host::build_release(spec, Keys::instance().release);
  }

  void expect_refused() {
    ASSERT_TRUE(world.visit()) << world.story();
    ASSERT_FALSE(world.has_event(EventKind::kReset)) << world.story();
    ASSERT_TRUE(world.has_event(EventKind::kRefused) || world.has_event(EventKind::kFailed)) << world.story();
    std::array<std::uint8_t, 4096> buffer{};
    ASSERT_FALSE(read_envelope(world.device->layout().images[0].envelope[1], buffer)) << "the slot is marked";
    ASSERT_EQ(world.device->boot_state().phase, TrialPhase::kNone);
    ASSERT_EQ(world.running_version(), "1.0.0");
    ASSERT_EQ(world.device->running_image(), old_);
  }

  void expect_installed() {
    ASSERT_TRUE(world.visit()) << world.story();
    EXPECT_EQ(world.running_version(), "2.0.0") << world.story();
    EXPECT_EQ(world.device->running_image(), fresh_);
  }

  World world;

 private:
  std::string old_;
  std::string fresh_;
  std::uint64_t sequence_ = 1;
};

// What is left of a payload that was cut off.
[[nodiscard]] inline host::Bytes first_of(const host::Bytes& payload, std::size_t size) {
  return {payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace ferry::world
