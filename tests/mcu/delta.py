"""Upgrades by delta: what is fetched, and what becomes of a precursor or a patch that is not as it should be."""
import re
import time

from chance import dice, how_many
from flash import SLOT_A, SLOT_B, Area
from process import PATIENCE, check
from refusals import flip_in_file, refused

SLOTS = {"A": SLOT_A, "B": SLOT_B}
MOST = 20_000  # bytes over the air in a visit that fetches a delta: the image has 110,000


def image_of(world, name, slot):
    return (world.firmware / f"{name}-{slot.lower()}.bin").read_bytes()


def fetched(device, version):
    """Bytes over the air, as the device says them when the image is burnt."""
    found = [re.search(rf"meter: burnt {version}, (\d+) bytes over the air", line) for line in device.lines]
    told = [int(match[1]) for match in found if match]
    check(len(told) == 1, f"{version} was burnt {len(told)} times:\n  " + "\n  ".join(device.lines))
    return told[0]


def check_slot(world, name, slot):
    image = image_of(world, name, slot)
    check(world.flash.read(Area(SLOTS[slot].start, len(image))) == image, f"slot {slot} does not hold {name}")


def delta_both_ways(world):
    """By delta from slot A to B, where the base is another, and back to A: next to nothing is fetched."""
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    for version, slot, name, old in (("2.0.0", "B", "meter-next", "meter"), ("3.0.0", "A", "meter", "meter-next")):
        world.release_delta(version, name, old)
        world.upgrade(device, version, slot)
        size = fetched(device, version)
        delta = world.payload(version, slot.lower(), "delta-").stat().st_size
        print(f"mcu: {version} into slot {slot}: {size} bytes over the air, of them {delta} the delta, for an image of "
              f"{len(image_of(world, name, slot))}", flush=True)
        check(size < MOST, f"{size} bytes for a delta of {delta}")
        check_slot(world, name, slot)
    world.told(kind="confirmed", version="3.0.0")
    device.type("status")
    device.expect(r"meter: \d+ bytes of stack.*")
    device.expect(r"meter: of these the decoder's \d+ of objects, \d+ of flash")
    world.power_off(device)
    world.power_on().expect(r"boot: power on, starting slot A, version 3\.0\.0")


def another_precursor(world):
    """T8: a delta from an image that differs in one bit from the one that runs: not taken, the whole image is."""
    other = world.folder / "other-a.bin"
    other.write_bytes(image_of(world, "meter", "A"))
    flip_in_file(other)
    world.release("2.0.0", "meter-next", "--from-slot-a", str(other))
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    world.upgrade(device, "2.0.0", "B")
    size, whole = fetched(device, "2.0.0"), len(image_of(world, "meter-next", "B"))
    check(size > whole, f"{size} bytes for a whole image of {whole}")
    check_slot(world, "meter-next", "B")


def precursor_rots(world):
    """T31: a bit of the running image flips after it was matched: what is decoded is refused, no slot is marked."""
    world.release_delta("2.0.0")
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    device.type("brown-out")  # nothing is burnt while this lasts
    device.type("upgrade")
    device.expect(r"meter: downloaded 2\.0\.0")
    # A text that the program that runs does not need, and that is copied into the new one.
    rotten = SLOT_A.start + image_of(world, "meter", "A").index(b"meter: cannot start")
    world.flash.flip(rotten, 0)
    device.type("brown-out")
    device.expect(r"meter: (failed|refused) 2\.0\.0, error (213|300)\b")
    check(device.seen(r"meter: burnt 2\.0\.0") == 0, "what was made of a rotten precursor was taken for the image")
    world.flash.flip(rotten, 0)
    world.power_off(device)
    check(device.seen("boot:.*trying slot") == 0, "the slot was marked")
    device = world.power_on()
    device.expect(r"boot: power on, starting slot A, version 1\.0\.0\s*$")
    device.expect(r"meter: version 1\.0\.0")
    world.upgrade(device, "2.0.0", "B")
    check_slot(world, "meter-next", "B")


