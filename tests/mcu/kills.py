"""Power cuts at random moments, over and over."""
import random
import re
import time

from chance import how_many, seed
from process import PATIENCE, Failure, check

# Moments that an even draw would seldom meet.
RARE = (r"meter: downloaded", r"meter: burnt \d0 %", r"meter: burnt \d+\.", r"meter: reset", r"trying slot",
        r"meter: trial", r"meter: version \d+\.0\.0, on trial", r"meter: confirmed")
LONGEST = 5.0  # seconds from the upgrade's begin to the cut: each goes on where the one before it was cut


class Story:
    """Which release is the newest, and which the device may run."""

    def __init__(self, world):
        self.world = world
        self.confirmed = 1
        self.newest = 1
        self.cuts = {"boot": 0, "any": 0, "rare": 0}

    def publish(self):
        self.newest += 1
        self.world.release(f"{self.newest}.0.0")

    def boots(self, device):
        """The rule of the whole test: after every cut the device starts a release that it may."""
        version = int(device.expect_quietly(r"boot: .*(?:starting|trying) slot [AB], version (\d+)\.0\.0").group(1))
        check(device.seen("no slot may start|recovery") == 0, "bricked:\n  " + "\n  ".join(device.lines))
        check(self.confirmed <= version <= self.newest, f"{version}.0.0 runs, confirmed was {self.confirmed}.0.0")

    def check_life(self, device):
        """What must hold of a life, once it is over."""

    def note(self, device):
        """Confirmed is told behind the record in flash: it holds over every cut."""
        if device.seen(rf"meter: confirmed {self.newest}\.0\.0"):
            self.confirmed = self.newest
            self.publish()


def cut_once(story, dice):
    """One life of the device: from power on to the cut."""
    device = story.world.power_on()
    kind = dice.choices(("boot", "any", "rare"), (1, 3, 2))[0]
    if kind == "boot":
        time.sleep(dice.uniform(0, 0.5))  # the moment of the cut
    else:
        story.boots(device)
        if device.wait_for(r"meter: version", PATIENCE):
            device.type("upgrade")
        moment = dice.uniform(0, LONGEST)
        pattern = dice.choice(RARE)
        if kind == "any" or not device.wait_for(pattern, LONGEST, device.at):
            time.sleep(moment)  # the moment of the cut
    story.cuts[kind] += 1
    story.world.power_off(device)
    story.check_life(device)
    story.note(device)


def last_life(story):
    """Left alone, it ends on the newest release."""
    device = story.world.power_on()
    story.boots(device)
    device.expect(r"meter: version \d")
    until = time.monotonic() + PATIENCE
    at_the_newest = rf"meter: (confirmed {story.newest}\.0\.0,|version {story.newest}\.0\.0\s*$)"
    while not device.seen(at_the_newest):
        check(time.monotonic() < until, "left alone, it does not upgrade:\n  " + "\n  ".join(device.lines))
        device.type("upgrade")
        device.wait_for(at_the_newest + r"|meter: failed", PATIENCE, len(device.lines))


class StoryByDelta(Story):
    """Its releases are two programs in turn, and each has deltas from the other."""
    MOST = 20_000  # bytes over the air in a visit that fetches a delta, business included

    def publish(self):
        self.newest += 1
        programs = ("meter", "meter-next")
        self.world.release_delta(f"{self.newest}.0.0", programs[(self.newest + 1) % 2], programs[self.newest % 2])

    def check_life(self, device):
        for line in device.lines:
            if found := re.search(r"(\d+) bytes over the air", line):
                check(int(found[1]) < self.MOST, f"a whole image was fetched: {line}")


def kills(world):
    """T30: the power goes FERRY_KILLS times (20) at random moments: always boots, and ends on the newest release."""
    cut_often(Story(world))


def kills_by_delta(world):
    """T30: the same, and every upgrade is by delta."""
    cut_often(StoryByDelta(world))


def cut_often(story):
    dice = random.Random(seed())
    count = how_many("FERRY_KILLS", 20)
    print(f"mcu: FERRY_KILLS={count}", flush=True)
    story.publish()
    for number in range(1, count + 1):
        try:
            cut_once(story, dice)
        except Failure as failure:
            raise Failure(f"at cut {number} of {count}: {failure}") from failure
    last_life(story)
    print(f"mcu: {count} cuts {story.cuts}, ended on {story.newest}.0.0", flush=True)


TESTS = {"T30_power_cuts": kills, "T30_power_cuts_by_delta": kills_by_delta}
