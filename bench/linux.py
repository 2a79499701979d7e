#!/usr/bin/env python3
"""Deltas of Linux images: the kernel of Debian for arm64 and an ext4 root file system, beside the tools installed here.

usage: linux.py FERRY FOLDER [--pair NAME] [--peers [NAME,...]]

FOLDER keeps what apt-get downloads and the images made of it. Needs root once: `dpkg --add-architecture arm64` and
`apt-get update`. --peers: bsdiff (its patch as it is; minutes and gigabytes), xdelta3, zstd --patch-from and zchunk too,
where installed, or those that are named.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

KERNELS = ("linux-image-6.1.0-47-arm64", "linux-image-6.1.0-50-arm64")
# A root file system: of each package the newest version that is offered, and the one before it where there is one.
PACKAGES = """bash bind9-host bind9-libs busybox coreutils curl dash dbus e2fsprogs findutils grep gzip iproute2
kmod libc6 libcurl4 libext2fs2 libglib2.0-0 libgnutls30 libkrb5-3 liblzma5 libp11-kit0
libsqlite3-0 libssl3 libstdc++6 libsystemd-shared libsystemd0 libxml2 libzstd1 login mount nginx
openssh-client openssh-server openssl passwd procps sed sudo systemd tar udev util-linux
vim-tiny wget zlib1g""".split()
SIZE = "120M"
EPOCH = "1700000000"  # so that the file systems come out alike every time
KERNEL_MOST = 1_750_000  # bytes
ROOTFS_SHARE = 0.36  # of the patch of zstd
LEAST_SPEED = 15  # MB/s of processor time
MOST_SECONDS = 240
MOST_MEMORY = 2 * 1024 * 1024  # KiB, of the encoder
PEERS = {
    "bsdiff": lambda old, new, out: ["bsdiff", old, new, out],
    "xdelta3": lambda old, new, out: ["xdelta3", "-e", "-9", "-S", "lzma", "-f", "-s", old, new, out],
    "zstd": lambda old, new, out: ["zstd", "-q", "-f", "-19", "--long=27", f"--patch-from={old}", new, "-o", out],
}


def own_memory(pid):
    """The memory of a process less the files that it has mapped, in KiB; 0 once it has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon:")), 0)


