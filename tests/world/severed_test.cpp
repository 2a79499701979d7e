// Manifests whose payload-fetch and install are files of their own: what a poll costs, every way in which such a file
// may be wrong, and the power and the connection cut at every moment on the way.
#include "tests/world/world.h"

namespace ferry::world {
namespace {

const ReleaseOptions kOne{.sequence = 1, .version = "1.0.0"};
const ReleaseOptions kTwo{.sequence = 2, .version = "2.0.0", .severed = true};

class Severed : public testing::Test {
 protected:
  explicit Severed() { world.program_at_factory(kOne); }

  void SetUp() override {
    ASSERT_TRUE(world.run([&] { return world.settled(); }, 60s));
  }

  [[nodiscard]] std::string& file_of(suit::Member member) {
    for (const auto& file : two.members) {
      if (file.member == member) {
        return world.ftp.files["fw/" + std::string(kProduct) + "/" + file.path];
      }
    }
    throw std::logic_error("the release has no such member");
  }

  // Refused with this error, the old image runs, and what is right in the end is installed.
  void expect_refused(EventKind kind, Error error) {
    ASSERT_TRUE(world.visit()) << world.story();
    const auto refused = world.last_event(kind);
    ASSERT_TRUE(refused) << world.story();
    EXPECT_EQ(refused->error, error) << name(refused->error);
    EXPECT_FALSE(world.has_event(EventKind::kBurnt));
    EXPECT_EQ(world.running_version(), "1.0.0");
    EXPECT_TRUE(world.device->running_image() == image("1.0.0"));
  }
  void expect_installed_once_it_is_right() {
    world.publish(two);
    ASSERT_TRUE(world.visit()) << world.story();
    expect_version_two(world);
  }
  static void expect_version_two(World& of) {
    EXPECT_EQ(of.running_version(), "2.0.0") << of.story();
    EXPECT_TRUE(of.device->running_image() == image("2.0.0"));
    EXPECT_EQ(of.device->boot_state().floor.sequence, 2U);
  }

