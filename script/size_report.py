#!/usr/bin/env python3
"""Prints what a linked firmware holds of each module: text, data and bss in bytes.

usage: size_report.py ELF BUILD_FOLDER [--budget BYTES] [--ram BYTES]
       size_report.py ELF BUILD_FOLDER --image [--without MODULE,...] [--apart MODULE+...=FLASH,RAM]... [--budget BYTES]
                      [--ram BYTES]

The link is optimised as a whole, so a function may hold others that it alone calls: such code counts for the module of
the outer one. What the toolchain brings (64-bit division) is a line of its own and not in the device's total; `doubles`
is its arithmetic in software, and counts for the toolchain unless nothing but modules named with --without calls it.
Exits 1 past the budgets, which are for the text of the device's total and for its data and bss.

With --image it is a whole program: flash is text and data, of the toolchain too, and RAM has the stack that the linker
script sets aside. The modules of --without are in the table, and not in what is held against the budgets; those of
--apart have budgets of their own.
"""
import argparse
import pathlib
import re
import subprocess
import sys
from collections import defaultdict

PREFIX = "arm-none-eabi-"
CLONE = re.compile(r"\.(lto_priv|constprop|isra|part|cold)(\.\d+)?")
KINDS = ("text", "data", "bss")
LAST = ("strings", "application", "toolchain", "doubles", "retained", "stack")  # below the modules


def run(tool, *arguments):
    return subprocess.run([PREFIX + tool, *arguments], check=True, capture_output=True, text=True).stdout


def entries(file):
    """Lines of the symbol table, in fields. (nm would show what the LTO plugin makes of an object.)"""
    for line in run("readelf", "-sW", str(file)).splitlines():
        fields = line.split()
        if len(fields) == 8:
            yield fields


def symbols(file):
    """Place (section, address), size, and name without the marks of clones."""
    for fields in entries(file):
        if fields[3] in ("FUNC", "OBJECT") and fields[6] not in ("UND", "ABS"):
            name = fields[7]
            while CLONE.search(name):
                name = CLONE.sub("", name)
            yield (fields[6], int(fields[1], 16) & ~1), int(fields[2], 0), name


def sections(elf):
    """Section number -> name and size, of those that take memory."""
    found = re.findall(r"\[\s*(\d+)\] \.(\S+)\s+\S+\s+\S+ \S+ (\S+) \S+ +\w*A", run("readelf", "-SW", str(elf)))
    return {number: (name, int(size, 16)) for number, name, size in found}


def parts(build, elf):
    """Module -> archive or object, lowest first; those of firmware/ only for a program that stands there."""
    for archive in sorted((build / "device").glob("*/libferry_*.a")):
        yield archive.stem.removeprefix("libferry_"), archive
    for archive in sorted((build / "firmware").rglob("libferry_*.a")):
        yield archive.stem.removeprefix("libferry_"), archive
    for compiled in sorted((build / "firmware/CMakeFiles" / (elf.stem + ".dir")).rglob("*.obj")):
        yield "application" if compiled.name == "main.cpp.obj" else compiled.parent.name, compiled


def owners(build, elf):
    """Which module defines a name; the lowest where several do (templates, inline functions)."""
    owner = {}
    for module, file in parts(build, elf):
        for _, _, name in symbols(file):
            owner.setdefault(name, module)
    return owner


def toolchain(elf):
    """Names that the toolchain's libraries define, and the object of each, from the link's map."""
    names = {}
    library = None
    for line in open(elf.parent.parent / (elf.stem + ".map"), encoding="utf-8"):
        placed = re.match(r"^ \S+\s+0x[0-9a-f]+\s+0x[0-9a-f]+ (\S+)", line)
        if placed:
            found = re.search(r"/lib[^/]*\.a\((.+)\)$", placed.group(1))
            library = found.group(1) if found and "libferry" not in placed.group(1) else None
        elif library and (found := re.match(r"^\s+0x[0-9a-f]+\s+(\w+)$", line)):
            names[found.group(1)] = library
    return names


