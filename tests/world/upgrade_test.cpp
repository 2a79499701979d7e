// The whole story on virtual time, and every threat of docs/threats.md that concerns the manifest and the device.
#include "tests/world/world.h"

namespace ferry::world {
namespace {

const ReleaseOptions kOne{.sequence = 1, .version = "1.0.0"};
const ReleaseOptions kTwo{.sequence = 2, .version = "2.0.0"};

// Bytes that the FTP server was asked for: nothing but the manifest.
bool only_the_manifest_was_fetched(const World& world) {
  return world.ftp.count("RETR") == 1;
}

class Upgrade : public ::testing::Test {
 protected:
  void at_version_one(WorldOptions options = {}) {
    world = std::make_unique<World>(std::move(options));
    world->program_at_factory(kOne);
    ASSERT_TRUE(world->run([&] { return world->settled(); }, 60s));
    ASSERT_EQ(world->running_version(), "1.0.0");
  }

  // The old image runs, nothing was lost, and the next honest release is installed.
  void the_next_honest_upgrade_succeeds(std::uint64_t sequence = 10) {
    EXPECT_EQ(world->running_version(), "1.0.0");
    EXPECT_TRUE(world->device->running_image() == image("1.0.0"));
    world->clock.set_wall_time(WallTime(WallTime::duration(kNoon)));
    world->publish(ReleaseOptions{.sequence = sequence, .version = "3.0.0"});
    ASSERT_TRUE(world->visit()) << world->story();
    EXPECT_EQ(world->running_version(), "3.0.0");
    EXPECT_TRUE(world->device->running_image() == image("3.0.0"));
    EXPECT_EQ(world->device->boot_state().floor.sequence, sequence);
  }

  void expect_refused(Error error) {
    ASSERT_TRUE(world->visit()) << world->story();
    const auto refused = world->last_event(EventKind::kRefused);
    ASSERT_TRUE(refused) << world->story();
    EXPECT_EQ(refused->error, error) << name(refused->error);
  }