def run(command, folder=None):
    """Seconds by the clock and of processor time, and the most memory that it had, in KiB: as a whole, and looked at every
    few milliseconds, its own."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([str(part) for part in command], cwd=folder, stdout=subprocess.DEVNULL, stderr=errors)
        own, ended = 0, 0
        while ended == 0:
            own = max(own, own_memory(process.pid))
            time.sleep(0.005)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        errors.seek(0)
        error = errors.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"linux: {' '.join(map(str, command))}: {error.strip()[-300:]}")
    return {"wall": time.monotonic() - started, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss,
            "own": own}


def download(folder, package, version=None):
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{package}:arm64" + (f"={version}" if version else "")
    marker = folder / f"{package}_{version or 'newest'}.name"
    if not marker.exists():
        scratch = folder / "scratch"
        scratch.mkdir(exist_ok=True)
        run(["apt-get", "download", "-q", name], scratch)
        file = next(scratch.iterdir())
        file.rename(folder / file.name)
        marker.write_text(file.name)
    return folder / marker.read_text()


def unpack(archive, tree):
    tree.mkdir(parents=True, exist_ok=True)
    run(["dpkg-deb", "-x", archive, tree])


def make_kernels(folder):
    for package, name in zip(KERNELS, ("old.bin", "new.bin")):
        target = folder / "kernel" / name
        if not target.exists():
            tree = folder / "tree"
            unpack(download(folder / "packages", package), tree)
            target.parent.mkdir(exist_ok=True)
            shutil.copy(next(tree.glob("boot/vmlinuz-*")), target)
            shutil.rmtree(tree)


def versions_of(package):
    said = subprocess.run(["apt-cache", "madison", f"{package}:arm64"], capture_output=True, text=True, check=True).stdout
    found = list(dict.fromkeys(line.split("|")[1].strip() for line in said.splitlines() if "Packages" in line))
    return (found[1] if len(found) > 1 else found[0], found[0]) if found else None


def make_file_systems(folder):
    chosen = folder / "versions.json"
    if not chosen.exists():
        chosen.write_text(json.dumps({package: versions_of(package) for package in PACKAGES}))
    versions = {package: pair for package, pair in json.loads(chosen.read_text()).items() if pair}
    for index, name in enumerate(("old.bin", "new.bin")):
        target = folder / "rootfs" / name
        if target.exists():
            continue
        tree = folder / "tree"
        for package, pair in versions.items():
            unpack(download(folder / "packages", package, pair[index]), tree)
        for part in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/lib/aarch64-linux-gnu/gconv"):
            shutil.rmtree(tree / part, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        os.environ.update(SOURCE_DATE_EPOCH=EPOCH, E2FSPROGS_FAKE_TIME=EPOCH)
        unfinished = target.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, "-U", "5f4e1f2a-0000-4000-8000-000000000001", "-E",
             "hash_seed=5f4e1f2a-0000-4000-8000-000000000002", "-m", "0", unfinished, SIZE])
        unfinished.rename(target)
        shutil.rmtree(tree)


def required(what, reached, holds, limit):
    print(f"  {what}: {reached}; required: {limit}{'' if holds else '  MISSED'}", flush=True)
    return holds


def line(name, size, made, applied=None, image=0):
    text = f"  {name:<10}{size:>12}{made['wall']:>10.1f}{made['cpu']:>10.1f}{made['rss'] / 1024:>10.0f}"
    if applied:
        text += f"{image / 1e6 / applied['cpu']:>12.1f}{applied['own'] / 1024:>10.1f}"
    print(text, flush=True)


def measure(ferry, pair, peers):
    old, new, out, back = pair / "old.bin", pair / "new.bin", pair / "delta", pair / "back.bin"
    image = new.stat().st_size
    print(f"{pair.name}: {image} bytes\n  {'':<10}{'delta':>12}{'wall s':>10}{'CPU s':>10}{'MiB':>10}{'MB/s CPU':>12}{'own MiB':>10}")
    made = run([ferry, "delta", "--from", old, "--to", new, "--out", out, "--memory", "8192"])
    applied = run([ferry, "patch", "--from", old, "--patch", out, "--out", back])
    if subprocess.run(["cmp", "-s", back, new]).returncode != 0:
        sys.exit(f"linux: {pair.name}: the delta does not give the new image back")
    line("ferry", out.stat().st_size, made, applied, image)
    idle = run([ferry, "patch", "--help"])
    print(f"  (of its own memory, {idle['own'] / 1024:.1f} MiB are what the tool has before it does anything)")
    size, speed = out.stat().st_size, image / 1e6 / applied["cpu"]
    good = required("decodes, MB/s", round(speed, 1), speed >= LEAST_SPEED, LEAST_SPEED)
    good &= required("made in seconds", round(made["wall"]), made["wall"] <= MOST_SECONDS, MOST_SECONDS)
    good &= required("made in MiB", made["rss"] // 1024, made["rss"] <= MOST_MEMORY, MOST_MEMORY // 1024)
    if pair.name == "kernel":
        good &= required("bytes", size, size <= KERNEL_MOST, KERNEL_MOST)
    for peer, command in PEERS.items():
        if peer in peers and shutil.which(peer):
            made = run(command(str(old), str(new), str(out)))
            line(peer, out.stat().st_size, made)
            if peer == "zstd" and pair.name == "rootfs":
                share = size / out.stat().st_size
                good &= required("of the patch of zstd", f"{share:.3f}", share <= ROOTFS_SHARE, ROOTFS_SHARE)
    if "zchunk" in peers and shutil.which("zck"):
        sizes = {}
        for file in (old, new):
            run(["zck", "-o", pair / f"{file.stem}.zck", file])
            said = subprocess.run(["zck_read_header", "-c", pair / f"{file.stem}.zck"], capture_output=True, text=True).stdout
            rows = [row.split() for row in said.splitlines()]
            sizes[file.stem] = {row[1]: int(row[3]) for row in rows if len(row) > 3 and row[0].isdigit() and row[3].isdigit()}
        missing = sum(size for digest, size in sizes["new"].items() if digest not in sizes["old"])
        print(f"  {'zchunk':<10}{missing:>12}  (chunks that the old image lacks)")
    out.unlink()
    back.unlink()
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ferry", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pair", choices=("kernel", "rootfs"))
    parser.add_argument("--peers", nargs="?", const=",".join([*PEERS, "zchunk"]), default="", type=lambda text: text.split(","))
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    good = True
    for name, make in (("kernel", make_kernels), ("rootfs", make_file_systems)):
        if options.pair in (None, name):
            make(folder)
            good &= measure(options.ferry.resolve(), folder / name, options.peers)
    sys.exit(0 if good else 1)


main()
