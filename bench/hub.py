#!/usr/bin/env python3
"""Readings a second from devices into the hub's store, stored and acknowledged: SQLite behind the hub's own broker,
beside what a mosquitto of the same settings delivers to a subscriber that throws all away; PostgreSQL likewise; and one
hub and two that share a broker and a PostgreSQL.

usage: bench/hub.py FERRY [--messages N] [--readings N]    N messages of each of four devices, N readings in each
"""
import argparse
import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

DEVICES = [f"01234567-89ab-4cde-8f01-{number:012d}" for number in range(4)]
REQUIRED = 20_000  # readings a second, SQLite
REQUIRED_SHARE = 0.8  # of the broker's messages a second
BROKER_PORT = "21883"
DATABASE_PORT = "25432"


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


def wait_until(condition, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("bench/hub: what was to happen did not happen in time")
        time.sleep(0.01)


@contextmanager
def process(command: list, **options):
    child = subprocess.Popen([str(word) for word in command], **options)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


@contextmanager
def running_hub(ferry: str, folder: Path, name: str, options: list):
    """The hub's process, and what it says of where it listens."""
    with open(folder / f"{name}.out", "w") as out, open(folder / f"{name}.log", "w") as log, \
         process([ferry, "hub", "--json", "--devices", folder / "devices.jsonl", "--dir", folder / name, *options],
                 stdout=out, stderr=log) as hub:
        wait_until(lambda: hub.poll() is not None or (folder / f"{name}.out").read_text().endswith("\n"))
        if hub.poll() is not None:
            sys.exit((folder / f"{name}.log").read_text())
        yield hub, json.loads((folder / f"{name}.out").read_text().splitlines()[0])


def stored(place: dict) -> int:
    ask = urllib.request.Request(f"http://{place['http']}/api/v1/summary",
                                 headers={"Authorization": f"Bearer {place['token']}"})
    return json.load(urllib.request.urlopen(ask))["readings"]


def measure_stored(folder: Path, place: dict, total: int, login: bool) -> float:
    begin = time.monotonic()
    senders = publish(folder, place["mqtt"].split(":")[1], login)
    wait_until(lambda: stored(place) >= total)
    seconds = time.monotonic() - begin
    for sender in senders:
        sender.wait()
    return seconds


def measure_hub(ferry: str, folder: Path, total: int, name: str, options: list) -> tuple[float, str]:
    with running_hub(ferry, folder, name, options) as (hub, place):
        seconds = measure_stored(folder, place, total, True)
        status = Path(f"/proc/{hub.pid}/status").read_text()
        return seconds, next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith("VmRSS"))


def measure_crew(ferry: str, folder: Path, total: int, hubs: int, database: str) -> float:
    options = ["--mqtt", f"mqtt://127.0.0.1:{BROKER_PORT}", "--db", database]
    with running_broker(folder), running_hub(ferry, folder, f"crew{hubs}-0", options) as (_, place):
        if hubs == 1:
            return measure_stored(folder, place, total, False)
        with running_hub(ferry, folder, f"crew{hubs}-1", options):
            return measure_stored(folder, place, total, False)


@contextmanager
def running_broker(folder: Path):
    (folder / "broker").write_text(f"listener {BROKER_PORT} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                                   "max_inflight_messages 4096\n")
    with process(["mosquitto", "-c", folder / "broker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        probe = ["mosquitto_pub", "-p", BROKER_PORT, "-q", "1", "-t", "up", "-n"]
        wait_until(lambda: subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0)
        yield


def measure_broker(folder: Path, messages: int) -> float:
    with running_broker(folder):
        session = ["mosquitto_sub", "-p", BROKER_PORT, "-q", "1", "-t", "ferry/+/data", "-c", "-i", "bench"]
        subprocess.run([*session, "-E"], check=True)  # what is published from here on is kept for it
        with process([*session, "-C", messages], stdout=subprocess.DEVNULL) as listener:
            begin = time.monotonic()
            publish(folder, BROKER_PORT, False)
            listener.wait()
            return time.monotonic() - begin


@contextmanager
def running_database():
    """PostgreSQL as it comes, synced, in a folder of its own; makes databases by name."""
    programs = Path(max(glob.glob("/usr/lib/postgresql/*/bin")))
    folder = Path(tempfile.mkdtemp(prefix="ferry-bench-"))
    prefix = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        prefix = ["setpriv", f"--reuid={pwd.getpwnam('postgres').pw_uid}", f"--regid={pwd.getpwnam('postgres').pw_gid}",
                  "--clear-groups", "--"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        subprocess.run([*prefix, programs / "initdb", "-D", folder / "data", "-U", "ferry", "--auth=trust",
                        "--encoding=UTF8", "--locale=C"], check=True, **quiet)
        with process([*prefix, programs / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", DATABASE_PORT,
                      "-c", "unix_socket_directories="], **quiet):
            where = ["-h", "127.0.0.1", "-p", DATABASE_PORT]
            wait_until(lambda: subprocess.run([programs / "pg_isready", *where], **quiet).returncode == 0)

            def make(name: str) -> str:
                subprocess.run([programs / "createdb", *where, "-U", "ferry", name], check=True)
                return f"postgresql://ferry@127.0.0.1:{DATABASE_PORT}/{name}"

            yield make
    finally:
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferry")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--readings", type=int, default=1)
    options = parser.parse_args()
    messages = options.messages * len(DEVICES)
    total = messages * options.readings
    with tempfile.TemporaryDirectory() as name, running_database() as make:
        folder = Path(name)
        write_inputs(folder, options.messages, options.readings)
        seconds, memory = measure_hub(options.ferry, folder, total, "sqlite", [])
        alone = measure_broker(folder, messages)
        postgresql, postgresql_memory = measure_hub(options.ferry, folder, total, "postgresql", ["--db", make("one")])
        one_hub = measure_crew(options.ferry, folder, total, 1, make("crew1"))
        two_hubs = measure_crew(options.ferry, folder, total, 2, make("crew2"))
    rate = total / seconds
    share = alone / seconds
    print(f"hub: {messages} messages of {options.readings} readings, stored and acknowledged\n"
          f"  SQLite                   {rate:10.0f} readings/s   at least {REQUIRED}; memory {memory}\n"
          f"    of the broker alone    {share:10.2f}              at least {REQUIRED_SHARE}\n"
          f"  PostgreSQL               {total / postgresql:10.0f} readings/s   memory {postgresql_memory}\n"
          f"  a shared broker and PostgreSQL\n"
          f"    one hub                {total / one_hub:10.0f} readings/s\n"
          f"    two hubs               {total / two_hubs:10.0f} readings/s")
    return 0 if rate >= REQUIRED and share >= REQUIRED_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