def patch_corrupted(world):
    """T8: one bit of the delta in the repository: refused, no slot is marked; it is taken once it is right again."""
    world.release_delta("2.0.0")
    patch = world.payload("2.0.0", "b", "delta-")
    flip_in_file(patch)
    before, device = refused(world, 304, "payload_mismatch", "failed")
    check(before.seen("meter: burnt") == 0, "it was burnt")
    flip_in_file(patch)
    device.expect(r"meter: version 1\.0\.0")
    world.upgrade(device, "2.0.0", "B")
    check(fetched(device, "2.0.0") < MOST, "the whole image was fetched")


# --- the power cut in the middle of a flash operation ---

def without_a_cut(world):
    """Flash operations from power on to the confirmed release."""
    world.flash.cut_after(0)
    device = world.power_on()
    device.expect_quietly(r"meter: version 1\.0\.0")
    world.upgrade(device, "2.0.0", "B")
    world.power_off(device)
    return world.flash.operations()[0]


def cut_in(world, operation):
    """The device upgrades until the power fails in that operation; what it said."""
    world.flash.cut_after(operation)
    device = world.power_on()
    until = time.monotonic() + PATIENCE
    asked = False
    while not world.flash.operations()[1]:
        check(time.monotonic() < until, f"operation {operation} never came:\n  " + "\n  ".join(device.lines))
        if not asked and device.wait_for(r"meter: version 1\.0\.0", 0.01):
            device.type("upgrade")
            asked = True
        time.sleep(0.01)  # of a watch on the emulator's file
    world.power_off(device)
    return device


def goes_on(world, operation):
    """After the cut it boots what it may, and ends on the new release."""
    world.flash.cut_after(0)
    device = world.power_on()
    decision = device.expect_quietly(r"boot: (.*)").group(1)
    check(re.fullmatch(r"power on, ((starting|trying) slot A, version 1\.0\.0|(trying|starting) slot B, version 2\.0\.0)"
                       r"(; error \d+.*)?", decision), f"after operation {operation}: {decision}")
    version = device.expect_quietly(r"meter: version (\d)\.0\.0").group(1)
    if version == "1" and not device.wait_for(r"meter: (window|confirmed)", 1, device.at):
        device.type("upgrade")  # it was cut off before the visit was noted
    check(device.wait_for(r"meter: confirmed 2\.0\.0|meter: version 2\.0\.0\s*$", PATIENCE),
          f"after operation {operation} it does not upgrade:\n  " + "\n  ".join(device.lines))
    world.power_off(device)
    check_slot(world, "meter-next", "B")
    whole = [line for line in device.lines if (told := re.search(r"(\d+) bytes over the air", line))
             and int(told[1]) > MOST]
    check(not whole, f"after operation {operation} the whole image was fetched: {whole}")


def cut_at_flash_operations(world):
    """T30: the power fails in the middle of FERRY_CUTS (4) flash operations, evenly spread, of an upgrade by delta."""
    world.copy_flash("factory.bin")
    world.release_delta("2.0.0")
    count = without_a_cut(world)
    step = max(1.0, count / how_many("FERRY_CUTS", 4))
    first = dice().uniform(1, step)
    done = 0
    while (operation := int(first + done * step)) < count - 1:
        world.restore_flash("factory.bin")
        said = cut_in(world, operation).lines[-1:]
        print(f"mcu: cut in operation {operation} of {count}, behind {said}", flush=True)
        goes_on(world, operation)
        done += 1
    check(done > 0, "nothing was cut")
    print(f"mcu: {done} cuts in {count} operations", flush=True)


TESTS = {"delta": delta_both_ways, "T8_delta_of_another_precursor": another_precursor,
         "T8_delta_corrupted": patch_corrupted, "T31_bit_rot_in_precursor": precursor_rots,
         "T30_delta_cut_in_flash": cut_at_flash_operations}
