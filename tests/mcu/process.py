"""Programs that a test starts, reads line by line, and ends by their process id."""
import re
import signal
import subprocess
import threading
import time

PATIENCE = 120  # seconds, on a machine that is busy


class Failure(Exception):
    """What a test found wrong."""


def check(holds, text):
    if not holds:
        raise Failure(text)


class Process:
    """Its output is read as a story: expect() goes on behind the line that fitted last."""

    def __init__(self, *command, cwd):
        self.command = command
        self.lines = []
        self.at = 0  # the first line that expect() has not passed
        self.grown = threading.Condition()
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.add(line.decode(errors="replace").strip())
        self.add("")

    def add(self, line):
        with self.grown:
            self.lines.append(line)
            self.grown.notify_all()

    def wait_for(self, pattern, seconds=PATIENCE, first=0):
        """Number and match of the first line that fits, from line `first` on; None after so long or at the end."""
        until = time.monotonic() + seconds
        with self.grown:
            while True:
                ended = not self.reader.is_alive()
                for number, line in enumerate(self.lines[first:], first):
                    if found := re.search(pattern, line):
                        return number, found
                    first = number + 1
                left = until - time.monotonic()
                if left <= 0 or ended:
                    return None
                self.grown.wait(min(left, 0.5))

    def expect(self, pattern, seconds=PATIENCE):
        match = self.expect_quietly(pattern, seconds)
        print(f"mcu: {self.lines[self.at - 1]}"[:160], flush=True)
        return match

    def expect_quietly(self, pattern, seconds=PATIENCE):
        found = self.wait_for(pattern, seconds, self.at)
        if not found:
            raise Failure(f"'{pattern}' never came from {self.command[0]}:\n  " + "\n  ".join(self.lines[-60:]))
        self.at = found[0] + 1
        return found[1]

    def seen(self, pattern, first=0):
        """How many of the lines so far fit."""
        with self.grown:
            return sum(re.search(pattern, line) is not None for line in self.lines[first:])

    def type(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join()
