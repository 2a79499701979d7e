#!/usr/bin/env python3
"""Deltas of firmware, beside those of the tools that are installed here.

usage: delta.py FERRY [DIR] [--peers] [--fetch FOLDER]

DIR holds a folder for each pair: old.bin and new.bin (../shared/corpus if not given and there). With --fetch the pairs that
anybody can get, images of the Particle Device OS in an npm package, are fetched into FOLDER and measured too; and, where
gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf are installed, images for RISC-V are built there of two versions
of SQLite, which another npm package has. --peers: bsdiff, xdelta3, zstd, xz and zchunk as well, where installed.
"""
import argparse
import pathlib
import re
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
SQLITE = "better-sqlite3"
BUILT = {  # pair: packages of the old version and the new one
    "riscv-3.47.1": ("11.5.0", "11.6.0"),
    "riscv-3.49.1": ("11.6.0", "11.9.1"),
    "riscv-3.49.2": ("11.9.1", "11.10.0"),
}
RISCV_FLASH = 0x42000000
RISCV = "riscv64-unknown-elf-"
RISCV_FLAGS = """--specs=picolibc.specs -march=rv32imc -mabi=ilp32 -Os -w -ffunction-sections -fdata-sections -Wl,--gc-sections
-DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_ENABLE_FTS5 -DSQLITE_OMIT_WAL
-DSQLITE_OMIT_LOCALTIME -DSQLITE_TEMP_STORE=3 -Wl,--defsym=__flash_size=0x400000
-Wl,--defsym=__ram=0x3fc80000 -Wl,--defsym=__ram_size=0x60000""".split()
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
            with tarfile.open(package_of(folder, PARTICLE, package)) as members:
                inside = f"package/assets/updates/{platform}-system-part1@{image}.bin"
                target.write_bytes(members.extractfile(inside).read())


def package_of(folder, name, version):
    archive = folder / f"{name}-{version}.tgz"
    if not archive.exists():
        run(["npm", "pack", "--silent", f"--pack-destination={folder}", f"{name}@{version}"])
    return archive


def object_of(folder, version):
    made = folder / f"{SQLITE}-{version}.o"
    if not made.exists():
        with tempfile.TemporaryDirectory() as scratch:
            with tarfile.open(package_of(folder, SQLITE, version)) as members:
                members.extractall(scratch, filter="data")
            sources = pathlib.Path(scratch) / "package/deps/sqlite3"
            main = pathlib.Path(__file__).parent / "riscv/main.c"
            parts = [sources / "sqlite3.o", sources / "main.o"]
            for source, part in zip((sources / "sqlite3.c", main), parts):
                run([RISCV + "gcc", *RISCV_FLAGS, f"-I{sources}", "-c", source, "-o", part])
            run([RISCV + "ld", "-m", "elf32lriscv", "-r", *parts, "-o", made])
    return made


def link(folder, version, flash, target):
    """An image of that version of SQLite that runs at `flash`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        program = pathlib.Path(scratch) / "program.elf"
        run([RISCV + "gcc", *RISCV_FLAGS, f"-Wl,--defsym=__flash={flash:#x}", object_of(folder, version), "-lm", "-o", program])
        run([RISCV + "objcopy", "-O", "binary", program, target])


def can_build():
    """Whether the compiler is there, and picolibc, which script/setup does not install."""
    if not shutil.which(RISCV + "gcc"):
        return False
    found = subprocess.run([RISCV + "gcc", "--print-file-name=picolibc.specs"], capture_output=True, text=True).stdout
    return pathlib.Path(found.strip()).is_absolute()


def build(folder):
    if not can_build():
        return
    for name, versions in BUILT.items():
        for version, file in zip(versions, ("old.bin", "new.bin")):
            if not (folder / name / file).exists():
                link(folder, version, RISCV_FLASH, folder / name / file)


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
    if "zchunk" in peers:
        row["zchunk"] = zchunk_download(old, new, scratch)
    for peer in (peer for peer in peers if peer in PEERS):
        run(PEERS[peer](str(old), str(new), str(out)))
        row[peer] = out.stat().st_size
        out.unlink()
    return row


def zchunk_download(old, new, scratch):
    """Bytes that a client which has the old image fetches of the new one, by chunks."""
    chunked = [scratch / f"{image.stem}.zck" for image in (old, new)]
    for image, target in zip((old, new), chunked):
        run(["zck", "-o", target, image])
    said = subprocess.run(["zck_delta_size", *chunked], capture_output=True, text=True, check=True)
    return int(re.search(r"Would download (\d+)", said.stdout + said.stderr).group(1))


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
        build(options.fetch.resolve())
        folders.append(options.fetch)
    pairs = pairs_of(folders)
    if not pairs:
        sys.exit("delta: no pairs; give a folder that holds PAIR/old.bin and PAIR/new.bin, or --fetch FOLDER")
    peers = [peer for peer in PEERS if options.peers and shutil.which(peer)]
    peers += ["zchunk"] if options.peers and shutil.which("zck_delta_size") else []
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


if __name__ == "__main__":
    main()
