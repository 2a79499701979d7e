#!/usr/bin/env python3
"""How fast the hub answers what the dashboard's pages ask, with a large fleet in its database. The database is filled by
SQL, at the step of the schema before the counts that are kept; the hub itself then works these out, and answers over
connections that stay open, two at a time. Prints p50 and p99 of each question, and exits 1 where a p99 is too long.

usage: bench/hub_scale.py FERRY [--devices N] [--readings N] [--requests N] [--postgresql] [--keep FOLDER]
"""
import argparse
import contextlib
import http.client
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from hub_stage import running_database, running_hub

STEP_BEFORE_COUNTS = "5"
NAMES = [("power", "W"), ("voltage", "V"), ("energy", "kWh")]
INTERVAL = 900  # seconds between two readings of a name
VERSIONS = ["1.0.0", "1.1.0", "1.2.0"]
VISITS_WITHOUT_NEWS = 30  # of each device, one a day
ALLOWED = 50.0  # ms
CONNECTIONS = 2

# Kinds of a visit that goes through, as event.h numbers them: jump, downloading, downloaded, burnt, reset, trial, confirmed.
STEPS = [(3, "jump"), (6, "downloading"), (7, "downloaded"), (8, "burnt"), (9, "reset"), (10, "trial"), (11, "confirmed")]


def device(number: int) -> str:
    return f"01234567-89ab-4cde-8f01-{number:012d}"


class SqliteFill:
    def __init__(self, file: Path):
        self.database = sqlite3.connect(file)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000", "temp_store = MEMORY"):
            self.database.execute(f"PRAGMA {pragma}")

    def many(self, table: str, columns: str, rows) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        self.database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def run(self, sql: str) -> None:
        self.database.execute(sql)

    def numbers(self, count: int) -> str:
        return f"(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT i FROM n)"

    def finish(self) -> None:
        self.database.execute("ANALYZE")
        self.database.commit()
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.close()


class PostgresqlFill:
    """By psql, so that nothing needs to be installed."""

    def __init__(self, url: str, days: range):
        self.psql = subprocess.Popen(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], stdin=subprocess.PIPE, text=True,
                                     stdout=subprocess.DEVNULL)
        self.run("SET synchronous_commit = off")
        for day in days:
            self.run(f"CREATE TABLE IF NOT EXISTS readings_day_{day} PARTITION OF readings FOR VALUES FROM ({day * 86400}) "
                     f"TO ({(day + 1) * 86400})")

    def many(self, table: str, columns: str, rows) -> None:
        self.psql.stdin.write(f"COPY {table} ({columns}) FROM STDIN;\n")
        for row in rows:
            self.psql.stdin.write("\t".join("\\N" if cell is None else str(cell) for cell in row) + "\n")
        self.psql.stdin.write("\\.\n")

    def run(self, sql: str) -> None:
        self.psql.stdin.write(sql + ";\n")

    def numbers(self, count: int) -> str:
        return f"(SELECT generate_series(0, {count - 1}) AS i)"

    def finish(self) -> None:
        for table in ("devices", "series", "events", "visits", "audit", "tokens", "accounts"):
            if table in ("series", "events", "visits"):
                self.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
        self.run("ANALYZE")
        self.psql.stdin.close()
        if self.psql.wait() != 0:
            sys.exit("bench/hub_scale: psql failed")


def fill_devices(fill, devices: int, now: int) -> None:
    chance = random.Random(1)
    rows = []
    for number in range(devices):
        is_silent = chance.random() < 0.02
        version = VERSIONS[2] if chance.random() < 0.7 else VERSIONS[1]
        rows.append((device(number), f"M-{number:06d}", f"acme/m{number % 3 + 1}", now - 40 * 86400,
                     now - (3 * 86400 if is_silent else chance.randrange(900)), 0 if is_silent else int(chance.random() < 0.9),
                     version, VERSIONS.index(version) + 1, f"site {number % 40}", ""))
    fill.many("devices", "id, serial, product, first_seen, last_seen, online, version, sequence, label, note", rows)


