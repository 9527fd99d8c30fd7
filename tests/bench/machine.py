#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The machine that the benchmark runs in: boots an image in QEMU and types at the shell's prompt.

usage: tests/bench/machine.py [--wall] IMAGE LOG COMMAND...

Types each command in turn, waits for the line `bench-end` after each, and leaves what the guest printed in LOG. With
--wall the guest's clock is the host's; without, it counts instructions. The environment's QEMU may name another
emulator, and MEMORY the guest's memory in MiB.
"""
import argparse
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

PROMPT = b"sluice> "
END = b"bench-end"
ERROR = b"bench-error"
MONITOR_PROMPT = b"(qemu)"
TIME_LIMIT = 300  # seconds of wall time without a word from the guest; a run takes about ten
CONNECT_LIMIT = 10  # seconds

# What would differ from run to run is fixed: the seed of the guest's random numbers and its date. ERMS and FSRM are off
# as for Linux (linux.sh): copies count by words, not as one string instruction. The second serial port is there for its
# interrupts.
FLAGS = ["-accel", "tcg", "-cpu", "max,-erms,-fsrm", "-smp", "1", "-seed", "1", "-rtc", "base=2020-01-01,clock=vm",
         "-display", "none", "-nic", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
# One instruction is one nanosecond of the guest's clock; an idle processor warps it.
COUNTED = ["-icount", "shift=0,sleep=off"]


class Failed(Exception):
    """The guest or QEMU did not do what was wanted; the text says what."""


def connect(path):
    deadline = time.monotonic() + CONNECT_LIMIT
    while True:
        try:
            link = socket.socket(socket.AF_UNIX)
            link.connect(path)
            link.settimeout(TIME_LIMIT)
            return link
        except OSError as error:
            link.close()
            if time.monotonic() > deadline:
                raise Failed(f"QEMU did not start: {error}") from error
            time.sleep(0.1)


class Machine:
    """A running machine, at the shell's prompt; ends with its `with`."""

    def __init__(self, image, is_counted=True):
        if not pathlib.Path(image).is_file():
            raise Failed(f"{image} is not there: build it first")
        self.image, self.is_counted, self.output = image, is_counted, b""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        serial, monitor = (os.path.join(self.directory.name, name) for name in ("serial", "monitor"))
        command = [os.environ.get("QEMU", "qemu-system-x86_64"), *FLAGS, *(COUNTED if self.is_counted else []),
                   "-m", os.environ.get("MEMORY", "128"), "-cdrom", str(self.image),
                   "-chardev", f"socket,id=serial,path={serial},server=on,wait=off",
                   "-serial", "chardev:serial", "-serial", "null", "-monitor", f"unix:{monitor},server=on,wait=off"]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise Failed(f"{command[0]} can't be started: {error.strerror}") from error
        try:
            self.control, self.console = connect(monitor), connect(serial)
            self.await_bytes(self.control, MONITOR_PROMPT)
            self.output += self.await_bytes(self.console, PROMPT)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def await_bytes(self, link, wanted):
        seen = b""
        while wanted not in seen:
            try:
                chunk = link.recv(4096)
            except OSError as error:
                raise Failed(f"no {wanted.decode()!r} from the guest: {error}") from error
            if not chunk:
                raise Failed("QEMU ended: " + seen[-500:].decode(errors="replace"))
            seen += chunk
            if ERROR in seen and b"\n" in seen[seen.index(ERROR):]:
                raise Failed(seen[seen.index(ERROR):].decode(errors="replace").splitlines()[0])
        return seen

    def monitor(self, command):
        """Gives QEMU a command."""
        self.control.sendall(command.encode() + b"\n")
        self.await_bytes(self.control, MONITOR_PROMPT)

    def bench(self, *words):
        """Runs `bench` with these words; what it printed."""
        self.console.sendall(" ".join(("bench", *words)).encode() + b"\r")
        seen = self.await_bytes(self.console, END)
        if PROMPT not in seen[seen.index(END):]:
            seen += self.await_bytes(self.console, PROMPT)
        self.output += seen
        return seen.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wall", action="store_true")
    parser.add_argument("image")
    parser.add_argument("log")
    parser.add_argument("command", nargs="+", help="the words after `bench`, as one argument")
    arguments = parser.parse_args()
    machine = Machine(arguments.image, is_counted=not arguments.wall)
    try:
        with machine:
            for command in arguments.command:
                machine.bench(*command.split())
    except Failed as error:
        sys.exit(f"machine.py: {error}")
    finally:
        pathlib.Path(arguments.log).write_bytes(machine.output)


if __name__ == "__main__":
    main()