  std::unique_ptr<World> world;
};

TEST_F(Upgrade, TellsTheWholeStoryInOrder) {
  at_version_one();
  world->publish(kTwo);
  ASSERT_TRUE(world->visit()) << world->story();
  std::vector<EventKind> kinds;
  for (const Event& event : world->device->events()) {
    kinds.push_back(event.kind);
  }
  const std::vector<EventKind> story = {EventKind::kWindow,     EventKind::kJump,     EventKind::kDownloading,
                                        EventKind::kDownloaded, EventKind::kBurnt,    EventKind::kReset,
                                        EventKind::kTrial,      EventKind::kConfirmed};
  EXPECT_EQ(kinds, story);
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_TRUE(world->device->running_image() == image("2.0.0"));
  EXPECT_EQ(world->device->boot_state().floor.sequence, 2U);
}

// --- Deltas ---

// The image of 1.0.0 with a part inserted.
std::string changed() {
  const std::string old = image("1.0.0");
  return "2.0.0" + old.substr(5, 2000) + image("new", 100) + old.substr(2005);
}

TEST_F(Upgrade, ADeltaGoesToWhoRunsItsPrecursor) {
  at_version_one();
  world->publish(
      {.sequence = 2, .version = "2.0.0", .image = changed(), .deltas_from = {image("0.9.0"), image("1.0.0")}});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_TRUE(world->device->running_image() == changed());
  EXPECT_LT(world->last_event(EventKind::kReset)->bytes, 3000U);  // manifest and delta; the image has 5,100
}

TEST_F(Upgrade, WhoRunsAnotherImageTakesTheWholeOne) {
  at_version_one();
  world->publish({.sequence = 2, .version = "2.0.0", .image = changed(), .deltas_from = {image("0.9.0")}});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_TRUE(world->device->running_image() == changed());
}

TEST_F(Upgrade, ABlankDeviceTakesTheWholeImage) {
  world = std::make_unique<World>();
  world->publish({.sequence = 2, .version = "2.0.0", .image = changed(), .deltas_from = {image("1.0.0")}});
  world->device->power_on(ResetCause::kPowerOn);
  ASSERT_TRUE(world->run([&] { return world->running_version() == "2.0.0"; }, 600s)) << world->story();
  EXPECT_TRUE(world->device->running_image() == changed());
}

// A signed manifest that names the wrong patch: the slot is not marked, and the old image runs on.
TEST_F(Upgrade, ADeltaThatGivesAnotherImageIsRefused) {
  at_version_one();
  host::ReleaseSpec spec =
      world->spec({.sequence = 2, .version = "2.0.0", .image = changed(), .deltas_from = {image("1.0.0")}});
  host::ReleaseDelta& delta = spec.components.front().image.deltas.front();
  delta.payload.at(delta.payload.size() - 40) ^= 1;
  world->publish(host::build_release(spec, Keys::instance().release));
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_TRUE(world->has_event(EventKind::kFailed) || world->has_event(EventKind::kRefused)) << world->story();
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, TheBusinessServerGetsTheEventsAlsoThoseBeforeTheReset) {
  at_version_one();
  world->broker.clear();
  world->publish(kTwo);
  ASSERT_TRUE(world->visit()) << world->story();
  std::vector<EventKind> kinds;
  for (const std::string& payload : world->broker.payloads("/event")) {
    const auto event = decode_event(as_bytes(payload));
    ASSERT_TRUE(event);
    kinds.push_back(event->kind);
  }
  EXPECT_EQ(kinds, (std::vector<EventKind>{EventKind::kWindow, EventKind::kJump, EventKind::kReset, EventKind::kTrial,
                                           EventKind::kConfirmed}));
}

TEST_F(Upgrade, GoesAtItsOwnMomentAndOnce) {
  at_version_one();
  world->publish(kTwo);
  const Schedule schedule(world->device->factory().settings.window, world->device_id);
  const auto moment = schedule.next(world->clock.wall_time());
  ASSERT_TRUE(moment);
  ASSERT_TRUE(world->run_until_event(EventKind::kJump, 24h));
  EXPECT_NEAR(static_cast<double>((*world->clock.wall_time() - *moment).count()), 0, 2);
  ASSERT_TRUE(world->run([&] { return world->settled() && world->running_version() == "2.0.0"; }));
  world->device->clear_events();
  EXPECT_FALSE(world->run_until_event(EventKind::kJump, 12h));
}

TEST_F(Upgrade, NothingNewerCostsOneManifest) {
  at_version_one();
  world->publish(world->factory_release);
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_TRUE(world->has_event(EventKind::kNothingNewer)) << world->story();
  EXPECT_TRUE(only_the_manifest_was_fetched(*world));
}

TEST_F(Upgrade, ABlankDeviceInstallsItsFirstRelease) {
  world = std::make_unique<World>();
  world->publish(kOne);
  ASSERT_TRUE(world->run([&] { return world->settled(); }));
  EXPECT_EQ(world->running_version(), "1.0.0");
}

TEST_F(Upgrade, PayloadInClear) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .encrypted = false});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, DeviceManifestFirstThenTheProducts) {
  at_version_one({.device_manifest = true});
  world->publish(kTwo);
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_EQ(world->ftp.count("RETR fw/acme.example/m1/r2/devices/"), 1U);
}

TEST_F(Upgrade, SeveralComponentsAreInForceTogether) {
  at_version_one({.components = {{.name = "radio", .kind = ComponentKind::kImage},
                                 {.name = "tariff", .kind = ComponentKind::kHandler}}});
  world->handlers[0]->set_in_force("old tariff");
  world->publish(ReleaseOptions{.version = "2.0.0",
                                .further = {{"radio", image("radio 2", 1500)}, {"tariff", "new tariff, longer"}}});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_EQ(world->handlers[0]->in_force(), "new tariff, longer");
  const SlotSet slots = world->device->boot_state().confirmed;
  EXPECT_EQ(slots.slot(0), SlotId::kB);
  EXPECT_EQ(slots.slot(1), SlotId::kB);
}

