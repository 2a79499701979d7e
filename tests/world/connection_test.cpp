// T27: the connection is cut at every byte, of commands, replies, the manifest and the payload.
#include "tests/world/world.h"

namespace ferry::world {
namespace {

const ReleaseOptions kOne{.sequence = 1, .version = "1.0.0"};
const ReleaseOptions kTwo{.sequence = 2, .version = "2.0.0"};

std::unique_ptr<World> world_at_version_one() {
  auto world = std::make_unique<World>();
  world->program_at_factory(kOne);
  world->publish(kTwo);
  EXPECT_TRUE(world->run([&] { return world->settled(); }));
  return world;
}

// Bytes over the wire of one whole upgrade, from the jump on.
std::uint64_t bytes_of_an_upgrade() {
  const auto world = world_at_version_one();
  const std::uint64_t before = world->faults.wire_bytes;
  EXPECT_TRUE(world->visit());
  return world->faults.wire_bytes - before;
}

void expect_version_two_after_a_cut_at(std::uint64_t byte) {
  const auto world = world_at_version_one();
  world->faults.cut_connection_at = world->faults.wire_bytes + byte;
  static_cast<void>(world->visit(3600s));
  if (world->running_version() != "2.0.0") {
    ASSERT_TRUE(world->visit(3600s)) << "cut at byte " << byte << ": " << world->story();
  }
  ASSERT_EQ(world->running_version(), "2.0.0") << "cut at byte " << byte << ": " << world->story();
  ASSERT_TRUE(world->device->running_image() == image("2.0.0")) << "cut at byte " << byte;
}

class Connection : public testing::TestWithParam<int> {};
constexpr int kParts = 4;

// The payload's bytes are all alike to a connection, so of those only some are cut; of everything else, every one.
TEST_P(Connection, T27_CutAtEveryByte) {
  const std::uint64_t all = bytes_of_an_upgrade();
  ASSERT_GT(all, 5000U);
  const std::uint64_t step_in_payload = 37;
  for (std::uint64_t byte = 1; byte <= all; byte += byte < 1800 || byte > all - 1200 ? 1 : step_in_payload) {
    if (byte % kParts == static_cast<std::uint64_t>(GetParam())) {
      expect_version_two_after_a_cut_at(byte);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Part, Connection, testing::Range(0, kParts));

}  // namespace
}  // namespace ferry::world
