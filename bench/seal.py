#!/usr/bin/env python3
"""Instructions that a Cortex-M4 executes to seal a message, journal included, counted by QEMU; and what of RAM it uses.

usage: seal.py SEAL_ELF

QEMU runs with -icount shift=0: one instruction takes one nanosecond of the board's time.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FLASH = 16 * 1024 * 1024


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        flash = pathlib.Path(scratch) / "flash.bin"
        flash.write_bytes(b"\xff" * FLASH)
        process = subprocess.Popen(
            ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-icount", "shift=0", "-kernel",
             sys.argv[1], "-object", f"memory-backend-file,id=psram,size=16M,mem-path={flash},share=on", "-machine",
             "memory-backend=psram", "-serial", "stdio"], stdout=subprocess.PIPE, text=True)
        try:
            for line in process.stdout:
                if found := re.match(r"seal: (\d+) bytes (\d+) times (\d+) ms", line):
                    size, times, milliseconds = (int(number) for number in found.groups())
                    print(f"{size:>4} bytes: {milliseconds * 1_000_000 / times:>9,.0f} instructions", flush=True)
                elif found := re.match(r"seal: (\d+) bytes of RAM (\d+) of arena (\d+) of stack", line):
                    print("{} bytes of RAM, {} of the arena and {} of stack at most".format(*found.groups()))
                elif found := re.match(r"seal: ended, error (\d+)", line):
                    sys.exit(f"seal: error {found.group(1)}" if found.group(1) != "0" else 0)
            sys.exit("seal: the program said nothing")
        finally:
            process.kill()
            process.wait()


main()
