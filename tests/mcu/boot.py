"""What a verified boot takes."""
from process import check

MILLION = 1_000_000
LIMIT = 60  # millions of instructions


def boot(world):
    """Instructions from reset to the application, verification of the slot included; QEMU counts one a nanosecond."""
    device = world.power_on("-icount", "shift=0")
    took = int(device.expect(r"boot: took (\d+) ms").group(1))
    device.expect(r"meter: version 1\.0\.0")
    size = (world.firmware / "meter-a.bin").stat().st_size
    check(0 < took < LIMIT, f"{took} million instructions from reset to application, more than {LIMIT}")
    print(f"mcu: {took} million instructions from reset to application, {took * MILLION // size} for each of the "
          f"image's {size} bytes; at 64 MHz and one a cycle {took * MILLION // 64_000} ms")


TESTS = {"boot": boot}
