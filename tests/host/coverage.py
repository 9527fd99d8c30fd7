#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the host tests of pipens with gcc's --coverage, runs them, and sums up what gcov tells: lines that were run
and branches that were taken, by file. A branch of a header counts as taken if it is in any source that includes it.
Each line must be run and each branch taken, but for those in uncovered.txt, each with its reason. Prints TAP.

usage: coverage.py DIRECTORY      where it is built; what is in it goes
"""
import collections
import gzip
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu17", "-O0", "-g", "-w", f"-I{ROOT / 'pipens'}", f"-I{ROOT / 'tests/host'}"]
TIME_LIMIT = 300  # seconds for a test


def compile_c(source, directory, *flags):
    target = directory / (source.stem + ".o")
    subprocess.run(["gcc", *FLAGS, *flags, "-c", source, "-o", target], check=True)
    return target


def run_tests(directory):
    pipens = [compile_c(path, directory, "--coverage") for path in sorted(ROOT.glob("pipens/*.c"))]
    scene = [compile_c(ROOT / "tests/host" / name, directory) for name in ("scene.c", "test_host.c")]
    for path in sorted(ROOT.glob("tests/host/*_test.c")):
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
                if source.parent.name == "pipens":
                    yield source.name, entry


def measure(directory):
    """By file and then by line: how often it was run, and how often each of its branches was taken."""
    table = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, collections.Counter()]))
    for name, entry in gcov_files(directory):
        for line in entry["lines"]:
            position = table[name][line["line_number"]]
            position[0] += line["count"]
            for number, branch in enumerate(branch for branch in line["branches"] if not branch["throw"]):
                position[1][number] += branch["count"]
    return table


def uninstantiated(table):
    """Lines of inline functions that no source compiles: gcov does not know them."""
    for path in sorted(ROOT.glob("pipens/*.h")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("static inline ") and number not in table[path.name]:
                yield path.name, number


def sum_up(lines):
    """[lines run, lines, branches taken, branches]."""
    counts = [0, 0, 0, 0]
    for run, branches in lines.values():
        taken = sum(count > 0 for count in branches.values())
        counts = [sum(pair) for pair in zip(counts, (run > 0, 1, taken, len(branches)))]
    return counts


def missed(table):
    """What was not reached: file, line number."""
    for name, lines in sorted(table.items()):
        for number, (run, branches) in sorted(lines.items()):
            if not run or not all(branches.values()):
                yield name, number
    yield from uninstantiated(table)


def read_reasons(path):
    """Reasons by file and line, in lines `file: line :: reason`."""
    reasons = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            position, reason = line.rsplit(" :: ", 1)
            name, code = position.split(": ", 1)
        except ValueError as error:
            raise SystemExit(f"Bail out! {path.name}:{number}: not `file: line :: reason`") from error
        reasons[name, code.strip()] = reason
    return reasons


def judge(table, reasons):
    """Prints what has no reason, and reasons that are not needed; True if there are none."""
    found = set()
    is_good = True
    for name, number in missed(table):
        code = (ROOT / "pipens" / name).read_text(encoding="utf-8").splitlines()[number - 1].strip()
        found.add((name, code))
        if (name, code) not in reasons:
            is_good = False
            print(f"# not covered both ways: {name}:{number}: {code}")
    for name, code in reasons.keys() - found:
        is_good = False
        print(f"# not needed in uncovered.txt: {name}: {code}")
    return is_good


def main(words):
    if len(words) != 1:
        print(__doc__.split("usage: ")[1], file=sys.stderr)
        return 2
    directory = pathlib.Path(words[0]).resolve()
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    run_tests(directory)
    table = measure(directory)
    sums = {name: sum_up(lines) for name, lines in sorted(table.items())}
    sums["all"] = [sum(column) for column in zip(*sums.values())]
    for name, (run, lines, taken, branches) in sums.items():
        print(f"# {name:<14} lines {run}/{lines} branches {taken}/{branches}")
    is_good = judge(table, read_reasons(pathlib.Path(__file__).with_name("uncovered.txt")))
    print(f"{'ok' if is_good else 'not ok'} 1 - every line is run and every branch is taken, or has its reason")
    print("1..1")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
