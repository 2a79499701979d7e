"""A supply that runs low, or says that it is about to go: set from the board's console."""
from flash import ENVELOPE, SLOT_B, Area
from process import check

# One instruction at a time: a burn takes long enough to be met in its middle.
SLOW = ("-singlestep",)


def still_waits(device, rounds=50):
    """It answers, so its loop goes round, and burns nothing meanwhile: a burn takes fewer rounds."""
    burnt = device.seen("meter: burnt")
    for _ in range(rounds):
        device.type("status")
        device.expect_quietly(r"meter: module at")
    check(device.seen("meter: burnt") == burnt, "it burns on power that is about to go")


def battery_low(world):
    """T34: a battery below what the manifest wants, at first and in mid-download: waits, and completes when full."""
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    world.release("2.0.0", "meter", "--min-battery", "500")
    device.type("battery low")
    device.type("upgrade")
    device.expect(r"meter: failed 2\.0\.0, error 214")
    check(device.seen("meter: downloading") == 0, "it downloads on a low battery")
    device.type("battery full")
    device.type("upgrade")
    device.expect(r"meter: downloading 30 %")
    device.type("battery low")
    device.expect(r"meter: downloaded 2\.0\.0")
    device.expect(r"meter: failed 2\.0\.0, error 214")
    check(device.seen("meter: burnt") == 0, "it burns on a low battery")
    world.told(kind="failed", error="battery_low")
    device.type("battery full")
    world.upgrade(device, "2.0.0", "B")
    check(device.seen(r"meter: downloading 30 %") == 1, "what was staged was downloaded again")


def brown_out(world):
    """T34: a brown-out announced in mid-download and in mid-burn: no burn begins, one that runs stops; both go on later."""
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    world.release("2.0.0")
    device.type("upgrade")
    device.expect(r"meter: downloading 30 %")
    device.type("brown-out")
    device.expect(r"meter: downloaded 2\.0\.0")
    still_waits(device)
    check(device.seen("meter: burnt") == 0, "a burn began on power that is about to go")
    world.power_off(device)
    device = world.power_on(*SLOW)
    device.expect(r"meter: burnt 10 %")
    device.type("brown-out")
    still_waits(device)
    check(device.seen("meter: burnt 100 %") == 0, "the burn was over before the brown-out: nothing was tested")
    world.power_off(device)
    envelope = world.flash.read(Area(SLOT_B.start + SLOT_B.size - ENVELOPE, ENVELOPE))
    check(set(envelope) == {0xFF}, "half a burn was marked as a whole image")
    device = world.power_on()
    device.expect(r"boot: power on, starting slot A, version 1\.0\.0")
    device.expect(r"boot: software reset, trying slot B, version 2\.0\.0")
    device.expect(r"meter: confirmed 2\.0\.0")


TESTS = {"T34_battery_low": battery_low, "T34_brown_out": brown_out}
