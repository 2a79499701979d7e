#!/usr/bin/env python3
"""The hub's memory under load: devices publish as fast as the broker lets them; prints the hub's resident memory each
half minute, and at the end the mean of the last quarter beside that of the first, both after the warm-up in which SQLite's
caches fill. Exits 1 where it grew.

usage: bench/hub_soak.py FERRY [--seconds N] [--warm-up N] [--devices N] [--postgresql]
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from hub_stage import resident, running_database, running_hub, stored, wait_until

READINGS = 10  # a message
PER_SECOND = 10  # of a device's clock, that begins PAST seconds ago and must not reach tomorrow
PAST = 30 * 86400
ALLOWED_GROWTH = 1.05  # last quarter by first
SENDERS = 4


def device(number: int) -> str:
    return f"01234567-89ab-4cde-8f01-{number:012d}"


def write_registry(folder: Path, devices: int) -> None:
    with open(folder / "devices.jsonl", "w") as registry:
        for number in range(devices):
            account = {"device": device(number), "serial": str(number), "product": "bench/1", "user": f"m{number}", "password": "p"}
            registry.write(json.dumps(account) + "\n")


def messages(round_number: int) -> str:
    base = int(time.time()) // 86400 * 86400 - PAST + round_number * READINGS / PER_SECOND
    pack = [{"n": "power", "u": "W", "v": 200 + i, "t": i / PER_SECOND} for i in range(READINGS)]
    pack[0]["bt"] = base
    return json.dumps(pack) + "\n"


class Load:
    """Publishes for a device at a time, over a connection for each, and goes round."""

    def __init__(self, port: str, devices: int):
        self.port, self.devices, self.sent, self.is_stopping = port, devices, 0, False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def run(self, first: int) -> None:
        for turn in range(1 << 30):
            for number in range(first, self.devices, SENDERS):
                if self.is_stopping:
                    return
                lines = "".join(messages(turn * 500 + i) for i in range(500))
                subprocess.run(["mosquitto_pub", "-p", self.port, "-q", "1", "-t", f"ferry/{device(number)}/data", "-l",
                                "-u", f"m{number}", "-P", "p"], input=lines.encode(), check=True)
                with self.lock:
                    self.sent += 500 * READINGS

    def stop(self) -> None:
        self.is_stopping = True
        for thread in self.threads:
            thread.join()


def watch(hub: subprocess.Popen, place: dict, warm_up: float, seconds: float) -> list[int]:
    samples = []
    begin = time.monotonic()
    said = begin
    while time.monotonic() < begin + warm_up + seconds:
        time.sleep(1)
        samples.append(resident(hub.pid))
        if time.monotonic() >= said + 30:
            said += 30
            print(f"  {said - begin:6.0f} s  {samples[-1] / (1 << 20):7.1f} MiB  {stored(place):12,} readings stored", flush=True)
    return samples[len(samples) * int(warm_up) // int(warm_up + seconds):]


def soak(folder: Path, arguments: argparse.Namespace, options: list) -> int:
    ferry, devices = arguments.ferry, arguments.devices
    write_registry(folder, devices)
    with running_hub(ferry, folder, "hub", options) as (hub, place):
        load = Load(place["mqtt"].split(":")[1], devices)
        try:
            samples = watch(hub, place, arguments.warm_up, arguments.seconds)
        finally:
            load.stop()
        wait_until(lambda: stored(place) >= load.sent)
        total = stored(place)
    quarter = max(len(samples) // 4, 1)
    first, last = statistics.mean(samples[:quarter]), statistics.mean(samples[-quarter:])
    print(f"hub-soak: {total:,} readings of {devices} devices, none lost; resident memory: first quarter {first / (1 << 20):.1f} MiB, "
          f"last quarter {last / (1 << 20):.1f} MiB ({last / first:.3f}, at most {ALLOWED_GROWTH})")
    return 0 if last <= first * ALLOWED_GROWTH else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferry")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--warm-up", type=float, default=300)
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.postgresql:
            with running_database() as make:
                return soak(Path(name), options, ["--db", make("soak")])
        return soak(Path(name), options, [])


if __name__ == "__main__":
    sys.exit(main())
