"""What the benches of the hub share: the hub, a broker and a PostgreSQL as processes of their own, in temporary folders."""
import glob
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


BROKER_PORT = free_port()
DATABASE_PORT = free_port()


def wait_until(condition, seconds: float = 240, pause: float = 0.01) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("bench/hub: what was to happen did not happen in time")
        time.sleep(pause)


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


def summary(place: dict) -> dict:
    ask = urllib.request.Request(f"http://{place['http']}/api/v1/summary",
                                 headers={"Authorization": f"Bearer {place['token']}"})
    return json.load(urllib.request.urlopen(ask))


def stored(place: dict) -> int:
    return summary(place)["readings"]


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def running_broker(folder: Path):
    (folder / "broker").write_text(f"listener {BROKER_PORT} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                                   "max_inflight_messages 4096\n")
    with process(["mosquitto", "-c", folder / "broker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        probe = ["mosquitto_pub", "-p", BROKER_PORT, "-q", "1", "-t", "up", "-n"]
        wait_until(lambda: subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0)
        yield


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
