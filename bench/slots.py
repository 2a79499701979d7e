#!/usr/bin/env python3
"""What a delta takes where the new image is linked for the other slot: beside one for the slot that the old one runs in.

usage: slots.py FERRY FIRMWARE [--fetch FOLDER]

FIRMWARE: the folder with the images of the meter, each linked for slot A and for slot B (script/firmware). With --fetch,
where a compiler for RISC-V is installed, programs around two versions of SQLite as well (delta.py). Exits 1 where a delta of
2,000 bytes or more grows by more than 5 %.
"""
import argparse
import pathlib
import sys
import tempfile

import delta

LIMIT = 1.05
OTHER_FLASH = 0x42180000
METERS = (("meter", "meter-next"), ("meter-crashes", "meter-next"))


def size_of(ferry, old, new):
    with tempfile.TemporaryDirectory() as scratch:
        out, back = pathlib.Path(scratch) / "delta", pathlib.Path(scratch) / "new.bin"
        delta.run([ferry, "delta", "--from", old, "--to", new, "--out", out])
        delta.run([ferry, "patch", "--from", old, "--patch", out, "--out", back])
        if back.read_bytes() != new.read_bytes():
            sys.exit(f"slots: {new}: the delta does not give the new image back")
        return out.stat().st_size


def sqlite_images(folder):
    for name, (old_version, new_version) in delta.BUILT.items():
        images = [folder / name / file for file in ("old.bin", "new.bin", "other-slot.bin")]
        for image, version, flash in zip(
            images, (old_version, new_version, new_version), (delta.RISCV_FLASH, delta.RISCV_FLASH, OTHER_FLASH)
        ):
            if not image.exists():
                delta.link(folder, version, flash, image)
        yield name, images


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ferry", type=pathlib.Path)
    parser.add_argument("firmware", type=pathlib.Path)
    parser.add_argument("--fetch", type=pathlib.Path)
    options = parser.parse_args()
    cases = [
        (f"{old} to {new}", [options.firmware / f"{image}.bin" for image in (f"{old}-a", f"{new}-a", f"{new}-b")])
        for old, new in METERS
    ]
    if options.fetch and delta.can_build():
        options.fetch.mkdir(parents=True, exist_ok=True)
        cases += sqlite_images(options.fetch.resolve())
    print(f"{'':<28}{'same slot':>12}{'other slot':>12}{'ratio':>8}")
    missed = False
    for name, (old, same, other) in cases:
        sizes = [size_of(options.ferry, old, new) for new in (same, other)]
        ratio = sizes[1] / sizes[0]
        missed |= ratio > LIMIT
        print(f"{name:<28}{sizes[0]:>12}{sizes[1]:>12}{ratio:>8.3f}", flush=True)
    print(f"required: {LIMIT}")
    sys.exit(1 if missed else 0)


main()