  World world;
  host::BuiltRelease two = world.build(kTwo);
};

TEST_F(Severed, MembersAreFetchedInTurnAndNothingNewerCostsTheManifestAlone) {
  world.publish(two);
  ASSERT_TRUE(world.visit()) << world.story();
  expect_version_two(world);
  const std::vector<std::string> expected = {"manifest.suit", two.members[0].path, two.payloads[0].path,
                                             two.members[1].path};
  std::vector<std::string> fetched;
  for (const std::string& command : world.ftp.commands()) {
    const std::string start = "RETR fw/" + std::string(kProduct) + "/";
    if (command.starts_with(start)) {
      fetched.push_back(command.substr(start.size()));
    }
  }
  EXPECT_EQ(fetched, expected);
  world.ftp.clear_log();
  ASSERT_TRUE(world.visit());
  EXPECT_TRUE(world.has_event(EventKind::kNothingNewer)) << world.story();
  EXPECT_EQ(world.ftp.count("RETR"), 1U);
}

TEST_F(Severed, ADeltaIsChosenByTheMembers) {
  const std::string old = image("1.0.0");
  const std::string changed = "2.0.0" + old.substr(5, 2000) + image("new", 100) + old.substr(2005);
  world.publish({.version = "2.0.0", .image = changed, .deltas_from = {image("0.9.0"), old}, .severed = true});
  ASSERT_TRUE(world.visit()) << world.story();
  EXPECT_TRUE(world.device->running_image() == changed);
  EXPECT_LT(world.last_event(EventKind::kReset)->bytes, 3500U);  // the image has 5,100
}

TEST_F(Severed, WhoseReleaseItIsNotFetchesNoMember) {
  auto spec = world.spec(kTwo);
  spec.class_id[3] ^= 1;
  world.publish(host::build_release(spec, Keys::instance().release));
  expect_refused(EventKind::kRefused, Error::kNotForThisDevice);
  EXPECT_EQ(world.ftp.count("RETR"), 1U);
  expect_installed_once_it_is_right();
}

TEST_F(Severed, AMemberThatIsNotThere) {
  for (const auto member : {suit::Member::kPayloadFetch, suit::Member::kInstall}) {
    world.publish(two);
    const std::string content = file_of(member);
    std::erase_if(world.ftp.files, [&](const auto& file) { return file.second == content; });
    expect_refused(EventKind::kFailed, Error::kFtpFileUnavailable);
  }
  expect_installed_once_it_is_right();
}

TEST_F(Severed, AMemberThatIsAnother) {
  const auto other = world.build({.sequence = 2, .version = "2.0.0", .image = image("other"), .severed = true});
  for (const std::size_t which : {0U, 1U}) {
    world.publish(two);
    file_of(two.members[which].member) = std::string(as_text(other.members[which].bytes));
    expect_refused(EventKind::kRefused, Error::kMemberMismatch);
    world.publish(two);
    file_of(two.members[which].member) = std::string(as_text(two.members[1 - which].bytes));
    expect_refused(EventKind::kRefused, Error::kMemberMismatch);
  }
  expect_installed_once_it_is_right();
}

TEST_F(Severed, AMemberCutShortLengthenedOrChanged) {
  for (const auto member : {suit::Member::kPayloadFetch, suit::Member::kInstall}) {
    world.publish(two);
    const std::string good = file_of(member);
    std::string changed = good;
    changed[good.size() / 2] = static_cast<char>(changed[good.size() / 2] ^ 1);
    for (const std::string& bad :
         {good.substr(0, good.size() - 1), good.substr(0, 1), std::string(), good + "x", changed}) {
      file_of(member) = bad;
      expect_refused(EventKind::kRefused, Error::kMemberMismatch);
    }
    file_of(member) = std::string(100000, 'x');
    expect_refused(EventKind::kRefused, Error::kManifestTooLarge);
  }
  expect_installed_once_it_is_right();
}

// A member with the digest that was signed, and a form that no device takes.
TEST_F(Severed, AMemberThatWasSignedMalformed) {
  auto spec = world.spec(kTwo);
  spec.extra_fetch_commands = {.encoded = {0x18, 0x63, 0x0F}, .pairs = 1};  // command 99
  world.publish(host::build_release(spec, Keys::instance().release));
  expect_refused(EventKind::kRefused, Error::kUnknownCommand);
  expect_installed_once_it_is_right();
}

// The wire's bytes count how far the visit is: the power goes at each of them, in manifest, members and payload.
TEST_F(Severed, T30_PowerCutAtEveryMomentOfTheDownloads) {
  const std::uint64_t before = world.faults.wire_bytes;
  world.publish(two);
  ASSERT_TRUE(world.visit());
  const std::uint64_t all = world.faults.wire_bytes - before;
  ASSERT_GT(all, 6000U);
  for (std::uint64_t byte = 1; byte < all && !HasFailure(); byte += 53) {
    World one;
    one.program_at_factory(kOne);
    ASSERT_TRUE(one.run([&] { return one.settled(); }, 60s));
    one.publish(two);
    const std::uint64_t cut_at = one.faults.wire_bytes + byte;
    one.device->upgrade().request_visit();
    ASSERT_TRUE(one.run([&] { return one.faults.wire_bytes >= cut_at; }, 600s)) << byte;
    one.faults.power_is_off = true;
    ASSERT_TRUE(one.run([&] { return one.device->power_cuts() == 1 && one.settled(); }, 600s)) << byte;
    if (one.running_version() != "2.0.0") {  // cut before the visit was noted
      ASSERT_TRUE(one.visit(3600s)) << byte << ": " << one.story();
    }
    SCOPED_TRACE(byte);
    expect_version_two(one);
  }
}

TEST_F(Severed, T27_ConnectionCutAtEveryMoment) {
  const std::uint64_t before = world.faults.wire_bytes;
  world.publish(two);
  ASSERT_TRUE(world.visit());
  const std::uint64_t all = world.faults.wire_bytes - before;
  for (std::uint64_t byte = 1; byte < all && !HasFailure(); byte += 17) {
    World one;
    one.program_at_factory(kOne);
    ASSERT_TRUE(one.run([&] { return one.settled(); }, 60s));
    one.publish(two);
    one.faults.cut_connection_at = one.faults.wire_bytes + byte;
    static_cast<void>(one.visit(3600s));
    if (one.running_version() != "2.0.0") {
      ASSERT_TRUE(one.visit(3600s)) << byte << ": " << one.story();
    }
    SCOPED_TRACE(byte);
    expect_version_two(one);
  }
}

}  // namespace
}  // namespace ferry::world
