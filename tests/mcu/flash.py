"""The board's flash, a file (docs/mcu.md has the map), and what time and dirt do to it while the power is off."""
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    start: int
    size: int

    def whole(self):
        return range(self.start, self.start + self.size)


JOURNAL = Area(8 * 1024, 16 * 1024)
SLOT_A = Area(24 * 1024, 256 * 1024)
SLOT_B = Area(280 * 1024, 256 * 1024)
STAGING = Area(536 * 1024, 256 * 1024)
ENVELOPE = 8 * 1024  # at the end of each slot
END = STAGING.start + STAGING.size
POWER_CUT = 0xF00000  # behind it all: ports/mps2/flash.h


class Flash:
    def __init__(self, path):
        self.path = path

    def read(self, area):
        with open(self.path, "rb") as file:
            file.seek(area.start)
            return file.read(area.size)

    def write(self, start, content):
        with open(self.path, "r+b") as file:
            file.seek(start)
            file.write(content)

    def flip(self, offset, bit):
        byte = self.read(Area(offset, 1))[0]
        self.write(offset, bytes([byte ^ (1 << bit)]))

    def cut_after(self, operations):
        """The power fails in the middle of that erase or program operation from now; 0: never."""
        self.write(POWER_CUT, struct.pack("<3I", operations, 0, 0))

    def operations(self):
        """Since cut_after(), and whether the power has failed."""
        _, operations, failed = struct.unpack("<3I", self.read(Area(POWER_CUT, 12)))
        return operations, failed != 0

    def written(self, area):
        """Where in an area something was programmed."""
        return [area.start + at for at, byte in enumerate(self.read(area)) if byte != 0xFF]

    def rot(self, dice, places, count=1):
        """Flips `count` bits somewhere in `places`, and returns where."""
        chosen = dice.sample(places, count)
        for offset in chosen:
            self.flip(offset, dice.randrange(8))
        return chosen