TEST_F(Upgrade, SeveralComponentsGoBackTogether) {
  at_version_one({.components = {{.name = "tariff", .kind = ComponentKind::kHandler}}});
  world->handlers[0]->set_in_force("old tariff");
  world->publish(
      ReleaseOptions{.version = "2.0.0", .image = image("MUTE"), .further = {{"tariff", "new tariff, longer"}}});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_TRUE(world->has_event(EventKind::kReverted));
  EXPECT_EQ(world->handlers[0]->in_force(), "old tariff");
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, AHandlerThatFailsRevertsTheRelease) {
  at_version_one({.components = {{.name = "tariff", .kind = ComponentKind::kHandler}}});
  world->handlers[0]->set_in_force("old tariff");
  world->handlers[0]->refuse_to_activate(true);
  world->publish(ReleaseOptions{.version = "2.0.0", .further = {{"tariff", "new tariff"}}});
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kReverted));
  EXPECT_EQ(world->last_event(EventKind::kReverted)->error, Error::kHandlerFailed);
  EXPECT_EQ(world->handlers[0]->in_force(), "old tariff");
}

TEST_F(Upgrade, T1_UnsignedBadlySignedOrStrange) {
  at_version_one();
  const auto spec = world->spec(kTwo);
  auto strange = host::build_release(spec, Keys::instance().stranger);
  world->publish(strange);
  expect_refused(Error::kNotAuthentic);
  EXPECT_TRUE(only_the_manifest_was_fetched(*world));
  auto flipped = world->build(kTwo);
  flipped.envelope[60] ^= 1;  // in the authentication wrapper
  world->publish(flipped);
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_TRUE(world->has_event(EventKind::kRefused));
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T1_TruncatedAtEveryEighthByte) {
  at_version_one();
  const auto good = world->build(kTwo);
  for (std::size_t size = 0; size < good.envelope.size(); size += 8) {
    world->put_manifest({good.envelope.begin(), good.envelope.begin() + static_cast<std::ptrdiff_t>(size)});
    ASSERT_TRUE(world->visit()) << size;
    EXPECT_TRUE(world->has_event(EventKind::kRefused)) << size;
  }
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T3_ForAnotherVendorClassOrDevice) {
  at_version_one();
  auto spec = world->spec(kTwo);
  spec.vendor_id[5] ^= 1;
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kNotForThisDevice);
  spec = world->spec(kTwo);
  spec.class_id[5] ^= 1;
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kNotForThisDevice);
  Uuid other = world->device_id;
  other[5] ^= 1;
  world->publish(ReleaseOptions{.version = "2.0.0", .device = other});
  expect_refused(Error::kNotForThisDevice);
  EXPECT_EQ(world->ftp.count("RETR"), 3U);  // three manifests, no payload
  world->publish(ReleaseOptions{.version = "2.0.0", .device = world->device_id});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, T4_RollbackIsRefusedAlsoAfterALostJournalSector) {
  at_version_one();
  world->publish(ReleaseOptions{.sequence = 7, .version = "2.0.0"});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  world->publish(ReleaseOptions{.sequence = 6, .version = "9.0.0"});
  expect_refused(Error::kRollback);
  // Every sector of the journal in turn is lost, and then all of them.
  const auto before = world->flash.content();
  for (std::uint32_t lost = 0; lost <= Layout::kJournalSectors; ++lost) {
    world->flash.restore(before);
    for (std::uint32_t sector = 0; sector < Layout::kJournalSectors; ++sector) {
      if (sector == lost || lost == Layout::kJournalSectors) {
        for (std::uint32_t at = 0; at < 1024; at += 3) {
          world->flash.rot(sector * 1024 + at, 0x5A);
        }
      }
    }
    world->device->power_on(ResetCause::kPowerOn);
    ASSERT_TRUE(world->visit()) << lost;
    EXPECT_EQ(world->running_version(), "2.0.0") << lost;
    ASSERT_TRUE(world->has_event(EventKind::kRefused)) << lost;
    EXPECT_EQ(world->last_event(EventKind::kRefused)->error, Error::kRollback) << lost;
  }
}

