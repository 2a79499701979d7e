#!/usr/bin/env python3
"""Proves from the includes that dependencies point one way only (docs/design.md, "The house")."""
import pathlib
import re
import subprocess
import sys

# What each folder may include, besides itself. Most specific name first.
DEVICE = {
    "device/base": [],
    "device/flash": ["device/base"],
    "device/crypto": ["device/base"],
    "device/cbor": ["device/base"],
    "device/cose": ["device/cbor", "device/crypto", "device/base"],
    "device/journal": ["device/flash", "device/base"],
    "device/suit": ["device/cose", "device/cbor", "device/crypto", "device/base"],
    "device/factory": ["device/cose", "device/cbor", "device/crypto", "device/base"],
    "device/slots": ["device/journal", "device/crypto", "device/flash", "device/base"],
    "device/coding": ["device/base"],
    "device/delta": ["device/coding", "device/base"],
    "device/packed": ["device/coding", "device/base"],
    "device/payload": ["device/coding", "device/cose", "device/crypto", "device/flash", "device/base"],
    "device/events": ["device/suit", "device/cbor", "device/base"],
    "device/schedule": ["device/factory", "device/crypto", "device/base"],
    "device/ftp": ["device/base"],
    "device/at": ["device/base"],
    "device/modem": ["device/at", "device/base"],
    "device/senml": ["device/cbor", "device/base"],
    "device/mqtt": ["device/factory", "device/base"],
    "device/seal": ["device/factory", "device/journal", "device/crypto", "device/cbor", "device/base"],
    "device/boot": ["device/suit", "device/slots", "device/factory", "device/journal", "device/cose", "device/cbor",
                    "device/crypto", "device/flash", "device/base"],
}
DEVICE["device/upgrade"] = [name for name in DEVICE if name != "device/boot"]
ALL_DEVICE = list(DEVICE) + ["device/upgrade"]

RULES = {
    **DEVICE,
    "ports": ["device"],
    "firmware": ["device", "ports"],
    "agent": ["device", "ports"],
    "sim": ["device"],
    "host": ["device", "ferry"],  # include/ferry: the C interfaces
    "servers/ftp": ["host", "device"],
    "servers/hub": ["host", "device"],
    "tools": ["host", "servers", "sim", "device", "ports"],
    "fuzz": ["device", "host", "sim", "servers", "tests"],
    "bench": ["device", "host", "sim", "ports", "servers"],
    "tests": ["device", "host", "sim", "ports", "servers", "agent", "tools"],
}
TEST = re.compile(r"_(test|test_util|testing)\.(cpp|h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(path):
    names = sorted((name for name in RULES if path == name or path.startswith(name + "/")), key=len)
    return names[-1] if names else None


def allowed(owner, included, is_test):
    if folder_of(included) == owner:
        return True
    allowances = RULES[owner] + (["sim", "host", "device", "ports"] if is_test else [])
    return any(included == name or included.startswith(name + "/") for name in allowances)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.cpp", "*.h"], cwd=root, check=True,
                           capture_output=True, text=True).stdout.split()
    wrong = []
    for name in files:
        owner = folder_of(name)
        if owner is None or not (root / name).exists():
            continue
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if found and not allowed(owner, found.group(1), bool(TEST.search(name))):
                wrong.append(f"{name}:{number}: {owner} must not include {found.group(1)}")
    print("\n".join(wrong) if wrong else f"includes: {len(files)} files, all in the right direction")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
