#!/usr/bin/env python3
"""The mission on a microcontroller: bootloader and meter in QEMU, behind ferry-modem, with real FTP and MQTT servers.

usage: mcu.py TEST PROGRAMS FIRMWARE
       mcu.py --list

PROGRAMS holds ferry and ferry-modem, FIRMWARE what script/firmware builds.
"""
import pathlib
import shutil
import sys
import tempfile

import boot
import damage
import delta
import kills
import module
import power
import refusals
import upgrade
from process import Failure
from world import World

SKIPPED = 77
TESTS = {name: test for part in (upgrade, delta, kills, damage, power, refusals, module, boot)
         for name, test in part.TESTS.items()}


def run(test, programs, firmware):
    with tempfile.TemporaryDirectory(prefix="ferry-mcu-") as folder:
        world = None
        try:
            world = World(programs, firmware, pathlib.Path(folder), getattr(test, "components", ()))
            test(world)
        finally:
            if world:
                world.end()


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(f"{name:<32}{' '.join(test.__doc__.split())}" for name, test in TESTS.items()))
        return
    if len(sys.argv) != 4 or sys.argv[1] not in TESTS:
        sys.exit(__doc__)
    programs, firmware = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    if not (firmware / "bootloader.elf").exists() or not shutil.which("qemu-system-arm"):
        print(f"mcu: no firmware in {firmware} (script/firmware), or no qemu-system-arm: skipped")
        sys.exit(SKIPPED)
    try:
        run(TESTS[sys.argv[1]], programs, firmware)
    except Failure as failure:
        sys.exit(f"mcu: {sys.argv[1]} FAILED: {failure}")


main()
