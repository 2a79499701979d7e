#!/usr/bin/env python3
"""Prints what a linked firmware holds of each module, from the linker's map file: text, data and bss in bytes.

usage: size_report.py MAP [--others]
"""
import re
import sys
from collections import defaultdict

KINDS = {"text": "text", "rodata": "text", "init_array": "text", "fini_array": "text", "ARM": "text", "data": "data",
         "bss": "bss", "COMMON": "bss"}
SECTION = re.compile(r"^ \.?(text|rodata|data|bss|init_array|fini_array|ARM|COMMON)\S*")
PLACED = re.compile(r"0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$")
MODULE = re.compile(r"libferry_(\w+)\.a|[/ ](lib(?!ferry)[\w+]+)\.a\(")


def module_of(place):
    found = MODULE.search(place)
    if not found:
        return "libc" if "arm-none-eabi" in place else "application"
    return found.group(1) or ("toolchain" if found.group(2) else "application")


def sizes(lines):
    """(module, kind) -> bytes; a section's line may be broken behind its name."""
    total = defaultdict(int)
    in_map, pending = False, None
    for line in lines:
        in_map = in_map or line.startswith("Linker script and memory map")
        if not in_map:
            continue
        section = SECTION.match(line)
        kind = KINDS[section.group(1)] if section else pending
        placed = PLACED.search(line) if kind else None
        pending = kind if section and not placed else None
        if placed:
            total[module_of(placed.group(2)), kind] += int(placed.group(1), 16)
    return total


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        total = sizes(file)
    ours = [m for m in sorted({m for m, _ in total}) if m not in ("application", "toolchain", "libc")]
    sums = defaultdict(int)
    print(f"{'module':<12} {'text':>8} {'data':>8} {'bss':>8}")
    for module in ours + ["toolchain", "libc", "application"]:
        row = [total[module, kind] for kind in ("text", "data", "bss")]
        if any(row):
            print(f"{module:<12} {row[0]:>8} {row[1]:>8} {row[2]:>8}")
        for kind, size in zip(("text", "data", "bss"), row):
            sums[kind] += size
    print(f"{'total':<12} {sums['text']:>8} {sums['data']:>8} {sums['bss']:>8}")


main()