TEST_F(Upgrade, T5_SameSequenceOtherContent) {
  at_version_one();
  world->publish(ReleaseOptions{.sequence = 1, .version = "1.5.0"});
  expect_refused(Error::kSequenceReused);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T6_ExpiredAndTheClockSetBack) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .use_before = kNoon - 1});
  expect_refused(Error::kExpired);
  world->clock.jump_wall_time(std::chrono::seconds(-30 * 86400));  // does not revive it
  expect_refused(Error::kExpired);
  world->device->power_on(ResetCause::kPowerOn);  // nor does a reset
  expect_refused(Error::kExpired);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T6_NoClockAtAll) {
  at_version_one();
  world->clock.unset_wall_time();
  world->publish(ReleaseOptions{.version = "2.0.0", .use_before = kNoon + 86400});
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kFailed));
  EXPECT_EQ(world->last_event(EventKind::kFailed)->error, Error::kNoClock);
  at_version_one({.expiring_without_clock = true});
  world->clock.unset_wall_time();
  world->publish(ReleaseOptions{.version = "2.0.0", .use_before = kNoon + 86400});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, T6_ClockFarAhead) {
  at_version_one();
  world->clock.jump_wall_time(std::chrono::seconds(10LL * 365 * 86400));
  world->publish(ReleaseOptions{.version = "2.0.0", .use_before = kNoon + 86400});
  expect_refused(Error::kExpired);
  the_next_honest_upgrade_succeeds();  // its release does not expire
}

TEST_F(Upgrade, T7_FrozenRepositoryIsReported) {
  at_version_one({.stale_days = 30});
  world->publish(world->factory_release);
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_FALSE(world->has_event(EventKind::kStale));
  world->publish(ReleaseOptions{.sequence = 2, .version = "0.9.0"});  // authentic, and nothing newer
  ASSERT_TRUE(world->visit()) << world->story();
  world->clock.jump_wall_time(std::chrono::seconds(31 * 86400));
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_TRUE(world->has_event(EventKind::kStale));
}

TEST_F(Upgrade, T8_PayloadOfAnotherRelease) {
  at_version_one();
  const auto two = world->build(kTwo);
  auto other = world->build(ReleaseOptions{.sequence = 5, .version = "5.0.0"});
  other.payloads[0].path = two.payloads[0].path;
  world->publish(other);
  world->put_manifest(two.envelope);
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kFailed));
  EXPECT_EQ(world->last_event(EventKind::kFailed)->error, Error::kPayloadMismatch);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T10_UnknownCommandOrParameter) {
  at_version_one();
  auto spec = world->spec(kTwo);
  spec.extra_fetch_commands = {.encoded = {0x18, 0x63, 0x0F}, .pairs = 1};  // command 99
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kUnknownCommand);
  spec.extra_fetch_commands = {.encoded = {0x14, 0xA1, 0x18, 0x63, 0x00}, .pairs = 1};  // override {99: 0}
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kUnknownParameter);
  EXPECT_EQ(world->ftp.count("RETR"), 2U);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T20_MoreBytesThanTheManifestSays) {
  at_version_one();
  world->publish(kTwo);
  world->ftp.misbehave.extra_bytes = 1 << 20;
  const std::uint64_t before = world->faults.wire_bytes;
  (void)world->visit();
  EXPECT_LT(world->faults.wire_bytes - before, 60000U);
  world->ftp.misbehave = {};
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T20_EndlessManifest) {
  at_version_one();
  world->put_manifest(host::Bytes(100000, 0x55));
  expect_refused(Error::kManifestTooLarge);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T22_RestIgnoredAfterADrop) {
  at_version_one();
  world->publish(kTwo);
  world->ftp.misbehave.reset_data_at = 2000;
  world->ftp.misbehave.rest = sim::FtpServer::Rest::kIgnored;
  const bool got_there = world->visit(3600s);
  if (world->running_version() != "2.0.0") {  // a drop at the same byte each time leaves nothing to win
    EXPECT_TRUE(got_there);
    world->ftp.misbehave = {};
    ASSERT_TRUE(world->visit()) << world->story();
  }
  EXPECT_EQ(world->running_version(), "2.0.0");
  EXPECT_TRUE(world->device->running_image() == image("2.0.0"));
}