def callers_of_doubles(names, build, elf):
    """The modules that refer to the toolchain's arithmetic with doubles."""
    return {module for module, file in parts(build, elf)
            if any(fields[6] == "UND" and "df" in names.get(fields[7], "") for fields in entries(file))}


def table(elf, build, without):
    owner, foreign, kinds = owners(build, elf), toolchain(elf), sections(elf)
    doubles = without and callers_of_doubles(foreign, build, elf) <= set(without)
    sums = defaultdict(lambda: defaultdict(int))
    seen = set()
    for place, size, name in symbols(elf):
        if place in seen or not size:  # two names for one thing
            continue
        seen.add(place)
        module = owner.get(name, "application")
        if name in foreign:
            module = "doubles" if doubles and "df" in foreign[name] else "toolchain"
        section = kinds[place[0]][0]
        sums[module][section if section in KINDS else "text"] += size
    for name, size in kinds.values():
        if name in ("stack", "retained"):
            sums[name]["bss"] = size
    text, data, bss = (int(n) for n in run("size", str(elf)).splitlines()[1].split()[:3])
    sums["strings"]["text"] = text - sum(m["text"] for m in sums.values())  # and padding: no symbols
    return sums, {"text": text, "data": data, "bss": bss}


def row(name, sizes):
    print(f"{name:<12}" + "".join(f"{sizes[kind]:>9}" for kind in KINDS))


def read_apart(text):
    modules, _, budgets = text.partition("=")
    return modules.split("+"), *(int(number) for number in budgets.split(","))


def check_apart(modules, sums, most_flash, most_ram):
    flash = sum(sums[module][kind] for module in modules for kind in ("text", "data"))
    ram = sum(sums[module][kind] for module in modules for kind in ("data", "bss"))
    name = " and ".join(modules)
    print(f"{name}, apart: flash: {flash} bytes of {most_flash}; RAM: {ram} of {most_ram}")
    if not 0 < flash <= most_flash or not 0 < ram <= most_ram:
        sys.exit(f"size: {name} is over its budget, or not there at all")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("elf", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--budget", type=int, metavar="BYTES")
    parser.add_argument("--ram", type=int, metavar="BYTES")
    parser.add_argument("--image", action="store_true")
    parser.add_argument("--apart", action="append", default=[], metavar="MODULE+...=FLASH,RAM")
    parser.add_argument("--without", type=lambda text: text.split(","), default=[], metavar="MODULE,...")
    arguments = parser.parse_args()
    sums, whole = table(arguments.elf, arguments.build, arguments.without)
    print(f"{'module':<12}{'text':>9}{'data':>9}{'bss':>9}")
    for module in sorted(sums.keys() - set(LAST)) + [module for module in LAST if module in sums]:
        if arguments.image or module != "toolchain":
            row(module, sums[module])
    if arguments.image:
        row("image", whole)
        apart = [read_apart(text) for text in arguments.apart]
        without = [*arguments.without, *(module for modules, _, _ in apart for module in modules)]
        left_out = [*without, "doubles"]
        flash = whole["text"] + whole["data"] - sum(sums[module][kind] for module in left_out for kind in ("text", "data"))
        ram = whole["data"] + whole["bss"] - sum(sums[module][kind] for module in left_out for kind in ("data", "bss"))
        of = f" without {', '.join(without)}" if without else ""
        if arguments.budget:
            print(f"flash{of}: {flash} bytes of {arguments.budget}; RAM: {ram} of {arguments.ram}")
        for modules, most_flash, most_ram in apart:
            check_apart(modules, sums, most_flash, most_ram)
    else:
        flash, ram = whole["text"] - sums["toolchain"]["text"], whole["data"] + whole["bss"]
        row("device", {**whole, "text": flash})
        row("toolchain", sums["toolchain"])
    if arguments.budget and flash > arguments.budget:
        sys.exit(f"size: {flash} bytes of {'flash' if arguments.image else 'text'} are over the budget of {arguments.budget}")
    if arguments.ram and ram > arguments.ram:
        sys.exit(f"size: {ram} bytes of RAM are over the budget of {arguments.ram}")


main()
