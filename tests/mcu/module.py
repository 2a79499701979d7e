"""Modules that fail, and a module that is not ours, through a whole upgrade."""
import random
import time

from chance import how_many, seed
from player import Player
from process import PATIENCE, check

NOISE = "often 30 urc-before\noften 30 urc-between\noften 30 urc-after\nafter 15000 echo-on\nafter 40000 lose 3"
# Lines of a drawn plan. None needs the supply switched: the emulated board has no wire to it.
LINES = (
    "often {percent} urc-before", "often {percent} urc-between", "often {percent} urc-after", "often {percent} swap-order",
    "often {percent} no-recv", "often {percent} close-with-data", "often {percent} late-ok", "always split {few}",
    "on AT+QISEND#{few} send-fail", "on AT+QISEND#{few} no-final", "on AT+QIRD#{many} no-final", "on AT+QIRD#{many} error",
    "after {bytes} lose {few}", "after {bytes} pdpdeact", "after {bytes} echo-on", "after {bytes} reboot",
    "after {bytes} mute {ms}", "at {ms} reboot", "at {ms} lose-up {few}", "at {ms} echo-on")


def drawn_plan(number):
    dice = random.Random(number)
    lines = [f"seed {number}"]
    for line in dice.sample(LINES, dice.randint(1, 4)):
        lines.append(line.format(percent=dice.randint(1, 50), few=dice.randint(1, 8), many=dice.randint(1, 80),
                                 bytes=dice.randint(1, 100000), ms=dice.randint(1, 20000)))
    return "\n".join(lines)


def asked_until_it_confirms(device):
    """A visit that fails is made again at once, as an operator would: not at the next window."""
    until = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < until:
        device.type("upgrade")
        found = device.wait_for(r"meter: confirmed 2\.0\.0|meter: (failed|refused)", until - time.monotonic(), device.at)
        check(found, "neither confirmed nor failed:\n  " + "\n  ".join(device.lines[-60:]))
        device.at = found[0] + 1
        if "confirmed" in device.lines[found[0]]:
            return
        print(f"mcu: {device.lines[found[0]]}", flush=True)
    check(False, "it never ended on 2.0.0:\n  " + "\n  ".join(device.lines[-60:]))


def through(world, plan):
    """The board upgrades behind a module with these faults (spec/modem.md)."""
    (world.folder / "faults.txt").write_text(plan + "\n")
    world.start_module("--faults", "faults.txt")
    begun = time.monotonic()
    device = world.power_on()
    device.expect_quietly(r"meter: version 1\.0\.0")
    asked_until_it_confirms(device)
    print(f"mcu: {'; '.join(plan.splitlines())}: confirmed after {time.monotonic() - begun:.0f} s", flush=True)
    world.power_off(device)
    check(device.seen("error 1[5-9]") + device.seen("error 2[01]") == 0, "taken for a bad release")


def reboots(world):
    """T40: the module starts anew while it downloads."""
    world.release("2.0.0")
    through(world, "after 30000 reboot")


def bearer_lost(world):
    """T40: the network takes the bearer away, and later a prompt does not come."""
    world.release("2.0.0")
    through(world, "after 20000 pdpdeact\non AT+QISEND#9 prompt \\r\\n")


def noise(world):
    """T40: lines of the module's own everywhere, an echo that comes back, bytes that are lost."""
    world.release("2.0.0")
    through(world, NOISE)


def drawn_faults(world):
    """T40: FERRY_MODULE_PLANS plans (2) of faults that are drawn: the upgrade ends well."""
    first = seed()
    world.copy_flash("factory.bin")
    world.release("2.0.0")
    for number in range(first, first + how_many("FERRY_MODULE_PLANS", 2)):
        print(f"mcu: FERRY_SEED={number}", flush=True)
        world.restore_flash("factory.bin")
        through(world, drawn_plan(number))


def through_another(world, echo):
    hub = int(world.mqtt_address.rpartition(":")[2])
    names = {("ftp.example", 21): ("127.0.0.1", world.ftp_port), ("ftp.example", None): "127.0.0.1",
             ("hub.example", 1883): ("127.0.0.1", hub)}
    player = Player(names, random.Random(seed()), echo)
    player.start()
    world.release("2.0.0")
    try:
        device = world.board(f"tcp:127.0.0.1:{player.port}")
        device.expect(r"boot: power on, starting slot A, version 1\.0\.0")
        device.expect(r"meter: version 1\.0\.0")
        world.upgrade(device, "2.0.0", "B")
        world.told(kind="confirmed", version="2.0.0")
        check(device.seen("meter: failed") == 0, "a visit failed:\n  " + "\n  ".join(device.lines))
        check(not player.unknown, f"commands that no EC200 was asked before: {player.unknown}")
        check(player.given > 100_000, "the image did not come through this module")
        world.power_off(device)
    finally:
        player.end()


def another_module(world):
    """T40: a module with other spacing and order of lines than ferry-modem: the upgrade ends well."""
    through_another(world, False)


def another_module_echoes(world):
    """T40: the same, and its echo cannot be switched off."""
    through_another(world, True)


TESTS = {"T40_module_reboots": reboots, "T40_bearer_lost": bearer_lost, "T40_noise": noise,
         "T40_drawn_faults": drawn_faults, "T40_another_module": another_module,
         "T40_another_module_echoes": another_module_echoes}
