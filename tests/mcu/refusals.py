"""Releases that the device must not take."""
import os

from flash import SLOT_B
from process import check
from world import PRODUCT, SIZES


def roomier_product(world):
    """The maker's mistake: the product file promises more room than the device has."""
    text = (world.folder / "meter.toml").read_text()
    text = text.replace("slot_size = 262144", "slot_size = 1048576").replace("staging_size = 262144",
                                                                            "staging_size = 1048576")
    (world.folder / "roomier.toml").write_text(text)
    return "roomier.toml"


def random_file(world, name, size):
    (world.folder / name).write_bytes(os.urandom(size))
    return name


def flip_in_file(path):
    """One bit in its middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def refused(world, error, name, kind="refused"):
    """The device visits, refuses 2.0.0, marks no slot, and starts 1.0.0 again: what was said, and the device after it."""
    device = world.power_on()
    device.expect(r"meter: version 1\.0\.0")
    device.type("upgrade")
    device.expect(rf"meter: {kind} 2\.0\.0, error {error}\b")
    world.told(kind=kind, error=name, version="2.0.0")
    world.power_off(device)
    check(device.seen("boot:.*trying slot") == 0, "the slot was marked")
    check(not world.flash.written(SLOT_B), "slot B was written to")
    again = world.power_on()
    again.expect(r"boot: power on, starting slot A, version 1\.0\.0\s*$")
    return device, again


def image_too_large(world):
    """T35: an image larger than the slot is refused before its download."""
    image = random_file(world, "large.bin", 300 * 1024)
    world.release_files("2.0.0", image, image, product=roomier_product(world))
    device, _ = refused(world, 264, "image_too_large")
    check(device.seen("meter: download") == 0, "it was downloaded")


def payload_too_large(world):
    """T35: a payload larger than what staging has left is refused before its download."""
    random_file(world, "large.bin", 200 * 1024)
    world.release("2.0.0", "meter", "--image", "extra=large.bin", product=roomier_product(world))
    device, _ = refused(world, 265, "staging_too_small")
    check(device.seen("meter: downloaded") == 0, "it was downloaded")


payload_too_large.components = ("--component", "extra:handler")


def wrong_key(world):
    """T36: a payload encrypted to another class key: nothing is burnt."""
    world.ferry("product", "new", "other.toml", *PRODUCT, *SIZES)
    world.release("2.0.0", product="other.toml")
    device, _ = refused(world, 154, "unwrap_failed")
    check(device.seen("meter: burnt") == 0, "it was burnt")


def flipped_ciphertext(world):
    """T36: one bit of the ciphertext in the repository: found by the payload's digest, before anything is burnt."""
    world.release("2.0.0")
    flip_in_file(world.payload("2.0.0", "b"))
    device, _ = refused(world, 304, "payload_mismatch", "failed")
    check(device.seen("meter: burnt") == 0, "it was burnt")


TESTS = {"T35_image_too_large": image_too_large, "T35_payload_too_large": payload_too_large,
         "T36_wrong_key": wrong_key, "T36_flipped_ciphertext": flipped_ciphertext}
