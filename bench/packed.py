#!/usr/bin/env python3
"""Whole images packed, beside xz with the filter for Thumb.

usage: packed.py FERRY DIR

DIR holds a folder for each pair of images, as for bench/delta.py: its new.bin is packed.
"""
import math
import pathlib
import subprocess
import sys
import tempfile
import time

XZ = ["xz", "--armthumb", "--lzma2=preset=9e,lc=1,lp=1", "--stdout"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ferry, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    print(f"{'image':<20}{'bytes':>10}{'packed':>10}{'xz':>10}{'ratio':>8}{'seconds':>9}")
    ratios = []
    for image in sorted(folder.glob("*/new.bin")):
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch) / "packed"
            begin = time.monotonic()
            subprocess.run([ferry, "pack", "--image", image, "--out", out], check=True, stdout=subprocess.DEVNULL)
            spent = time.monotonic() - begin
            packed = out.stat().st_size
        peer = len(subprocess.run([*XZ, image], check=True, capture_output=True).stdout)
        ratios.append(packed / peer)
        print(f"{image.parent.name:<20}{image.stat().st_size:>10}{packed:>10}{peer:>10}{ratios[-1]:>8.4f}{spent:>9.1f}")
    print(f"geometric mean: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.4f}")


main()
