#!/usr/bin/env python3
"""Readings a second from devices into the hub's SQLite store, stored and acknowledged, beside what a mosquitto of the
same settings delivers to a subscriber that throws all away.

usage: bench/hub.py FERRY [--messages N] [--readings N]    N messages of each of four devices, N readings in each
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

DEVICES = [f"01234567-89ab-4cde-8f01-{number:012d}" for number in range(4)]
REQUIRED = 20_000  # readings a second
REQUIRED_SHARE = 0.8  # of the broker's messages a second


def write_inputs(folder: Path, messages: int, readings: int) -> None:
    with open(folder / "devices.jsonl", "w") as registry:
        for number, device in enumerate(DEVICES):
            account = {"device": device, "serial": str(number), "product": "bench/1", "user": f"m{number}", "password": "p"}
            registry.write(json.dumps(account) + "\n")
    for number in range(len(DEVICES)):
        with open(folder / f"packs{number}", "w") as packs:
            for message in range(messages):
                base = 1_700_000_000 + message * readings
                pack = [{"n": "power", "u": "W", "v": 200 + i, "t": i} for i in range(readings)]
                pack[0]["bt"] = base
                packs.write(json.dumps(pack) + "\n")


def publish(folder: Path, port: str, login: bool) -> list[subprocess.Popen]:
    return [subprocess.Popen(["mosquitto_pub", "-p", port, "-q", "1", "-t", f"ferry/{device}/data", "-l"]
                             + (["-u", f"m{number}", "-P", "p"] if login else []), stdin=open(folder / f"packs{number}"))
            for number, device in enumerate(DEVICES)]


def wait_until(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("bench/hub: what was to happen did not happen in time")
        time.sleep(0.01)


def measure_hub(ferry: str, folder: Path, total: int) -> tuple[float, str]:
    with open(folder / "out", "w") as out, open(folder / "log", "w") as log:
        hub = subprocess.Popen([ferry, "hub", "--json", "--devices", folder / "devices.jsonl", "--dir", folder / "hub"],
                               stdout=out, stderr=log)
    try:
        wait_until(lambda: (folder / "out").read_text().endswith("\n"))
        place = json.loads((folder / "out").read_text().splitlines()[0])
        ask = urllib.request.Request(f"http://{place['http']}/api/v1/summary",
                                     headers={"Authorization": f"Bearer {place['token']}"})
        begin = time.monotonic()
        senders = publish(folder, place["mqtt"].split(":")[1], True)
        wait_until(lambda: json.load(urllib.request.urlopen(ask))["readings"] >= total)
        seconds = time.monotonic() - begin
        for sender in senders:
            sender.wait()
        status = Path(f"/proc/{hub.pid}/status").read_text()
        memory = next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith("VmRSS"))
        return seconds, memory
    finally:
        hub.terminate()
        hub.wait()


def measure_broker(folder: Path, messages: int) -> float:
    port = "21883"
    (folder / "broker").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                                   "max_inflight_messages 4096\n")
    broker = subprocess.Popen(["mosquitto", "-c", folder / "broker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        probe = ["mosquitto_pub", "-p", port, "-q", "1", "-t", "up", "-n"]
        wait_until(lambda: subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0)
        session = ["mosquitto_sub", "-p", port, "-q", "1", "-t", "ferry/+/data", "-c", "-i", "bench"]
        subprocess.run([*session, "-E"], check=True)  # what is published from here on is kept for it
        listener = subprocess.Popen([*session, "-C", str(messages)], stdout=subprocess.DEVNULL)
        begin = time.monotonic()
        publish(folder, port, False)
        listener.wait()
        return time.monotonic() - begin
    finally:
        broker.terminate()
        broker.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferry")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--readings", type=int, default=1)
    options = parser.parse_args()
    messages = options.messages * len(DEVICES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, options.messages, options.readings)
        seconds, memory = measure_hub(options.ferry, folder, messages * options.readings)
        alone = measure_broker(folder, messages)
    rate = messages * options.readings / seconds
    share = alone / seconds
    print(f"hub: {messages} messages of {options.readings} readings\n"
          f"  stored and acknowledged  {rate:10.0f} readings/s   at least {REQUIRED}\n"
          f"  of the broker alone      {share:10.2f}              at least {REQUIRED_SHARE}\n"
          f"  memory                   {memory:>10}")
    return 0 if rate >= REQUIRED and share >= REQUIRED_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
