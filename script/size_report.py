#!/usr/bin/env python3
"""Prints what a linked firmware holds of each module: text, data and bss in bytes.

usage: size_report.py ELF BUILD_FOLDER [--budget BYTES] [--ram BYTES]

The link is optimised as a whole, so a function may hold others that it alone calls: such code counts for the module of
the outer one. What the toolchain brings (memcpy, 64-bit division) is a line of its own and not in the device's total.
Exits 1 past the budgets, which are for the text of the device's total and for its data and bss.
"""
import argparse
import pathlib
import re
import subprocess
import sys
from collections import defaultdict

PREFIX = "arm-none-eabi-"
CLONE = re.compile(r"\.(lto_priv|constprop|isra|part|cold)(\.\d+)?")


def run(tool, *arguments):
    return subprocess.run([PREFIX + tool, *arguments], check=True, capture_output=True, text=True).stdout


def symbols(file):
    """Place (section, address), size, and name without the marks of clones. (nm would show what the LTO plugin makes of an object.)"""
    for line in run("readelf", "-sW", str(file)).splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[3] in ("FUNC", "OBJECT") and fields[6] not in ("UND", "ABS"):
            name = fields[7]
            while CLONE.search(name):
                name = CLONE.sub("", name)
            yield (fields[6], int(fields[1], 16) & ~1), int(fields[2], 0), name


def sections(elf):
    """Section number -> text, data or bss."""
    found = re.findall(r"\[\s*(\d+)\] \.(\w+)", run("readelf", "-SW", str(elf)))
    return {number: name if name in ("data", "bss") else "text" for number, name in found}


def modules(build):
    """Which module's archive defines a name; the lowest module where several do (templates, inline functions)."""
    owner = {}
    for archive in sorted((build / "device").glob("*/libferry_*.a")):
        for _, _, name in symbols(archive):
            owner.setdefault(name, archive.stem.removeprefix("libferry_"))
    return owner


def toolchain(elf):
    """Names that the toolchain's libraries define, from the link's map."""
    names = set()
    library = False
    for line in open(elf.parent.parent / (elf.name + ".map"), encoding="utf-8"):
        placed = re.match(r"^ \S+\s+0x[0-9a-f]+\s+0x[0-9a-f]+ (\S+)", line)
        if placed:
            library = "/lib" in placed.group(1) and ".a(" in placed.group(1) and "libferry" not in placed.group(1)
        elif library and (found := re.match(r"^\s+0x[0-9a-f]+\s+(\w+)$", line)):
            names.add(found.group(1))
    return names


def table(elf, build):
    owner, foreign = modules(build), toolchain(elf)
    sums = defaultdict(lambda: defaultdict(int))
    text, data, bss = (int(n) for n in run("size", str(elf)).splitlines()[1].split()[:3])
    kinds = sections(elf)
    seen = set()
    for place, size, name in symbols(elf):
        if place in seen or not size:  # two names for one thing
            continue
        seen.add(place)
        module = "toolchain" if name in foreign else owner.get(name, "application")
        sums[module][kinds[place[0]]] += size
    sums["strings"]["text"] = text - sum(m["text"] for m in sums.values())  # and padding: no symbols
    return sums, (text, data, bss)


def row(name, sizes):
    print(f"{name:<12}" + "".join(f"{sizes[kind]:>9}" for kind in ("text", "data", "bss")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("elf", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--budget", type=int, metavar="BYTES")
    parser.add_argument("--ram", type=int, metavar="BYTES")
    arguments = parser.parse_args()
    sums, (text, data, bss) = table(arguments.elf, arguments.build)
    print(f"{'module':<12}{'text':>9}{'data':>9}{'bss':>9}")
    for module in sorted(sums.keys() - {"toolchain", "application"}):
        row(module, sums[module])
    row("application", sums["application"])
    device = {"text": text - sums["toolchain"]["text"], "data": data, "bss": bss}
    row("device", device)
    row("toolchain", sums["toolchain"])
    if arguments.budget and device["text"] > arguments.budget:
        sys.exit(f"size: {device['text']} bytes of text are over the budget of {arguments.budget}")
    if arguments.ram and data + bss > arguments.ram:
        sys.exit(f"size: {data + bss} bytes of RAM are over the budget of {arguments.ram}")


main()
