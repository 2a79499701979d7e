#!/usr/bin/env python3
"""Instructions that a Cortex-M4 executes for each byte of an image that it makes from a delta, counted by QEMU.

usage: decode.py FERRY DECODE_ELF DIR

DIR holds a folder for each pair: old.bin and new.bin. QEMU runs with -icount shift=0: one instruction takes one nanosecond
of the board's time.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

KIB = 1024
FLASH = 16 * KIB * KIB
PAYLOAD_HEADER = 16  # in front of the patch


def decode(elf, flash):
    """What the program says, and the flash as it leaves it."""
    process = subprocess.Popen(
        ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-icount", "shift=0", "-kernel", elf,
         "-object", f"memory-backend-file,id=psram,size=16M,mem-path={flash},share=on", "-machine",
         "memory-backend=psram", "-serial", "stdio"], stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if found := re.match(r"decode: (\d+) (\d+) ms (\d+) bytes of RAM (\d+) of stack", line):
                return [int(number) for number in found.groups()]
        sys.exit("decode: the program said nothing")
    finally:
        process.kill()
        process.wait()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    ferry, elf, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    print(f"{'pair':<16}{'image':>10}{'delta':>10}{'instructions a byte':>22}{'RAM':>8}{'stack':>8}")
    counts = []
    for pair in sorted(old.parent for old in folder.glob("*/old.bin")):
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch) / "delta"
            subprocess.run([ferry, "delta", "--from", pair / "old.bin", "--to", pair / "new.bin", "--out", out],
                           check=True, stdout=subprocess.DEVNULL)
            old, new = (pair / "old.bin").read_bytes(), (pair / "new.bin").read_bytes()
            patch = out.read_bytes()[PAYLOAD_HEADER:]
            flash = pathlib.Path(scratch) / "flash.bin"
            content = struct.pack("<III", len(old), len(patch), len(new)) + old + patch
            flash.write_bytes(content + bytes(FLASH - len(content)))
            error, milliseconds, ram, stack = decode(elf, flash)
            if error != 0 or flash.read_bytes()[len(content):][:len(new)] != new:
                sys.exit(f"decode: {pair.name}: error {error}, or another image")
        counts.append(milliseconds * 1_000_000 / len(new))
        print(f"{pair.name:<16}{len(new):>10}{len(patch) + PAYLOAD_HEADER:>10}{counts[-1]:>22.0f}{ram:>8}{stack:>8}", flush=True)
    print(f"mean: {sum(counts) / len(counts):.0f} instructions a byte")


main()
