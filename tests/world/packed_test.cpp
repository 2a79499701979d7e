// Releases whose whole image is packed: it refers to what the device has written of it.
#include "host/packed/container.h"
#include "tests/world/payload_fixture.h"

namespace ferry::world {
namespace {

const std::string kOld = image("1.0.0", 1500);
const std::string kFresh = "2.0.0" + image("two", 2000) + kOld + image("two", 2000).substr(200) + kOld.substr(5);

class PackedRelease : public PayloadFixture {
 protected:
  PackedRelease() : PayloadFixture(kOld, kFresh) {}

  [[nodiscard]] host::BuiltRelease with_payload(const host::Bytes& payload) {
    return release_with([&](host::ReleaseImage& image) { image.payload = payload; });
  }

  const host::Bytes good = host::packed::make_packed(as_bytes(kFresh));
};

TEST_F(PackedRelease, IsInstalledInClearAndEncrypted) {
  ASSERT_LT(good.size(), kFresh.size() * 2 / 3);
  world.publish({.sequence = 2, .version = "2.0.0", .image = kFresh, .packed = true});
  expect_installed();
  EXPECT_LT(world.last_event(EventKind::kReset)->bytes, good.size() + 2000);
}

TEST_F(PackedRelease, InClear) {
  world.publish(with_payload(good));
  expect_installed();
}

TEST_F(PackedRelease, ADeltaIsTriedFirst) {
  world.publish({.sequence = 2, .version = "2.0.0", .image = kFresh, .deltas_from = {kOld}, .packed = true});
  expect_installed();
}

TEST_F(PackedRelease, T36_SignedTruncatedIsRefused) {
  for (std::size_t size = 1; size < good.size() && !HasFatalFailure();
       size += size < 40 || size + 40 > good.size() ? 1 : 97) {
    SCOPED_TRACE(size);
    world.publish(with_payload(first_of(good, size)));
    expect_refused();
  }
  world.publish(with_payload(good));
  expect_installed();
}

TEST_F(PackedRelease, T36_SignedExtendedIsRefused) {
  host::Bytes longer = good;
  longer.push_back(0);
  world.publish(with_payload(longer));
  expect_refused();
}

TEST_F(PackedRelease, T36_SignedWithChangesIsRefused) {
  for (std::size_t at = 0; at < good.size() && !HasFatalFailure(); at += at < 24 ? 1 : 61) {
    SCOPED_TRACE(at);
    host::Bytes changed = good;
    changed[at] ^= 0x10;
    world.publish(with_payload(changed));
    expect_refused();
  }
}

}  // namespace
}  // namespace ferry::world
