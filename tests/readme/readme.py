#!/usr/bin/env python3
"""README.md and docs/ tell the truth: readme.py BIN_FOLDER SOURCE_FOLDER

- README.md's commands work, one block after the other, in an empty folder, with what a newcomer has: an image.
- Every command that a document names has the options that it is given there.
- Every relative link leads somewhere, to a heading too; every script that is named is there.
- README.md fits on a screen.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

BIN, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
WIDEST, LONGEST = 122, 75  # of README.md
problems = []
counts = {"commands run": 0, "commands checked": 0, "links": 0, "scripts": 0}


def documents():
    yield from sorted(SOURCE.glob("*.md"))
    for folder in ("docs", "spec"):
        yield from sorted((SOURCE / folder).rglob("*.md"))


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def without_blocks(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def run_readme():
    """The blocks that use `ferry`; script/demo, which installs and builds, is what the mission tests run."""
    environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "app.bin").write_bytes(os.urandom(50_000))
        for block in blocks((SOURCE / "README.md").read_text()):
            if not block.startswith("ferry "):
                continue
            # `set -v`: the log of a failure names the line.
            done = subprocess.run(["bash", "-evc", block], cwd=folder, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
            counts["commands run"] += len(re.findall(r"^ferry ", block, re.MULTILINE))
            if done.returncode != 0:
                problems.append(f"README.md: a block fails with {done.returncode}:\n{done.stdout}")
    if counts["commands run"] < 6:
        problems.append(f"README.md: only {counts['commands run']} commands were found")


helps = {}
HUB_COMMANDS = (["hub", "backup"], ["hub", "restore"], ["hub", "migrate"])


def help_of(words):
    """The help of `ferry release` or `ferry keys new`; nothing where there is no such command."""
    key = tuple(words)
    if key not in helps:
        done = subprocess.run([BIN / words[0], *words[1:], "--help"], text=True, capture_output=True, timeout=60)
        there = done.returncode == 0 and f"Usage: {' '.join(words)} " in done.stdout
        helps[key] = done.stdout if there else None
    return helps[key]


def check_command(document, line):
    if not re.search(r"\bferry(-agent)? ", line):
        return
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        problems.append(f"{document}: not a command line: {line}")
        return
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    if not words or words[0] not in ("ferry", "ferry-agent") or not (BIN / words[0]).exists():
        return
    command = words[:1] if words[0] == "ferry-agent" else words[:3] if words[1:2] in (["keys"], ["product"]) or words[1:3] in HUB_COMMANDS else words[:2]
    command = [word for word in command if not word.startswith("-")]
    text = help_of(command)
    counts["commands checked"] += 1
    if text is None:
        problems.append(f"{document}: there is no `{' '.join(command)}`: {line}")
        return
    for option in re.findall(r"(?:^|\s)(--[a-z-]+)", " ".join(words[len(command):])):
        if not re.search(re.escape(option) + r"(?![a-z-])", text + "--help --version"):
            problems.append(f"{document}: `{' '.join(command)}` has no {option}: {line}")


def check_commands(document, text):
    for block in blocks(text):
        for line in block.replace("\\\n", " ").splitlines():
            check_command(document, line)
    for code in re.findall(r"`([^`\n]+)`", without_blocks(text)):
        check_command(document, code)


def slug(heading):
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def headings(file):
    return {slug(line) for line in re.findall(r"^#+ (.*)$", without_blocks(file.read_text()), re.MULTILINE)}


def check_links(document, file, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(text)):
        if re.match(r"[a-z]+:", target):
            continue
        counts["links"] += 1
        path, _, anchor = target.partition("#")
        there = (file.parent / path) if path else file
        if not there.exists():
            problems.append(f"{document}: leads nowhere: {target}")
        elif anchor and anchor not in headings(there):
            problems.append(f"{document}: no such heading: {target}")
    for script in re.findall(r"\b(script/[a-z_-]+(?:\.py)?)", text):
        counts["scripts"] += 1
        if not (SOURCE / script).exists():
            problems.append(f"{document}: is not there: {script}")


def check_screen():
    lines = (SOURCE / "README.md").read_text().splitlines()
    if len(lines) > LONGEST:
        problems.append(f"README.md: {len(lines)} lines; a screen has {LONGEST}")
    problems.extend(f"README.md: line {number} is wider than {WIDEST}" for number, line in enumerate(lines, 1)
                    if len(line) > WIDEST)


run_readme()
check_screen()
for file in documents():
    document = file.relative_to(SOURCE)
    text = file.read_text()
    check_commands(document, text)
    check_links(document, file, text)
for problem in problems:
    print(problem)
print(", ".join(f"{count} {what}" for what, count in counts.items()), f"- {len(problems)} problems")
sys.exit(1 if problems else 0)
