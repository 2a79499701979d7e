"""Upgrades that go well, and versions that are bad."""
from process import check


def upgrade(world):
    """1.0.0 in slot A upgrades to 2.0.0 in slot B, and to 3.0.0 in slot A."""
    device = world.power_on()
    device.expect(r"boot: power on, starting slot A, version 1\.0\.0")
    for version, slot in (("2.0.0", "B"), ("3.0.0", "A")):
        world.release(version)
        world.upgrade(device, version, slot)
    world.told(kind="confirmed", version="3.0.0")
    device.type("status")
    device.expect(r"meter: (\d+ bytes of stack.*)")
    world.power_off(device)
    world.power_on().expect(r"boot: power on, starting slot A, version 3\.0\.0")


def reverts(world, name, because):
    """The device goes back to 1.0.0 by itself, says why, and works on."""
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    world.release("2.0.0", f"meter-{name}")
    device.type("upgrade")
    device.expect(r"trying slot B, version 2\.0\.0")
    device.expect(r"starting slot A, version 1\.0\.0")
    device.expect(r"meter: reverted")
    event = world.told(kind="reverted", error=because)
    check(event["sequence"] == 2, f"the release that was reverted is not named: {event}")
    world.told(kind="started", version="1.0.0")


def crashes(world):
    """T32: a version that crashes."""
    reverts(world, "crashes", "trial_crashed")


def hangs(world):
    """T32: a version that hangs until the watchdog bites."""
    reverts(world, "hangs", "trial_crashed")


def mute(world):
    """T32: a version that works and never logs in."""
    reverts(world, "mute", "trial_not_confirmed")


TESTS = {"upgrade": upgrade, "T32_crashes": crashes, "T32_hangs": hangs, "T32_never_logs_in": mute}
