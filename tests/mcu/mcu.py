#!/usr/bin/env python3
"""The mission on a microcontroller: bootloader and meter in QEMU, behind ferry-modem, with real FTP and MQTT servers.

usage: mcu.py upgrade|bad|kills PROGRAMS FIRMWARE

upgrade  1.0.0 in slot A upgrades to 2.0.0 in slot B, and to 3.0.0 in slot A
bad      versions that crash, hang and never log in: the device goes back by itself, and says so
kills    QEMU is killed at random moments (FERRY_KILLS, default 8; FERRY_SEED): it ends at 2.0.0 all the same
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SKIPPED = 77
PATIENCE = 120  # seconds, on a machine that is busy


class Process:
    """A program whose output is read line by line, and which is ended by its process id."""

    def __init__(self, *command, cwd):
        self.command = command
        self.lines = []
        self.grown = threading.Condition()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.grown:
                self.lines.append(line.decode(errors="replace").strip())
                self.grown.notify_all()
        with self.grown:
            self.lines.append("")
            self.grown.notify_all()

    def wait_for(self, pattern, seconds=PATIENCE, first=0):
        """The match of the first line that fits, from line `first` on; None after so long or at the end."""
        until = time.monotonic() + seconds
        with self.grown:
            while True:
                for number, line in enumerate(self.lines[first:], first):
                    if found := re.search(pattern, line):
                        return found
                    first = number + 1
                left = until - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    return None
                self.grown.wait(min(left, 0.5))

    def type(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join()


class World:
    def __init__(self, programs, firmware, folder):
        self.programs, self.firmware, self.folder = programs, firmware, folder
        self.running = []
        self.ferry("keys", "new", "keys")
        self.ferry("product", "new", "meter.toml", "--vendor", "acme.example", "--model", "m4", "--hardware", "r1",
                   "--linked", "--slot-size", str(256 * 1024), "--staging-size", str(256 * 1024))
        self.ferry("provision", "--product", "meter.toml", "--serial", "0001", "--trust", "keys/release.pub",
                   "--ftp", "ftp://ftp.example", "--business", "mqtt://hub.example", "--out", "0001.factory",
                   "--report", "2", "--trial", "20", "--devices", "devices.jsonl")
        self.release("1.0.0", "meter")
        self.ferry("flash", "--factory", "0001.factory", "--manifest", "repo/acme.example/m4/r1/manifest.suit",
                   "--image", str(firmware / "meter-a.bin"), "--factory-area", "8192", "--out", "flash.bin")
        os.truncate(folder / "flash.bin", 16 << 20)
        self.hub = self.start("ferry", "hub", "--devices", "devices.jsonl", "--dir", "hub", "--json")
        listening = json.loads(self.found(self.hub, r"^(.*\"listening\".*)$"))
        serve = self.start("ferry", "serve", "repo", "--listen", "127.0.0.1:0")
        ftp = self.found(serve, r"127\.0\.0\.1:(\d+)")
        self.modem = self.start("ferry-modem", "--listen", "127.0.0.1:0", "--registration", "200", "--boot", "200",
                                "--latency", "5", "--map", f"ftp.example:21=127.0.0.1:{ftp}", "--map", "ftp.example=127.0.0.1",
                                "--map", f"hub.example:1883={listening['mqtt']}")
        self.serial = self.found(self.modem, r"127\.0\.0\.1:(\d+)")

    def ferry(self, *arguments):
        done = subprocess.run([str(self.programs / "ferry"), *arguments], cwd=self.folder, capture_output=True,
                              text=True)
        if done.returncode != 0:
            sys.exit(f"mcu: ferry {' '.join(arguments)}: {done.stderr}")

    def release(self, version, name):
        self.ferry("release", "--product", "meter.toml", "--version", version,
                   "--slot-a", str(self.firmware / f"{name}-a.bin"), "--slot-b", str(self.firmware / f"{name}-b.bin"),
                   "--key", "keys/release.key", "--repo", "repo")

    def start(self, program, *arguments):
        process = Process(str(self.programs / program), *arguments, cwd=self.folder)
        self.running.append(process)
        return process

    def found(self, process, pattern):
        match = process.wait_for(pattern)
        if not match:
            sys.exit(f"mcu: {process.command} did not say {pattern}: {process.lines}")
        return match.group(1)

    def power_on(self):
        device = Process("qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none",
                         "-kernel", str(self.firmware / "bootloader.elf"),
                         "-object", "memory-backend-file,id=psram,size=16M,mem-path=flash.bin,share=on",
                         "-machine", "memory-backend=psram", "-serial", "stdio",
                         "-serial", f"tcp:127.0.0.1:{self.serial}", cwd=self.folder)
        self.running.append(device)
        return device

    def power_off(self, device):
        device.end(signal.SIGKILL)
        self.running.remove(device)

    def end(self):
        for process in reversed(self.running):
            process.end()


def expect(device, pattern, seconds=PATIENCE, first=0):
    if not device.wait_for(pattern, seconds, first):
        sys.exit(f"mcu: the console never said '{pattern}':\n  " + "\n  ".join(device.lines))
    print(f"mcu: {pattern}", flush=True)


def upgrade(world):
    device = world.power_on()
    expect(device, r"boot: power on, starting slot A, version 1\.0\.0")
    for version, slot in (("2.0.0", "B"), ("3.0.0", "A")):
        world.release(version, "meter")
        device.type("upgrade")
        expect(device, rf"boot: software reset, trying slot {slot}, version {version}")
        expect(device, rf"meter: confirmed {version}")
    if not world.hub.wait_for(r'"kind":"confirmed".*"version":"3\.0\.0"|"version":"3\.0\.0".*"kind":"confirmed"'):
        sys.exit(f"mcu: the hub was not told: {world.hub.lines[-3:]}")
    device.type("status")
    print("mcu:", device.wait_for(r"meter: (\d+ bytes of stack.*)").group(1))
    world.power_off(device)
    again = world.power_on()
    expect(again, r"boot: power on, starting slot A, version 3\.0\.0")


def bad(world):
    device = world.power_on()
    expect(device, r"meter: version 1\.0\.0")
    for number, name in enumerate(("crashes", "hangs", "mute"), 2):
        first = len(device.lines)
        world.release(f"{number}.0.0", f"meter-{name}")
        device.type("upgrade")
        expect(device, rf"trying slot B, version {number}\.0\.0", first=first)
        expect(device, r"starting slot A, version 1\.0\.0", first=first)
        expect(device, r"meter: reverted", first=first)
    if not world.hub.wait_for(r'"kind":"reverted"'):
        sys.exit("mcu: the hub was not told of the revert")


def kills(world):
    seed = int(os.environ.get("FERRY_SEED") or random.randrange(1 << 30))
    count = int(os.environ.get("FERRY_KILLS") or 8)
    print(f"mcu: FERRY_SEED={seed} FERRY_KILLS={count}", flush=True)
    dice = random.Random(seed)
    world.release("2.0.0", "meter")
    for _ in range(count):
        device = world.power_on()
        if device.wait_for(r"meter: version", 30):
            device.type("upgrade")
        time.sleep(dice.uniform(0, 9))  # the moment of the cut
        world.power_off(device)
    device = world.power_on()
    expect(device, r"meter: version \d")
    if not device.wait_for(r"(starting slot B, version 2\.0\.0|meter: confirmed 2\.0\.0)", 3):
        device.type("upgrade")
        expect(device, r"starting slot B, version 2\.0\.0|meter: confirmed 2\.0\.0")


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("upgrade", "bad", "kills"):
        sys.exit(__doc__)
    programs, firmware = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    if not (firmware / "bootloader.elf").exists() or not shutil.which("qemu-system-arm"):
        print(f"mcu: no firmware in {firmware} (script/firmware), or no qemu-system-arm: skipped")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="ferry-mcu-") as folder:
        world = World(programs, firmware, pathlib.Path(folder))
        try:
            globals()[sys.argv[1]](world)
        finally:
            world.end()


main()
