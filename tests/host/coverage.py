#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the host tests of pipens with gcc's --coverage, runs them, and sums up what gcov tells: lines that were run
and branches that were taken, by file. audit.c is left out: most of its branches are taken only for a namespace that is
broken. Branches in headers are counted once for each source into which they were compiled.

usage: coverage.py DIRECTORY      where it is built; what is in it goes
"""
import collections
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = {"audit.c"}
FLAGS = ["-std=gnu17", "-O0", "-g", "-w", f"-I{ROOT / 'pipens'}", f"-I{ROOT / 'tests/host'}"]
TIME_LIMIT = 300  # seconds for a test


def compile_c(source, directory, *flags):
    target = directory / (source.stem + ".o")
    subprocess.run(["gcc", *FLAGS, *flags, "-c", source, "-o", target], check=True)
    return target


def is_of_pipens(path):
    """Those of other parts include the source that they look at."""
    return not re.search(r'^#include ".*\.c"', path.read_text(encoding="utf-8"), re.MULTILINE)


def run_tests(directory):
    pipens = [compile_c(path, directory, "--coverage") for path in sorted(ROOT.glob("pipens/*.c"))]
    scene = [compile_c(ROOT / "tests/host" / name, directory) for name in ("scene.c", "test_host.c")]
    for path in filter(is_of_pipens, sorted(ROOT.glob("tests/host/*_test.c"))):
        # fast.h is code, and is compiled into the test of it.
        flags = ["--coverage"] if "fast.h" in path.read_text(encoding="utf-8") else []
        program = directory / path.stem
        objects = [compile_c(path, directory, *flags), *scene, *pipens]
        subprocess.run(["gcc", "--coverage", "-o", program, *objects, "-lcmocka"], check=True)
        subprocess.run([program], check=True, timeout=TIME_LIMIT, stdout=subprocess.DEVNULL)


def gcov_files(directory):
    """What gcov tells of each source or header of pipens, once for each object."""
    counts = [str(path) for path in sorted(directory.glob("*.gcda"))]
    subprocess.run(["gcov", "-b", "-j", *counts], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    for path in sorted(directory.glob("*.gcov.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for entry in json.load(file)["files"]:
                source = pathlib.Path(entry["file"])
                if source.parent.name == "pipens" and source.name not in LEFT_OUT:
                    yield path.name, source.name, entry


def measure(directory):
    """By file: [lines run, lines, branches taken, branches]."""
    lines = collections.defaultdict(collections.Counter)
    table = collections.defaultdict(lambda: [0, 0, 0, 0])
    for unit, name, entry in gcov_files(directory):
        for line in entry["lines"]:
            lines[name][line["line_number"]] += line["count"]
            if name.endswith(".h") and unit.startswith("audit"):
                continue
            taken = [branch["count"] > 0 for branch in line["branches"] if not branch["throw"]]
            table[name][2] += sum(taken)
            table[name][3] += len(taken)
    for name, counts in lines.items():
        table[name][0] = sum(count > 0 for count in counts.values())
        table[name][1] = len(counts)
    return dict(sorted(table.items()))


def main(words):
    if len(words) != 1:
        print(__doc__.split("usage: ")[1], file=sys.stderr)
        return 2
    directory = pathlib.Path(words[0]).resolve()
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    run_tests(directory)
    table = measure(directory)
    table["all"] = [sum(column) for column in zip(*table.values())]
    for name, (run, lines, taken, branches) in table.items():
        print(f"{name:<14} lines {run}/{lines} branches {taken}/{branches}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