// The download goes on after a reset at a place that the server does not keep: the last bytes that are staged tell.
TEST_F(Upgrade, T22_RestIgnoredAfterAReset) {
  at_version_one();
  world->publish(kTwo);
  world->ftp.misbehave.rest = sim::FtpServer::Rest::kIgnored;
  world->device->upgrade().request_visit();
  ASSERT_TRUE(world->run([&] { return world->ftp.count("RETR") == 2; }));
  world->faults.cut_power_at = world->faults.flash_operations + 12;  // while the payload is being staged
  ASSERT_TRUE(world->run([&] { return world->settled() && world->running_version() == "2.0.0"; }, 3600s))
      << world->story();
  EXPECT_TRUE(world->device->running_image() == image("2.0.0"));
  EXPECT_GE(world->ftp.count("REST"), 1U);
  EXPECT_FALSE(world->has_event(EventKind::kRefused)) << world->story();
}

TEST_F(Upgrade, T27_AVisitHasAnEnd) {
  at_version_one();
  world->publish(kTwo);
  world->ftp.misbehave.drip = 20;  // never quite a stall
  static_cast<void>(world->visit(Duration(std::chrono::hours(7))));
  EXPECT_TRUE(world->device->upgrade().at_work());
}

TEST_F(Upgrade, FinalReleaseReplacesItsCandidate) {
  at_version_one();
  world->publish({.sequence = 2, .version = "2.0.0-rc.1"});
  ASSERT_TRUE(world->visit());
  ASSERT_EQ(world->running_version(), "2.0.0-rc.1");
  world->publish({.sequence = 3, .version = "2.0.0"});
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
  world->publish({.sequence = 4, .version = "2.0.0"});
  (void)world->visit();
  EXPECT_TRUE(world->has_event(EventKind::kNothingNewer)) << world->story();
}

// Nothing waits for a timer that could be done at once.
TEST_F(Upgrade, AVisitIsNoLongerThanItsRoundTrips) {
  at_version_one({.conditions = {.latency = 10ms}});
  world->publish(kTwo);
  ASSERT_TRUE(world->visit());
  const auto downloaded = world->last_event(EventKind::kDownloaded);
  ASSERT_TRUE(downloaded);
  EXPECT_LT(downloaded->milliseconds, 20 * 2 * 10U) << world->story();
}