def fill_readings(fill, devices: int, readings: int, end: int) -> None:
    """Every series has one each INTERVAL, up to the last whole hour; roll-ups as the hub makes them."""
    fill.many("series", "id, device, name, unit, last_time, last_value",
              ((number * len(NAMES) + i + 1, device(number), name, unit, end - INTERVAL, 250.0)
               for number in range(devices) for i, (name, unit) in enumerate(NAMES)))
    each = max(readings // (devices * len(NAMES)), 1)
    first = (end - each * INTERVAL) // 86400 * 86400
    each = (end - first) // INTERVAL
    for begin in range(1, devices * len(NAMES) + 1, 3000):
        some = f"series s CROSS JOIN {fill.numbers(each)} n WHERE s.id >= {begin} AND s.id < {begin + 3000}"
        value = "230 + ((s.id * 7919 + n.i * 104729) % 1000) / 50.0"
        fill.run(f"INSERT INTO readings (series, time, value) SELECT s.id, {first} + n.i * {INTERVAL}, {value} FROM {some} "
                 "ORDER BY s.id, n.i")
        fill.run(f"INSERT INTO rollups (series, width, time, count, sum, least, most) SELECT s.id, 60, {first} + n.i * "
                 f"{INTERVAL}, 1, {value}, {value}, {value} FROM {some} ORDER BY s.id, n.i")
        for width, part in ((3600, 60), (86400, 3600)):
            fill.run("INSERT INTO rollups (series, width, time, count, sum, least, most) SELECT series, "
                     f"{width}, time / {width} * {width}, SUM(count), SUM(sum), MIN(least), MAX(most) FROM rollups WHERE "
                     f"series >= {begin} AND series < {begin + 3000} AND width = {part} GROUP BY series, time / {width}")
    fill.run(f"UPDATE counters SET value = {each * devices * len(NAMES)} WHERE name = 'readings'")
    print(f"  {each * devices * len(NAMES):,} readings over {each * INTERVAL / 86400:.1f} days", flush=True)


def life_of(number: int, now: int, chance: random.Random):
    """(visit, events) of one device, oldest first."""
    for day in range(VISITS_WITHOUT_NEWS):
        start = now - (VISITS_WITHOUT_NEWS - day) * 86400 + chance.randrange(80000)
        for release, released in enumerate((3, 13, 23)):
            if day == released:
                is_bad = chance.random() < 0.03
                steps = STEPS[:-1] + [(12, "reverted")] if is_bad else STEPS
                yield start + 600, VERSIONS[release], release + 1, steps, 403 if is_bad else 0
        yield start, "", 0, [(3, "jump"), (5, "nothing_newer")], 0


def fill_lives(fill, devices: int, now: int) -> None:
    chance = random.Random(2)
    lives = [(start, number, version, sequence, steps, error) for number in range(devices)
             for start, version, sequence, steps, error in life_of(number, now, chance)]
    lives.sort(key=lambda life: life[0])
    columns = "id, device, started, ended, version, sequence, outcome, error, reached, bytes, milliseconds"
    fill.many("visits", columns,
              ((i + 1, device(number), start, start + len(steps) * 20, version, sequence, steps[-1][1], error,
                sum(1 << bit for bit, _ in steps), 40000 * len(steps), 20000 * len(steps))
               for i, (start, number, version, sequence, steps, error) in enumerate(lives)))

    def events():
        ident = 0
        for i, (start, number, version, sequence, steps, error) in enumerate(lives):
            for step, (_, kind) in enumerate(steps):
                ident += 1
                yield (ident, device(number), kind, start + step * 20, error if step + 1 == len(steps) else 0, sequence,
                       version, 40000 * step, 20000 * step + chance.randrange(5000), start + step * 20, i + 1)

    fill.many("events", "id, device, kind, time, error, sequence, version, bytes, milliseconds, received, visit", events())
    fill.many("version_changes", "device, time, version",
              ((device(number), start + 140, version) for start, number, version, _, steps, _ in lives
               if steps[-1][1] == "confirmed"))
    print(f"  {len(lives):,} visits", flush=True)


def fill_all(ferry: str, folder: Path, url: str, options) -> None:
    begin = time.monotonic()
    subprocess.run([ferry, "hub", "migrate", "--db", url, "--to", STEP_BEFORE_COUNTS], check=True, stdout=subprocess.DEVNULL)
    now = int(time.time())
    end = now // 3600 * 3600
    days = range(end // 86400 - options.readings // (options.devices * len(NAMES)) * INTERVAL // 86400 - 2, end // 86400 + 3)
    fill = PostgresqlFill(url, days) if url.startswith("postgresql") else SqliteFill(folder / "hub.sqlite")
    fill_devices(fill, options.devices, now)
    fill_readings(fill, options.devices, options.readings, end)
    fill_lives(fill, options.devices, now)
    fill.finish()
    filled = time.monotonic()
    subprocess.run([ferry, "hub", "migrate", "--db", url], check=True, stdout=subprocess.DEVNULL)
    print(f"  filled in {filled - begin:.0f} s; the hub counted it in {time.monotonic() - filled:.1f} s", flush=True)


def questions(devices: int) -> dict:
    """What each page asks, by name; each call gives the next target."""
    chance = random.Random(3)

    def of_device(rest: str):
        return lambda: f"/api/v1/devices/{device(chance.randrange(devices))}{rest}"

    now = int(time.time())
    return {
        "overview": lambda: "/api/v1/overview",
        "overview: newest events": lambda: "/api/v1/events?order=desc&limit=200",
        "overview: releases": lambda: "/api/v1/releases",
        "overview: versions over time": lambda: "/api/v1/versions",
        "devices": lambda: f"/api/v1/devices?limit=50&after={device(chance.randrange(devices))}",
        "devices: search": lambda: f"/api/v1/devices?limit=50&search=m-{chance.randrange(devices):06d}",
        "devices: filters": lambda: f"/api/v1/devices?limit=50&online=true&version=1.2.0&group="
                                    + urllib.parse.quote(f"site {chance.randrange(40)}"),
        "devices: silent": lambda: "/api/v1/devices?limit=50&silent=true",
        "groups": lambda: "/api/v1/groups",
        "device": of_device(""),
        "device: readings": of_device("/readings?limit=100"),
        "device: series of a day": of_device(f"/series?name=power&from={now - 86400}&to={now}"),
        "device: series of all": of_device("/series?name=power&from=0&resolution=hour"),
        "device: statistics": of_device("/statistics?name=power"),
        "device: timeline": of_device("/upgrades?limit=30"),
        "device: events": of_device("/events?order=desc&limit=100"),
        "alerts": lambda: "/api/v1/alerts",
        "release": lambda: f"/api/v1/releases/{VERSIONS[chance.randrange(3)]}",
    }


def ask(place: dict, targets: list[str], times: list[float]) -> None:
    connection = http.client.HTTPConnection(place["http"])
    for target in targets:
        begin = time.perf_counter()
        connection.request("GET", target, headers={"Authorization": f"Bearer {place['token']}"})
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - begin) * 1000)
        if answer.status != 200:
            sys.exit(f"bench/hub_scale: {target}: {answer.status}")
    connection.close()


