#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds circles of files in a program: files that need each other's symbols. Says which; so does the status.

usage: circles.py BUILD FOLDER [FILE...]      the files, without .c, are those of a circle that is allowed
"""
import pathlib
import subprocess
import sys


def symbols_of(path):
    """The symbols that an object file defines, and those that it needs."""
    defined, needed = set(), set()
    for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            needed.add(name)
        elif kind.isupper():
            defined.add(name)
    return defined, needed


def reached_from(start, uses):
    reached, open_files = set(), [start]
    while open_files:
        for used in uses[open_files.pop()] - reached:
            reached.add(used)
            open_files.append(used)
    return reached


def main():
    build, folder, *allowed = sys.argv[1:]
    objects = {path.stem: symbols_of(pathlib.Path(build, "user", folder, path.stem + ".o"))
               for path in pathlib.Path(folder).glob("*.c")}
    owner = {symbol: name for name, (defined, _) in objects.items() for symbol in defined}
    uses = {name: {owner[symbol] for symbol in needed if symbol in owner} for name, (_, needed) in objects.items()}
    circle = sorted(name for name in uses if name in reached_from(name, uses) and name not in allowed)
    for name in circle:
        partners = [other for other in circle if name in reached_from(other, uses) and other in uses[name]]
        print(f"{folder}/{name}.c: in a circle with {', '.join(partners)}")
    return bool(circle)


sys.exit(main())
