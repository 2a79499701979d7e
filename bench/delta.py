#!/usr/bin/env python3
"""Deltas of firmware, beside those of the tools that are installed here.

usage: delta.py FERRY [DIR] [--peers] [--fetch FOLDER]

DIR holds a folder for each pair: old.bin and new.bin (../shared/corpus if not given and there). With --fetch the pairs that
anybody can get, images of the Particle Device OS in an npm package, are fetched into FOLDER and measured too. --peers:
bsdiff, xdelta3, zstd and xz as well, where they are installed.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

MEMORY = (8, 12, 20)  # KiB at the device
PARTICLE = "particle-cli"
FETCHED = {  # pair: platform, (package, image) of the old one, and of the new one
    "argon-2.0.1": ("argon", ("2.9.0", "2.0.0"), ("2.10.0", "2.0.1")),
    "argon-2.1.0": ("argon", ("2.10.0", "2.0.1"), ("2.12.0", "2.1.0")),
    "boron-1.5.2": ("boron", ("2.5.0", "1.5.1"), ("2.7.0", "1.5.2")),
}
PEERS = {
    "bsdiff": lambda old, new, out: ["bsdiff", old, new, out],
    "xdelta3": lambda old, new, out: ["xdelta3", "-e", "-9", "-S", "lzma", "-f", "-s", old, new, out],
    "zstd": lambda old, new, out: ["zstd", "-q", "-f", "-19", "--long=27", f"--patch-from={old}", new, "-o", out],
    "xz": lambda old, new, out: ["sh", "-c", f"xz -9e -k -c '{new}' >'{out}'"],
}


def run(command):
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"delta: {' '.join(map(str, command))}: {done.stderr.strip()}")
    return time.monotonic() - started


def fetch(folder):
    for name, (platform, *versions) in FETCHED.items():
        for (package, image), file in zip(versions, ("old.bin", "new.bin")):
            target = folder / name / file
            if target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            archive = folder / f"{PARTICLE}-{package}.tgz"
            if not archive.exists():
                run(["npm", "pack", "--silent", f"--pack-destination={folder}", f"{PARTICLE}@{package}"])
            with tarfile.open(archive) as members:
                inside = f"package/assets/updates/{platform}-system-part1@{image}.bin"
                target.write_bytes(members.extractfile(inside).read())


def pairs_of(folders):
    found = {}
    for folder in folders:
        for old in sorted(folder.glob("*/old.bin")):
            if (old.parent / "new.bin").exists():
                found[old.parent.name] = old.parent
    return found


def measure(ferry, pair, peers, scratch):
    old, new, out, back = pair / "old.bin", pair / "new.bin", scratch / "delta", scratch / "new.bin"
    row = {"image": new.stat().st_size}
    for memory in MEMORY:
        spent = run([ferry, "delta", "--from", old, "--to", new, "--out", out, "--memory", str(memory)])
        row[f"ferry {memory} KiB"] = out.stat().st_size
        if memory == 12:
            row["seconds"] = round(spent, 1)
        run([ferry, "patch", "--from", old, "--patch", out, "--out", back])
        if back.read_bytes() != new.read_bytes():
            sys.exit(f"delta: {pair}: the delta does not give the new image back")
        out.unlink()
        back.unlink()
    for peer in peers:
        run(PEERS[peer](str(old), str(new), str(out)))
        row[peer] = out.stat().st_size
        out.unlink()
    return row


def geometric_mean(ratios):
    product = 1.0
    for ratio in ratios:
        product *= ratio
    return product ** (1 / len(ratios))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ferry", type=pathlib.Path)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--fetch", type=pathlib.Path)
    options = parser.parse_args()
    default = pathlib.Path("../shared/corpus")
    folders = [options.folder] if options.folder else [default] if default.is_dir() else []
    if options.fetch:
        options.fetch.mkdir(parents=True, exist_ok=True)
        fetch(options.fetch.resolve())
        folders.append(options.fetch)
    pairs = pairs_of(folders)
    if not pairs:
        sys.exit("delta: no pairs; give a folder that holds PAIR/old.bin and PAIR/new.bin, or --fetch FOLDER")
    peers = [peer for peer in PEERS if options.peers and shutil.which(peer)]
    columns = ["image"] + [f"ferry {memory} KiB" for memory in MEMORY] + peers + ["seconds"]
    print(f"{'pair':<16}" + "".join(f"{column:>14}" for column in columns), flush=True)
    ratios = []
    for name, pair in pairs.items():
        with tempfile.TemporaryDirectory() as scratch:
            row = measure(options.ferry, pair, peers, pathlib.Path(scratch))
        print(f"{name:<16}" + "".join(f"{row[column]:>14}" for column in columns), flush=True)
        if peers:
            ratios.append(row["ferry 12 KiB"] / min(row[peer] for peer in peers))
    if ratios:
        print(f"geometric mean of ferry 12 KiB to the smallest peer of each pair: {geometric_mean(ratios):.3f}")


main()