def measure(place: dict, question, requests: int) -> list[float]:
    ask(place, [question() for _ in range(4)], [])  # connections to the database have read its schema then
    times: list[float] = []
    threads = [threading.Thread(target=ask, args=(place, [question() for _ in range(requests // CONNECTIONS)], times))
               for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times)


def measure_all(ferry: str, folder: Path, url: str, options) -> int:
    (folder / "devices.jsonl").write_text("")
    worst = 0.0
    with running_hub(ferry, folder, "run", ["--db", url]) as (_, place):
        print(f"  {'ms':34}{'p50':>8}{'p99':>8}", flush=True)
        for name, question in questions(options.devices).items():
            times = measure(place, question, options.requests)
            p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
            worst = max(worst, p99)
            print(f"  {name:34}{times[len(times) // 2]:8.1f}{p99:8.1f}{'' if p99 < ALLOWED else '  too long'}", flush=True)
    print(f"  worst p99 {worst:.1f} ms, below {ALLOWED:.0f} wanted")
    return 0 if worst < ALLOWED else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferry")
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--readings", type=int, default=30_000_000)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="the folder of the SQLite database: filled once, asked again")
    options = parser.parse_args()
    print(f"hub-scale: {options.devices:,} devices, {options.readings:,} readings, "
          f"{'PostgreSQL' if options.postgresql else 'SQLite'}", flush=True)
    with contextlib.ExitStack() as stack:
        folder = Path(options.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        url = f"sqlite:{folder / 'hub.sqlite'}"
        if options.postgresql:
            url = stack.enter_context(running_database())("scale")
        if options.postgresql or not (folder / "hub.sqlite").exists():
            fill_all(options.ferry, folder, url, options)
        return measure_all(options.ferry, folder, url, options)


if __name__ == "__main__":
    sys.exit(main())
