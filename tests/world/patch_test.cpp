// T8, T36: deltas that are not what they should be. Whether the server changed one, or it was signed wrong: it is
// refused before the spare slot counts for anything, and the device goes on with what it has.
#include "device/payload/container.h"
#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/sealed.h"
#include "tests/world/payload_fixture.h"

namespace ferry::world {
namespace {

const std::string kOld = image("1.0.0", 1500);
const std::string kFresh = "2.0.0" + kOld.substr(5, 700) + "something new" + kOld.substr(705);

// At these places of a payload are digests that the device leaves to the manifest: the beginnings of the old image's
// and of the new one's.
bool is_guard(std::size_t at) {
  return at >= payload::kHeaderSize + 5 && at < payload::kHeaderSize + 13;
}

class Patch : public PayloadFixture {
 protected:
  Patch() : PayloadFixture(kOld, kFresh) {}

  // A release whose only delta is `payload`, for who runs `precursor`.
  [[nodiscard]] host::BuiltRelease with_delta(const host::Bytes& payload, const std::string& precursor = kOld) {
    return release_with([&](host::ReleaseImage& image) {
      image.deltas.push_back(
          {.precursor = host::sha256(as_bytes(precursor)), .precursor_size = precursor.size(), .payload = payload});
    });
  }

  const host::Bytes good = host::delta::make_delta(as_bytes(kOld), as_bytes(kFresh));
};

TEST_F(Patch, TheGoodOneIsInstalled) {
  ASSERT_LT(good.size(), 300U);
  world.publish(with_delta(good));
  expect_installed();
}

TEST_F(Patch, T36_SignedTruncatedAtEveryByteIsRefused) {
  for (std::size_t size = 1; size < good.size() && !HasFatalFailure(); ++size) {
    SCOPED_TRACE(size);
    world.publish(with_delta(first_of(good, size)));
    expect_refused();
  }
  world.publish(with_delta(good));
  expect_installed();
}

TEST_F(Patch, T36_SignedExtendedIsRefused) {
  for (const std::size_t more : {1U, 2U, 16U, 300U}) {
    for (const std::uint8_t with : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{0xFF}}) {
      host::Bytes longer = good;
      longer.resize(good.size() + more, with);
      world.publish(with_delta(longer));
      expect_refused();
    }
  }
  world.publish(with_delta(good));
  expect_installed();
}

// --- Sealed: it says itself how it is encrypted ---

TEST_F(Patch, ASealedOneIsInstalled) {
  world.publish(with_delta(host::seal_payload(good, Keys::instance().device.public_key().point())));
  expect_installed();
}

TEST_F(Patch, T36_SealedForAnotherKeyIsRefused) {
  world.publish(with_delta(host::seal_payload(good, Keys::instance().stranger.public_key().point())));
  expect_refused();
  EXPECT_EQ(world.last_event(EventKind::kRefused)->error, Error::kUnwrapFailed);
}

TEST_F(Patch, T36_SealedTwiceOrTruncatedOrFlippedInItsHeadIsRefused) {
  const auto point = Keys::instance().device.public_key().point();
  const host::Bytes sealed = host::seal_payload(good, point);
  world.publish(with_delta(host::seal_payload(sealed, point)));
  expect_refused();
  const std::size_t head = sealed.size() - good.size();
  ASSERT_GT(head, 100U);
  for (std::size_t at = 1; at <= head && !HasFatalFailure(); ++at) {
    SCOPED_TRACE(at);
    world.publish(with_delta(first_of(sealed, at)));
    expect_refused();
    host::Bytes flipped = sealed;
    flipped[at - 1] = static_cast<std::uint8_t>(flipped[at - 1] ^ (1U << at % 8));
    world.publish(with_delta(flipped));
    expect_refused();
  }
  world.publish(with_delta(sealed));
  expect_installed();
}

// Nothing but the signed image counts: a flip is refused, or does no harm. The latter are the guards, addresses by
// which nothing is guessed, and what is left of the last byte behind the last decision.
TEST_F(Patch, T36_SignedWithABitFlippedInEveryByteIsRefusedOrGivesTheSameImage) {
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    SCOPED_TRACE(at);
    host::Bytes changed = good;
    changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << at % 8));
    World other;
    other.program_at_factory({.sequence = 1, .version = "1.0.0", .image = kOld});
    other.publish(with_delta(changed));
    ASSERT_TRUE(other.visit()) << other.story();
    const bool installed = other.running_version() == "2.0.0";
    EXPECT_EQ(other.device->running_image(), installed ? kFresh : kOld);
    EXPECT_EQ(other.has_event(EventKind::kReset), installed) << other.story();
    refused += installed ? 0 : 1;
  }
  EXPECT_GE(refused + 12 + 8 + 1, good.size()) << "of " << good.size();
}

// What a device does not look at does no harm: what counts is the manifest's digest of the new image.
TEST_F(Patch, T36_SignedWithAChangedGuardGivesTheSameImage) {
  host::Bytes changed = good;
  for (std::size_t at = 0; at < good.size(); ++at) {
    changed[at] = static_cast<std::uint8_t>(changed[at] ^ (is_guard(at) ? 1U : 0U));
  }
  world.publish(with_delta(changed));
  expect_installed();
}

TEST_F(Patch, T8_ChangedOnTheServerAtEveryByteIsRefused) {
  const auto release = with_delta(good);
  const std::string path = "fw/" + std::string(kProduct) + "/" + release.payloads.back().path;
  world.publish(release);
  const std::string honest = world.ftp.files[path];
  ASSERT_EQ(honest.size(), good.size());
  for (std::size_t at = 0; at < honest.size() && !HasFatalFailure(); ++at) {
    SCOPED_TRACE(at);
    world.ftp.files[path][at] = static_cast<char>(honest[at] ^ (1 << at % 8));
    expect_refused();
    world.ftp.files[path] = honest;
  }
  expect_installed();
}

// The manifest says that the delta is for the running image, but it was made from one that differs in one bit.
TEST_F(Patch, T8_MadeFromAnImageThatDiffersInOneBitIsRefused) {
  for (const std::size_t at : {40U, 300U, 500U, 800U, 1000U, 1400U}) {
    SCOPED_TRACE(at);
    std::string other = kOld;
    other[at] = static_cast<char>(other[at] ^ 0x10);
    world.publish(with_delta(host::delta::make_delta(as_bytes(other), as_bytes(kFresh))));
    expect_refused();
  }
  world.publish(with_delta(good));
  expect_installed();
}

// The manifest names the image that it was made from, which is not what runs: the whole image is taken.
TEST_F(Patch, ForAPrecursorThatDiffersInOneBitTheWholeImageIsTaken) {
  std::string other = kOld;
  other[700] = static_cast<char>(other[700] ^ 0x10);
  const auto release = with_delta(host::delta::make_delta(as_bytes(other), as_bytes(kFresh)), other);
  world.publish(release);
  expect_installed();
  EXPECT_EQ(world.ftp.count("RETR fw/" + std::string(kProduct) + "/" + release.payloads.front().path), 1U);
  EXPECT_EQ(world.ftp.count("RETR fw/" + std::string(kProduct) + "/" + release.payloads.back().path), 0U);
}

}  // namespace
}  // namespace ferry::world
