#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows where the instructions of one of the benchmark's operations go, by function.

usage: tests/bench/profile.py OPERATION [ROUNDS] [--image ISO] [--build DIRECTORY] [--addresses]

Boots the image, has QEMU log each instruction from when `bench OPERATION ROUNDS` is typed, and cuts the log at the
instructions by which `bench` reads the counter: a measured path is what lies between two of them. For each pair of such
places that the kernel was entered between in each round, it prints how often that happened and the instructions of each function in the
cheapest case. With --addresses, the instructions of that case one by one.

A user program's functions show as those of `bench`, of which both processes are made, or, for servers, as `user`.
"""
import argparse
import array
import bisect
import collections
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

PROMPT = b"sluice> "
END = b"bench-end"
TIME_LIMIT = 120  # seconds of wall time
KERNEL_FIRST = 0xFFFF800000000000
TRACE = re.compile(r"^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/")
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Symbols:
    """The functions of a program, by address."""

    def __init__(self, path):
        lines = subprocess.run(["nm", "-n", path], capture_output=True, text=True, check=True).stdout.splitlines()
        pairs = [line.split() for line in lines]
        found = [(int(words[0], 16), words[2]) for words in pairs if len(words) == 3 and words[1] in "tTwW"]
        self.addresses = [address for address, _ in found]
        self.names = [name for _, name in found]

    def name_of(self, address):
        place = bisect.bisect_right(self.addresses, address) - 1
        return self.names[place] if place >= 0 else "user"


FOLLOWERS = 3  # instructions behind an RDTSC that tell it from what other programs have at its address


def counter_reads(program):
    """The address of each RDTSC, with those of the instructions behind it."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", program], capture_output=True, text=True, check=True).stdout
    lines = [line for line in text.splitlines() if re.match(r"\s+[0-9a-f]+:\t", line)]
    addresses = [int(line.split(":")[0], 16) for line in lines]
    return {addresses[place]: addresses[place + 1:place + 1 + FOLLOWERS]
            for place, line in enumerate(lines) if line.rstrip().endswith("\trdtsc")}


# ---- QEMU ----------------------------------------------------------------------------------------------------------


def connect(path):
    deadline = time.monotonic() + 10
    while True:
        try:
            link = socket.socket(socket.AF_UNIX)
            link.connect(path)
            link.settimeout(TIME_LIMIT)
            return link
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def await_bytes(link, wanted):
    seen = b""
    while wanted not in seen:
        piece = link.recv(4096)
        if not piece:
            sys.exit("profile.py: QEMU ended: " + seen[-500:].decode(errors="replace"))
        seen += piece
        if b"bench-error" in seen:
            sys.exit("profile.py: " + seen[seen.index(b"bench-error"):].decode(errors="replace"))
    return seen


def record(image, words, directory):
    """Runs the operation; the path of the log."""
    log, serial, monitor = (os.path.join(directory, name) for name in ("log", "serial", "monitor"))
    flags = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "max,-erms,-fsrm", "-m", "128", "-seed", "1",
             "-rtc", "base=2020-01-01,clock=vm", "-display", "none", "-nic", "none", "-no-reboot", "-D", log,
             "-chardev", f"socket,id=serial,path={serial},server=on,wait=off", "-serial", "chardev:serial",
             "-serial", "null", "-monitor", f"unix:{monitor},server=on,wait=off", "-cdrom", image]
    machine = subprocess.Popen([os.environ.get("QEMU", "qemu-system-x86_64"), *flags], stdin=subprocess.DEVNULL)
    try:
        control, console = connect(monitor), connect(serial)
        await_bytes(control, b"(qemu)")
        await_bytes(console, PROMPT)
        for command in ("singlestep on", "log exec,nochain"):
            control.sendall(command.encode() + b"\n")
            await_bytes(control, b"(qemu)")
            time.sleep(0.2)
        console.sendall(b" ".join(word.encode() for word in words) + b"\r")
        await_bytes(console, END)
    finally:
        machine.kill()
        machine.wait()
    return log


# ---- The log -------------------------------------------------------------------------------------------------------


def addresses_of(log):
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = TRACE.match(line)
            if match:
                yield int(match.group(1), 16)


def paths(log, reads):
    """The lists of addresses between two readings of the counter, by the pair of places, if the kernel was entered."""
    last, path, found = None, array.array("Q"), collections.defaultdict(list)
    for address in addresses_of(log):
        path.append(address)
        if len(path) <= FOLLOWERS:
            continue
        read = path[-1 - FOLLOWERS]
        if reads.get(read) != list(path[-FOLLOWERS:]):
            continue
        before, behind = path[:-1 - FOLLOWERS], path[-1 - FOLLOWERS:]
        if last is not None and any(place >= KERNEL_FIRST for place in before):
            found[last, read].append(before)
        last, path = read, behind
    return found


def show(pair, cases, name_of, with_addresses):
    case = min(cases, key=len)
    print(f"\nfrom {name_of(pair[0])} {pair[0]:#x} to {name_of(pair[1])} {pair[1]:#x}: {len(cases)} times, "
          f"{len(case)} instructions")
    counts = collections.Counter(map(name_of, case))
    for name, count in counts.most_common():
        print(f"{count:9,}  {name}")
    if with_addresses:
        for address in case:
            print(f"    {address:#x} {name_of(address)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operation")
    parser.add_argument("rounds", nargs="?", default="16")
    parser.add_argument("--image", default=str(ROOT / "build/test.iso"))
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--addresses", action="store_true")
    arguments = parser.parse_args()
    kernel = Symbols(f"{arguments.build}/sluice.elf")
    program = Symbols(f"{arguments.build}/user/bench.elf")
    reads = counter_reads(f"{arguments.build}/user/bench.elf")

    def name_of(address):
        return kernel.name_of(address) if address >= KERNEL_FIRST else program.name_of(address)

    with tempfile.TemporaryDirectory() as directory:
        log = record(arguments.image, ["bench", arguments.operation, arguments.rounds], directory)
        found = paths(log, reads)
    for pair, cases in sorted(found.items(), key=lambda item: -len(item[1])):
        if len(cases) >= int(arguments.rounds):  # other programs read the counter now and then
            show(pair, cases, name_of, arguments.addresses)


if __name__ == "__main__":
    main()
