#!/usr/bin/env python3
"""What decoding costs on a microcontroller: instructions for each byte of the image, RAM, stack, and code, in QEMU.

usage: decode.py FERRY BUILD DIR...
       decode.py --check EXAMPLES ELF

DIR holds a folder for each pair: old.bin and new.bin. Their deltas, and the new image packed, are decoded by the programs in
BUILD/bin, which is of script/firmware, and what comes out has to be the new image.
--check: the program EXAMPLES makes payloads of every kind, and ELF decodes them to the image that went in.

QEMU runs with -icount shift=0: one instruction takes one nanosecond of the board's time.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

MIB = 1024 * 1024
HEADER = 9  # of the payload, in front of what is coded
PACKED, DELTA = 2, 3
MODES = ("plain", "thumb2", "xtensa", "riscv", "aarch64")
METERS = ("plain", "thumb2")  # modes that the decoder in the meter has
ARM, RISCV = 40, 243  # of an ELF file's header
# Of each processor: the emulator, the size of the memory that is a file, and where flash is in it.
MACHINES = {
    ARM: (["qemu-system-arm", "-M", "mps2-an386", "-machine", "memory-backend=memory"], 16 * MIB, 0),
    RISCV: (["qemu-system-riscv32", "-M", "virt", "-bios", "none", "-m", "32M", "-machine", "memory-backend=memory"],
            32 * MIB, 16 * MIB),
}


def processor_of(elf):
    return struct.unpack("<H", elf.read_bytes()[18:20])[0]


def run(elf, memory):
    """What the program says."""
    emulator, size, _ = MACHINES[processor_of(elf)]
    process = subprocess.Popen(
        [*emulator, "-nographic", "-monitor", "none", "-icount", "shift=0", "-kernel", elf, "-object",
         f"memory-backend-file,id=memory,size={size},mem-path={memory},share=on", "-serial", "stdio"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if found := re.match(r"decode: (\d+) (\d+) ms (\d+) bytes of RAM (\d+) of stack", line):
                return [int(number) for number in found.groups()]
        sys.exit("decode: the program said nothing")
    finally:
        process.kill()
        process.wait()


def decode(elf, payload, old, new, name):
    """Instructions for a byte, bytes of RAM and of stack; exits where it is another image than `new`."""
    _, size, at = MACHINES[processor_of(elf)]
    content = struct.pack("<4I", kind_of(payload), len(old), len(payload) - HEADER, len(new)) + old + payload[HEADER:]
    with tempfile.NamedTemporaryFile() as memory:
        memory.truncate(size)
        memory.seek(at)
        memory.write(content)
        memory.flush()
        error, milliseconds, ram, stack = run(elf, memory.name)
        memory.seek(at + len(content))
        if error != 0 or memory.read(len(new)) != new:
            sys.exit(f"decode: {name}: error {error}, or another image")
    return milliseconds * 1_000_000 / max(1, len(new)), ram, stack


def kind_of(payload):
    return payload[4] & 15


def name_of(payload):
    return "packed" if kind_of(payload) == PACKED else MODES[payload[HEADER] & 15]


def made(command):
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "payload"
        subprocess.run([*command, "--out", out], check=True, stdout=subprocess.DEVNULL)
        return out.read_bytes()


def measure(ferry, programs, folders):
    print(f"{'pair':<16}{'payload':<9}{'image':>9}{'bytes':>9}{'instructions a byte':>21}{'RAM':>8}{'stack':>7}")
    counts = {}
    for pair in sorted(old.parent for folder in folders for old in folder.glob("*/old.bin")):
        old, new = (pair / "old.bin").read_bytes(), (pair / "new.bin").read_bytes()
        for payload in (made([ferry, "delta", "--from", pair / "old.bin", "--to", pair / "new.bin"]),
                        made([ferry, "pack", "--image", pair / "new.bin"])):
            kind = name_of(payload)
            program = "decode-packed" if kind == "packed" else "decode-delta" if kind in METERS else "decode"
            count, ram, stack = decode(programs / f"{program}.elf", payload, old if kind != "packed" else b"", new, pair.name)
            counts.setdefault(kind, []).append(count)
            print(f"{pair.name:<16}{kind:<9}{len(new):>9}{len(payload):>9}{count:>21.0f}{ram:>8}{stack:>7}", flush=True)
    for kind, found in counts.items():
        print(f"mean, {kind}: {sum(found) / len(found):.0f} instructions a byte")


def code(build):
    """Bytes of code and tables of the decoders, in programs that have one or all of them."""
    print(f"\n{'program':<16}{'delta':>9}{'packed':>9}{'coding':>9}   bytes of code and tables")
    for program in ("decode-delta", "decode-packed", "decode"):
        report = subprocess.run(["script/size_report.py", build / f"bin/{program}.elf", build, "--image"], check=True,
                                capture_output=True, text=True).stdout
        sizes = {line.split()[0]: line.split()[1] for line in report.splitlines() if line}
        print(f"{program:<16}" + "".join(f"{sizes.get(module, '-'):>9}" for module in ("delta", "packed", "coding")))


def check(examples, elf):
    if not elf.exists():
        print(f"decode: no {elf}; script/firmware builds it")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([examples, scratch] + (["--linux"] if processor_of(elf) == RISCV else []), check=True)
        found = sorted(pathlib.Path(scratch).iterdir())
        for example in found:
            payload = (example / "payload").read_bytes()
            old, new = (example / "old.bin").read_bytes(), (example / "new.bin").read_bytes()
            begin = time.monotonic()
            count, _, stack = decode(elf, payload, old, new, example.name)
            print(f"{example.name:<24}{name_of(payload):<9}{len(new):>8} bytes, {count:>5.0f} instructions a byte, {stack:>4} of "
                  f"stack, {time.monotonic() - begin:.1f} s", flush=True)
        print(f"decode: {len(found)} payloads, the same images as on the host")


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--check":
        check(sys.argv[2], pathlib.Path(sys.argv[3]))
    elif len(sys.argv) >= 4:
        build = pathlib.Path(sys.argv[2])
        measure(sys.argv[1], build / "bin", [pathlib.Path(folder) for folder in sys.argv[3:]])
        code(build)
    else:
        sys.exit(__doc__)


main()