TEST_F(Upgrade, T25_UriThatLeavesTheProduct) {
  for (const std::string path : {"/etc/passwd", "../x", "a/../../x", "ftp://other.example/x", "a\r\nDELE x", ""}) {
    at_version_one();
    auto built = world->spec(kTwo);
    const auto release = host::build_release(built, Keys::instance().release);
    // The builder makes safe paths only, so the path is set behind its own by a command of the test's.
    host::Bytes encoded = {0x14, 0xA1, 0x15, static_cast<std::uint8_t>(0x60 + path.size())};
    encoded.insert(encoded.end(), path.begin(), path.end());
    host::Bytes commands = {0x0C, 0x01};  // component 1
    commands.insert(commands.end(), encoded.begin(), encoded.end());
    commands.insert(commands.end(), {0x15, 0x02, 0x03, 0x0F});  // fetch, match
    built.extra_fetch_commands = {.encoded = commands, .pairs = 4};
    world->publish(host::build_release(built, Keys::instance().release));
    expect_refused(Error::kBadUri);
    EXPECT_TRUE(only_the_manifest_was_fetched(*world)) << path;
  }
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T26_WrongCredentialsAndFullServer) {
  at_version_one();
  world->publish(kTwo);
  world->ftp.password = "changed";
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kFailed));
  EXPECT_EQ(world->last_event(EventKind::kFailed)->error, Error::kFtpLoginRefused);
  world->ftp.password = "secret";
  world->ftp.misbehave.busy_sessions = 2;  // 421 too many users, twice
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, T32_CrashingImageGoesBack) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .image = image("CRASH")});
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kReverted));
  EXPECT_EQ(world->last_event(EventKind::kReverted)->error, Error::kTrialCrashed);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T32_HangingImageGoesBack) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .image = image("HANG")});
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kReverted));
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T32_ImageThatNeverLogsInGoesBackAndIsNotTriedForEver) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .image = image("MUTE")});
  for (int attempt = 0; attempt < 2; ++attempt) {
    ASSERT_TRUE(world->visit()) << world->story();
    ASSERT_TRUE(world->has_event(EventKind::kReverted));
    EXPECT_EQ(world->last_event(EventKind::kReverted)->error, Error::kTrialNotConfirmed);
  }
  expect_refused(Error::kReleaseFailed);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T33_OldImageAlsoGoneBad) {
  at_version_one();
  const std::uint32_t slot_a = Layout::kJournalSectors * 1024;
  world->flash.rot(slot_a + 100, 0x10);
  world->device->power_on(ResetCause::kPowerOn);
  EXPECT_EQ(world->device->boot_decision().action, BootAction::kRecovery);
  EXPECT_EQ(world->device->boot_decision().reason, Error::kImageMismatch);
  world->publish(kTwo);  // in recovery it keeps what it has, and takes the next release
  ASSERT_TRUE(world->run([&] { return world->settled(); }));
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, T34_BatteryLow) {
  at_version_one();
  world->device->power() = {.on_mains = false, .battery_mwh = 100};
  world->publish(ReleaseOptions{.version = "2.0.0", .minimum_battery = 500});
  ASSERT_TRUE(world->visit()) << world->story();
  ASSERT_TRUE(world->has_event(EventKind::kFailed));
  EXPECT_EQ(world->last_event(EventKind::kFailed)->error, Error::kBatteryLow);
  EXPECT_TRUE(only_the_manifest_was_fetched(*world));
  world->device->power() = {.on_mains = false, .battery_mwh = 501};
  ASSERT_TRUE(world->visit()) << world->story();
  EXPECT_EQ(world->running_version(), "2.0.0");
}

TEST_F(Upgrade, T35_TooLargeForSlotOrStaging) {
  at_version_one();
  world->publish(ReleaseOptions{.version = "2.0.0", .image = image("large", 9000)});  // the slot takes 8 KiB
  expect_refused(Error::kImageTooLarge);
  EXPECT_TRUE(only_the_manifest_was_fetched(*world));
  WorldOptions small;
  small.flash.staging_size = 4 * 1024;
  at_version_one(small);
  world->publish(kTwo);
  expect_refused(Error::kStagingTooSmall);
  EXPECT_TRUE(only_the_manifest_was_fetched(*world));
}

TEST_F(Upgrade, T36_EncryptedForAnotherKey) {
  at_version_one();
  auto spec = world->spec(kTwo);
  spec.encrypt_to = Keys::instance().stranger.public_key().point();
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kUnwrapFailed);
  the_next_honest_upgrade_succeeds();
}

TEST_F(Upgrade, T36_ImageIsNotWhatTheManifestSays) {
  at_version_one();
  auto spec = world->spec(kTwo);
  spec.components[0].image.payload = spec.components[0].image.bytes;
  (*spec.components[0].image.payload)[1234] ^= 1;  // signed by mistake: payload and image disagree
  world->publish(host::build_release(spec, Keys::instance().release));
  expect_refused(Error::kImageMismatch);
  EXPECT_EQ(world->device->boot_state().phase, TrialPhase::kNone);
  the_next_honest_upgrade_succeeds();
}

}  // namespace
}  // namespace ferry::world
