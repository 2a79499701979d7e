"""What a board lives in: a repository served over FTP, a hub, a 4G module on a serial line, and its own flash."""
import json
import os
import shutil
import signal
import subprocess

from flash import Flash
from process import PATIENCE, Failure, Process

PRODUCT = ("--vendor", "acme.example", "--model", "m4", "--hardware", "r1", "--linked")
SIZES = ("--slot-size", str(256 * 1024), "--staging-size", str(256 * 1024))
TREE = "repo/acme.example/m4/r1"


class World:
    def __init__(self, programs, firmware, folder, components=()):
        self.programs, self.firmware, self.folder = programs, firmware, folder
        self.running = []
        self.flash = Flash(folder / "flash.bin")
        self.ferry("keys", "new", "keys")
        self.ferry("product", "new", "meter.toml", *PRODUCT, *SIZES, *components)
        self.ferry("provision", "--product", "meter.toml", "--serial", "0001", "--trust", "keys/release.pub",
                   "--ftp", "ftp://ftp.example", "--business", "mqtt://hub.example", "--out", "0001.factory",
                   "--report", "2", "--trial", "20", "--devices", "devices.jsonl")
        self.release("1.0.0")
        self.ferry("flash", "--factory", "0001.factory", "--manifest", f"{TREE}/manifest.suit",
                   "--image", str(firmware / "meter-a.bin"), "--factory-area", "8192", "--out", "flash.bin")
        os.truncate(self.flash.path, 16 << 20)
        self.hub = self.start("ferry", "hub", "--devices", "devices.jsonl", "--dir", "hub", "--json")
        self.mqtt_address = json.loads(self.hub.expect_quietly(r"^(.*\"listening\".*)$").group(1))["mqtt"]
        self.ftp = self.start("ferry", "serve", "repo", "--listen", "127.0.0.1:0")
        self.ftp_port = int(self.ftp.expect_quietly(r"127\.0\.0\.1:(\d+)").group(1))
        self.module = None

    # --- the maker's side ---

    def ferry(self, *arguments):
        done = subprocess.run([str(self.programs / "ferry"), *arguments], cwd=self.folder, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"ferry {' '.join(arguments)}: {done.stderr}")

    def release(self, version, name="meter", *more, product="meter.toml"):
        """Release `version` is the program `name` of the firmware."""
        self.release_files(version, self.firmware / f"{name}-a.bin", self.firmware / f"{name}-b.bin", *more,
                           product=product)

    def release_files(self, version, slot_a, slot_b, *more, product="meter.toml"):
        self.ferry("release", "--product", product, "--version", version, "--slot-a", str(slot_a), "--slot-b",
                   str(slot_b), "--key", "keys/release.key", "--repo", "repo", *more)

    def release_delta(self, version, name="meter-next", old="meter"):
        """Release `version` is the program `name`, with deltas for devices that run `old`."""
        self.release(version, name, "--from-slot-a", str(self.firmware / f"{old}-a.bin"),
                     "--from-slot-b", str(self.firmware / f"{old}-b.bin"))

    def payload(self, version, slot, kind=""):
        """The payload file that a device fetches for that slot; kind="delta-": who runs its precursor."""
        found = list((self.folder / TREE / version).glob(f"app-{slot}-{kind}????????.fpk"))
        if len(found) != 1:
            raise Failure(f"{version} has {len(found)} payloads for slot {slot}")
        return found[0]

    # --- the programs around the board ---

    def start(self, program, *arguments):
        process = Process(str(self.programs / program), *arguments, cwd=self.folder)
        self.running.append(process)
        return process

    def start_module(self, *arguments):
        """A new module in the place of the one that is there."""
        if self.module:
            self.stop(self.module)
        self.module = self.start("ferry-modem", "--listen", "127.0.0.1:0", "--registration", "200", "--boot", "200",
                                 "--latency", "5", "--map", f"ftp.example:21=127.0.0.1:{self.ftp_port}",
                                 "--map", "ftp.example=127.0.0.1",
                                 "--map", f"hub.example:1883={self.mqtt_address}", *arguments)
        self.serial_port = int(self.module.expect_quietly(r"127\.0\.0\.1:(\d+)").group(1))

    def power_on(self, *more):
        if not self.module:
            self.start_module()
        return self.board(f"tcp:127.0.0.1:{self.serial_port}", *more)

    def board(self, serial, *more):
        """QEMU with its module's line to `serial`."""
        device = Process("qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none",
                         "-kernel", str(self.firmware / "bootloader.elf"),
                         "-object", "memory-backend-file,id=psram,size=16M,mem-path=flash.bin,share=on",
                         "-machine", "memory-backend=psram", "-serial", "stdio", "-serial", serial, *more,
                         cwd=self.folder)
        self.running.append(device)
        return device

    def power_off(self, device):
        self.stop(device, signal.SIGKILL)

    def stop(self, process, number=signal.SIGTERM):
        process.end(number)
        self.running.remove(process)

    def told(self, seconds=PATIENCE, **wanted):
        """Waits until the hub has an event with these members, such as kind="reverted", error="trial_crashed"."""
        first = 0
        while found := self.hub.wait_for(r'"event":"device"', seconds, first):
            event = json.loads(self.hub.lines[found[0]])
            if all(event.get(name) == value for name, value in wanted.items()):
                print(f"mcu: the hub: {wanted}", flush=True)
                return event
            first = found[0] + 1
        raise Failure(f"the hub was not told {wanted}:\n  " + "\n  ".join(self.hub.lines[-20:]))

    def end(self):
        for process in reversed(self.running):
            process.end()

    # --- what many tests begin with ---

    def upgrade(self, device, version, slot):
        device.type("upgrade")
        device.expect(rf"boot: software reset, trying slot {slot}, version {version}")
        device.expect(rf"meter: confirmed {version}")

    def upgraded(self):
        """The board at 2.0.0 in slot B, with 1.0.0 in slot A, its power off."""
        device = self.power_on()
        device.expect(r"meter: version 1\.0\.0")
        self.release("2.0.0")
        self.upgrade(device, "2.0.0", "B")
        self.told(kind="confirmed", version="2.0.0")
        self.power_off(device)

    def copy_flash(self, name):
        shutil.copy(self.flash.path, self.folder / name)

    def restore_flash(self, name):
        shutil.copy(self.folder / name, self.flash.path)
