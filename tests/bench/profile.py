#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Shows where the instructions of one of the benchmark's operations go, by function.

usage: tests/bench/profile.py OPERATION [ROUNDS] [--image ISO] [--build DIRECTORY] [--inlined] [--addresses]

OPERATION is a name in the benchmark's table, or its beginning: the first that begins so is taken.

Boots the image, has QEMU log each instruction from when `bench OPERATION ROUNDS` is typed, and cuts the log at the
instructions by which `bench` reads the counter: a measured path is what lies between two of them. For each pair of such
positions that the kernel was entered between in each round, it prints how often that happened and the instructions of
each function in the cheapest case. With --inlined, the kernel's functions are those of the source, even where the compiler
has put one into another. With --addresses, the instructions of that case one by one.

Functions of `bench`, of which both processes of an operation are made, and of the kernel stand alone; those of other
programs after their program's name.
"""
import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile

from machine import Failed, Machine
from executed import Programs, paths_of

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
ROUNDS = 8  # and as many before them, of which the cheapest counts


def operation_names():
    return [row["name"] for row in json.loads((HERE / "limits.json").read_text(encoding="utf-8"))["operations"]]


def operation_named(word):
    """The operation's whole name; ValueError names the valid ones."""
    names = operation_names()
    if word in names:
        return word
    for name in names:
        if word and name.startswith(word):
            return name
    what = f"no operation is called {word!r}" if word else "no operation is given"
    raise ValueError(f"{what}; there are {', '.join(names)}, or the beginning of one")


def record(machine, operation, rounds, log):
    """Runs the operation with each instruction logged."""
    machine.monitor(f"logfile {log}")
    machine.monitor("log exec,nochain")
    machine.bench(operation, str(rounds))
    machine.monitor("log none")


def measured_paths(machine, operation, rounds, reads):
    """The paths of an operation by pair of positions, the most frequent first."""
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        record(machine, operation, rounds, log)
        found = paths_of(log, reads)
    often = [(pair, cases) for pair, cases in found.items() if len(cases) >= rounds]
    return sorted(often, key=lambda item: -len(item[1]))  # other programs read the counter now and then


def function_counts(image, build, operations, rounds=ROUNDS):
    """The instructions of each function in the cheapest case of an operation: a counter for each operation."""
    programs, counts = Programs(build), {}
    with Machine(image) as machine:
        machine.monitor("singlestep on")
        for operation in operations:
            total = collections.Counter()
            for _, cases in measured_paths(machine, operation, rounds, programs.counter_reads):
                total.update(programs.names_of(min(cases, key=len)))
            counts[operation] = total
    return counts


def show(pair, cases, programs, arguments):
    case = min(cases, key=len)
    names = list(programs.source_names_of(case) if arguments.inlined else programs.names_of(case))
    positions = " to ".join(f"{programs.programs[0].name_of(position)} {position:#x}" for position in pair)
    print(f"\nfrom {positions}: {len(cases)} times, {len(case)} instructions")
    for name, count in collections.Counter(names).most_common():
        print(f"{count:9,}  {name}")
    if arguments.addresses:
        for address, name in zip(case, names):
            print(f"    {address:#x} {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operation", nargs="?", default="")
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    parser.add_argument("--image", default=str(BUILD / "test.iso"))
    parser.add_argument("--build", default=str(BUILD))
    parser.add_argument("--inlined", action="store_true")
    parser.add_argument("--addresses", action="store_true")
    arguments = parser.parse_args()
    try:
        operation = operation_named(arguments.operation)
        programs = Programs(arguments.build)
        with Machine(arguments.image) as machine:
            machine.monitor("singlestep on")
            found = measured_paths(machine, operation, arguments.rounds, programs.counter_reads)
    except (Failed, ValueError) as error:
        sys.exit(f"profile.py: {error}")
    print(operation)
    for pair, cases in found:
        show(pair, cases, programs, arguments)


if __name__ == "__main__":
    main()
