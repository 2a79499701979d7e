"""Bits that flip in the flash while the power is off."""
from chance import dice
from flash import END, ENVELOPE, JOURNAL, SLOT_A, SLOT_B, STAGING, Area
from process import check


def rot_in_staging(world):
    """T31: what was downloaded rots before a power cut ends: found by its digest, and fetched anew."""
    chance = dice()
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    world.release("2.0.0")
    device.type("upgrade")
    device.expect(r"meter: downloading [456]0 %")
    world.power_off(device)
    staged = world.flash.written(Area(STAGING.start, 32 * 1024))
    check(len(staged) > 16 * 1024, "next to nothing was staged")
    world.flash.rot(chance, staged, 4)
    device = world.power_on()
    device.expect(r"starting slot A, version 1\.0\.0")
    device.expect(r"meter: (failed|refused) 2\.0\.0, error 304")
    check(device.seen("burnt") == 0, "a rotten payload was burnt")
    world.told(error="payload_mismatch")
    world.upgrade(device, "2.0.0", "B")


def slot_places(flash, area):
    """First word, middle and end of the image, and the envelope as long as it is."""
    envelope = area.start + area.size - ENVELOPE
    return [("reset vector", range(area.start, area.start + 8)), ("image", range(area.start, area.start + 90 * 1024)),
            ("envelope's header", range(envelope, envelope + 12)), ("envelope", flash.written(Area(envelope + 12, 1024)))]


def rot_in_slot(world):
    """T31: the slot in force rots: the other one starts, says so, and the release can be had again."""
    chance = dice()
    world.upgraded()
    world.copy_flash("good.bin")
    for name, places in slot_places(world.flash, SLOT_B):
        world.restore_flash("good.bin")
        print(f"mcu: {name}: {world.flash.rot(chance, list(places))}", flush=True)
        device = world.power_on()
        device.expect(r"boot: power on, starting slot A, version 1\.0\.0; error \d+")
        device.expect(r"meter: version 1\.0\.0")
        check(device.seen(r"2\.0\.0") == 0, "what rotted was started")
        if name != "envelope":
            world.power_off(device)
    world.upgrade(device, "2.0.0", "B")


def rot_in_journal(world):
    """T31: the journal rots: what starts is authentic, and never the older release without a word."""
    chance = dice()
    world.upgraded()
    world.copy_flash("good.bin")
    written = world.flash.written(JOURNAL)
    for count in (1, 1, 1, 1, 8, 64, len(written)):
        world.restore_flash("good.bin")
        world.flash.rot(chance, written, count)
        device = world.power_on()
        first = device.expect(r"boot: power on, (.*)").group(1)
        check(first in ("starting slot B, version 2.0.0", "trying slot B, version 2.0.0"), f"{count} bits: {first}")
        device.expect(r"meter: version 2\.0\.0")
        if count < len(written):
            world.power_off(device)
    device.expect(r"meter: confirmed 2\.0\.0")  # all of the journal was lost: 2.0.0 had to prove itself anew
    device.type("upgrade")
    device.expect(r"meter: nothing_newer")


def both_slots_bad(world):
    """T33: the bootloader stays in recovery, says so, and keeps what is in flash; a good slot A mends it."""
    chance = dice()
    world.upgraded()
    good = world.flash.read(SLOT_A)
    for area in (SLOT_A, SLOT_B):
        world.flash.rot(chance, list(range(area.start, area.start + 90 * 1024)))
    for _ in range(2):
        before = world.flash.read(Area(0, END))
        device = world.power_on()
        device.expect(r"boot: power on, no slot may start; error \d+")
        device.expect(r"boot: recovery; write a release into slot A and reset")
        world.power_off(device)
        check(device.seen("meter:") == 0, "an application was started")
        after = world.flash.read(Area(0, END))
        check(before[SLOT_A.start:] == after[SLOT_A.start:], "what was in flash was not kept")
    world.flash.write(SLOT_A.start, good)
    device = world.power_on()
    device.expect(r"boot: power on, starting slot A, version 1\.0\.0")
    world.upgrade(device, "2.0.0", "B")


TESTS = {"T31_bit_rot_in_staging": rot_in_staging, "T31_bit_rot_in_slot": rot_in_slot,
         "T31_bit_rot_in_journal": rot_in_journal, "T33_both_slots_bad": both_slots_bad}
