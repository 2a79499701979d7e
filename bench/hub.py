#!/usr/bin/env python3
"""Readings a second from devices into the hub's store, stored and acknowledged: SQLite behind the hub's own broker,
beside what a mosquitto of the same settings delivers to a subscriber that throws all away; PostgreSQL likewise; and one
hub and two that share a broker and a PostgreSQL.

usage: bench/hub.py FERRY [--messages N] [--readings N] [--rounds N]
  N messages of each of four devices, N readings in each; SQLite and the broker alone take turns, medians count
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hub_stage import BROKER_PORT, process, resident, running_broker, running_database, running_hub, stored, summary, wait_until

DEVICES = [f"01234567-89ab-4cde-8f01-{number:012d}" for number in range(4)]
REQUIRED = 20_000  # readings a second, SQLite
REQUIRED_SHARE = 0.8  # of the broker's messages a second


def write_inputs(folder: Path, messages: int, readings: int) -> None:
    with open(folder / "devices.jsonl", "w") as registry:
        for number, device in enumerate(DEVICES):
            account = {"device": device, "serial": str(number), "product": "bench/1", "user": f"m{number}", "password": "p"}
            registry.write(json.dumps(account) + "\n")
    base = int(time.time()) // 86400 * 86400 - 86400 - messages * readings
    for number in range(len(DEVICES)):
        with open(folder / f"packs{number}", "w") as packs:
            for message in range(messages):
                pack = [{"n": "power", "u": "W", "v": 200 + i, "t": i} for i in range(readings)]
                pack[0]["bt"] = base + message * readings
                packs.write(json.dumps(pack) + "\n")


def publish(folder: Path, port: str, login: bool) -> list[subprocess.Popen]:
    return [subprocess.Popen(["mosquitto_pub", "-p", port, "-q", "1", "-t", f"ferry/{device}/data", "-l"]
                             + (["-u", f"m{number}", "-P", "p"] if login else []), stdin=open(folder / f"packs{number}"))
            for number, device in enumerate(DEVICES)]


def measure_stored(folder: Path, place: dict, total: int, login: bool) -> float:
    begin = time.monotonic()
    senders = publish(folder, place["mqtt"].split(":")[1], login)
    wait_until(lambda: stored(place) >= total, pause=0.1)  # asking costs what is measured
    seconds = time.monotonic() - begin
    for sender in senders:
        sender.wait()
    said = summary(place)
    if said["readings"] != total or said["refused"]:
        sys.exit(f"bench/hub: {total} readings were sent, and {said} is stored")
    return seconds


def measure_hub(ferry: str, folder: Path, total: int, name: str, options: list) -> tuple[float, int]:
    with running_hub(ferry, folder, name, options) as (hub, place):
        seconds = measure_stored(folder, place, total, True)
        return seconds, resident(hub.pid)


def measure_crew(ferry: str, folder: Path, total: int, hubs: int, database: str) -> float:
    options = ["--mqtt", f"mqtt://127.0.0.1:{BROKER_PORT}", "--db", database]
    with running_broker(folder), running_hub(ferry, folder, f"crew{hubs}-0", options) as (_, place):
        if hubs == 1:
            return measure_stored(folder, place, total, False)
        with running_hub(ferry, folder, f"crew{hubs}-1", options):
            return measure_stored(folder, place, total, False)


def measure_broker(folder: Path, messages: int) -> float:
    with running_broker(folder):
        session = ["mosquitto_sub", "-p", BROKER_PORT, "-q", "1", "-t", "ferry/+/data", "-c", "-i", "bench"]
        subprocess.run([*session, "-E"], check=True)  # what is published from here on is kept for it
        with process([*session, "-C", messages], stdout=subprocess.DEVNULL) as listener:
            begin = time.monotonic()
            publish(folder, BROKER_PORT, False)
            listener.wait()
            return time.monotonic() - begin


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferry")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--readings", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    messages = options.messages * len(DEVICES)
    total = messages * options.readings
    with tempfile.TemporaryDirectory() as name, running_database() as make:
        folder = Path(name)
        write_inputs(folder, options.messages, options.readings)
        rounds = []
        for number in range(options.rounds):
            seconds, memory = measure_hub(options.ferry, folder, total, f"sqlite{number}", [])
            rounds.append((seconds, measure_broker(folder, messages)))
        seconds = statistics.median(hub for hub, _ in rounds)
        share = statistics.median(alone / hub for hub, alone in rounds)
        postgresql, postgresql_memory = measure_hub(options.ferry, folder, total, "postgresql", ["--db", make("one")])
        one_hub = measure_crew(options.ferry, folder, total, 1, make("crew1"))
        two_hubs = measure_crew(options.ferry, folder, total, 2, make("crew2"))
    rate = total / seconds
    print(f"hub: {messages} messages of {options.readings} readings, stored and acknowledged\n"
          f"  SQLite                   {rate:10.0f} readings/s   at least {REQUIRED}; memory {memory >> 20} MiB\n"
          f"    of the broker alone    {share:10.2f}              at least {REQUIRED_SHARE}\n"
          f"  PostgreSQL               {total / postgresql:10.0f} readings/s   memory {postgresql_memory >> 20} MiB\n"
          f"  a shared broker and PostgreSQL\n"
          f"    one hub                {total / one_hub:10.0f} readings/s\n"
          f"    two hubs               {total / two_hubs:10.0f} readings/s\n"
          "  each reading was stored once, none was lost")
    return 0 if rate >= REQUIRED and share >= REQUIRED_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
