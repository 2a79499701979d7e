#!/usr/bin/env python3
"""What code for Cortex-M looks like, as a table for device/packed: writes device/packed/prior.cpp to standard output.

usage: packed_prior.py IMAGE...

IMAGE: firmware that we have built ourselves, as script/firmware leaves it in build/cortex-m4/bin; of others' nothing is taken.
The table is part of the format of packed images: whoever makes it anew changes the golden test with it.
"""
import math
import pathlib
import sys

# How many rows each kind of byte has: upper ones of first halfwords, lower ones, both of second halfwords.
ROWS = [28, 48, 14, 22]
# Log odds that a step of the table stands for, in 1/256: as kLogOdds in device/packed/prior.h.
STEPS = [-1536, -1075, -768, -538, -358, -205, -90, 0, 90, 205, 358, 538, 768, 1075, 1536]


class Place:
    """As device/packed/place.h."""

    def __init__(self):
        self.first = self.last = None
        self.second = False

    def kind(self, at):
        if self.last is not None and self.first <= at < self.last + 4:
            return 2
        return 1 if self.second else 0

    def take(self, at, half):
        if self.kind(at) == 2:
            self.second = False
            return
        if self.last is not None and at >= self.last + 4:
            self.last = None
        begins = not self.second
        self.second = begins and half >= 0xE800
        if begins and half >> 11 == 9:
            loaded = ((at + 4) & ~3) + (half & 0xFF) * 4
            self.first = loaded if self.last is None else min(self.first, loaded)
            self.last = loaded if self.last is None else max(self.last, loaded)


def halves_of(image):
    """Halfwords, with branches counted from the beginning of the image, and where branches begin."""
    halves = [image[i] | image[i + 1] << 8 for i in range(0, len(image) - 1, 2)]
    branches = set()
    i = 0
    while i + 1 < len(halves):
        first, second = halves[i], halves[i + 1]
        if first & 0xF800 == 0xF000 and second & 0xF800 in (0xF800, 0xB800):
            operand = ((first & 0x7FF) << 11 | (second & 0x7FF)) + i + 2
            halves[i] = first & 0xF800 | operand >> 11 & 0x7FF
            halves[i + 1] = second & 0xF800 | operand & 0x7FF
            branches.add(i)
            i += 1
        i += 1
    return halves, branches


def add(counts, context, byte):
    row = counts.setdefault(context, [[0, 0] for _ in range(256)])
    node = 1
    for bit in range(7, -1, -1):
        one = byte >> bit & 1
        row[node][one] += 1
        node = node * 2 + one


def count(images):
    """For each kind of byte: of each context, how often each of its bits was 0 and 1."""
    kinds = [{}, {}, {}, {}]
    seen = set()  # what comes again is mostly a match
    for image in images:
        halves, branches = halves_of(image)
        place = Place()
        skip = False
        for i, half in enumerate(halves):
            kind = place.kind(2 * i)
            before = halves[i - 1] if i else 0
            place.take(2 * i, half)
            if skip or kind == 2 or (before, half, kind) in seen:
                skip = False
                continue
            seen.add((before, half, kind))
            add(kinds[kind * 2], before >> 8, half >> 8)
            if kind == 0 and i in branches and half >> 8 == 0xF0:
                skip = True
            else:
                add(kinds[kind * 2 + 1], half >> 8, half & 0xFF)
    return kinds


def cost(row):
    total = 0.0
    for zeros, ones in row:
        if zeros + ones:
            p = (ones + 0.4) / (zeros + ones + 0.8)
            total -= ones * math.log2(p) + zeros * math.log2(1 - p)
    return total


def joined(a, b):
    return [[x[0] + y[0], x[1] + y[1]] for x, y in zip(a, b)]


def cluster(contexts, most):
    """Contexts whose rows are alike share one: those are joined that cost least, until `most` remain."""
    groups = [([context], row, cost(row)) for context, row in sorted(contexts.items())]
    prices = {}

    def price(a, b):
        key = (tuple(a[0]), tuple(b[0]))
        if key not in prices:
            prices[key] = cost(joined(a[1], b[1])) - a[2] - b[2]
        return prices[key]

    while len(groups) > most:
        _, i, j = min((price(a, b), i, j) for i, a in enumerate(groups) for j, b in enumerate(groups[:i]))
        a, b = groups.pop(i), groups.pop(j)
        row = joined(a[1], b[1])
        groups.append((sorted(a[0] + b[0]), row, cost(row)))
    return groups


def step(zeros, ones):
    if zeros + ones == 0:
        return STEPS.index(0)
    odds = 256 * math.log((ones + 0.4) / (zeros + 0.4))
    return min(range(len(STEPS)), key=lambda i: abs(STEPS[i] - odds))


def table_of(kinds):
    maps, rows = [], []
    for contexts, most in zip(kinds, ROWS):
        groups = cluster(contexts, most)
        every = [[0, 0] for _ in range(256)]
        for group in groups:
            every = joined(every, group[1])
        likeliest = max(range(len(groups)), key=lambda i: sum(groups[i][1][1]))
        own = [len(rows) + likeliest] * 256
        for i, (members, row, _) in enumerate(groups):
            for context in members:
                own[context] = len(rows) + i
        maps.append(own)
        rows += [[step(*node) for node in group[1]] for group in groups]
    return maps, rows


def words(values, bits):
    """As many of them as go into 64 bits, the first one lowest."""
    each = 64 // bits
    numbers = [sum(v << bits * k for k, v in enumerate(values[i : i + each])) for i in range(0, len(values), each)]
    texts = [f"0x{number:016X}," for number in numbers]
    return "\n".join("    " + " ".join(texts[i : i + 5]) for i in range(0, len(texts), 5))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    maps, rows = table_of(count([pathlib.Path(name).read_bytes() for name in sys.argv[1:]]))
    print("// Made by tools/packed_prior.py: to be made anew, not changed.")
    print('#include "device/packed/prior.h"\n')
    print("namespace ferry::packed {\n")
    print("// clang-format off")
    print("const std::array<std::uint64_t, kPriorTables * 256 / 8> kPriorRows = {")
    print(words([row for own in maps for row in own], 8))
    print("};")
    print("const std::array<std::uint64_t, kPriorRowCount * 256 / 16> kPriorSteps = {")
    print(words([value for row in rows for value in row], 4))
    print("};")
    print("// clang-format on\n")
    print("}  // namespace ferry::packed")


main()
