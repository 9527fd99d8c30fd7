#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Builds and runs the tests that reach a file, the quick ones.

usage: tests/check/check.py [--list] FILE

A unit test reaches what its compilation reads or links. What runs in the system alone is reached by serial tests: the
one of the program's name, those of TABLE, or those whose text names the program. --list prints targets and tests, and
runs nothing. BUILD is the environment's, or build. Exit status: that of prove, 2 if no test reaches the file.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ.get("BUILD", "build")
UNREACHED = 2
NAMED_MAX = 3  # serial tests that name a program
INCLUDES = ["-Ipipens", "-Itests/host", "-Itests/model", "-Ilib", "-Iservers/process", "-Iservers/memory", "-Iboot"]
REPLAY = "tests/model/replay.t"  # the kept strings, with the model beside pipens
SELF_TEST = "tests/serial/selftest.t"
LIBRARIES = {"tests/serial/sluice.exp": "supervise", "tests/serial/monitor.exp": "screen"}
# The beginning of a path, and the serial tests for it; the first that fits.
TABLE = [
    ("apps/shell/", ["shell"]),
    ("apps/bench/", ["tests/bench/counts.t"]),
    ("apps/libtest/", ["library"]),
    ("apps/selftest/", [SELF_TEST]),
    ("servers/process/", ["supervise"]),
    ("servers/memory/", [SELF_TEST]),
    ("servers/vfs/", ["files"]),
    ("servers/log/", ["supervise"]),
    ("drivers/console/", ["screen"]),
    ("drivers/keyboard/", ["screen"]),
    ("drivers/serial/", ["tty"]),
    ("drivers/rtc/", ["date"]),
    ("lib/", ["library"]),
    ("kernel/", [SELF_TEST]),
    ("pipens/", []),
    ("boot/manifest", ["boot", "tests/programs/manifest.t"]),
    ("boot/", ["boot"]),
    ("README.md", ["tour", "tests/programs/quotes.t"]),
    ("NOTES.md", ["tests/programs/quotes.t"]),
    ("Makefile", ["tests/programs/building.t"]),
]
PROVE = ["prove", "--timer", "--merge", "--failures", "--comments", "--exec", "tests/told.sh"]
IMAGES = ["test.iso", "locked.iso", "selftest.iso", "sluice.iso"]


def files(pattern):
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


def read_by(source):
    """The files that a compilation of a test reads."""
    result = subprocess.run(["gcc", "-std=gnu17", "-MM", "-MG", *INCLUDES, source], cwd=ROOT, capture_output=True,
                            text=True, check=False)
    words = result.stdout.replace("\\\n", " ").split(":", 1)[-1].split()
    return {os.path.relpath(os.path.realpath(ROOT / word), ROOT) for word in words}


def unit_tests(path):
    """Each unit test of pipens links all of it; those of programs include what they test."""
    sources = files("tests/programs/*_test.c")
    is_linked = re.match(r"pipens/|tests/host/(?!.*_test\.c)", path)
    hosts = files("tests/host/*_test.c")
    sources += hosts if not is_linked and path.endswith((".c", ".h")) else []
    found = [f"{BUILD}/host/{pathlib.Path(source).stem}" for source in sources if path in read_by(source)]
    return [f"{BUILD}/host/{pathlib.Path(source).stem}" for source in hosts if is_linked] + found


def serial_path(name):
    return name if "/" in name else f"tests/serial/{name}.exp"


def naming(program):
    """The serial tests whose text has the program's name as a word, those that name it most often first."""
    counts = {path: len(re.findall(rf"(?<![\w-]){re.escape(program)}(?![\w-])", (ROOT / path).read_text()))
              for path in files("tests/serial/*.exp")}
    return sorted((path for path, count in counts.items() if count), key=lambda path: -counts[path])[:NAMED_MAX]


def system_tests(path):
    parts = path.split("/")
    if path in LIBRARIES:
        return [serial_path(LIBRARIES[path])]
    for beginning, names in TABLE:
        if path.startswith(beginning):
            return list(map(serial_path, names))
    if parts[0] in ("servers", "drivers", "apps") and len(parts) > 2:
        own = serial_path(parts[1])
        return [own] if (ROOT / own).exists() else naming(parts[1])
    return []


def tests_of(path):
    """The tests that reach a path, in the order in which they run."""
    if re.fullmatch(r"tests/.*(\.t|_test\.py)|tests/serial/\w+\.exp", path) and path not in LIBRARIES:
        return [path]
    if re.fullmatch(r"tests/(host|programs)/\w+_test\.c", path):
        return [f"{BUILD}/host/{pathlib.Path(path).stem}"]
    found = unit_tests(path) if path.endswith((".c", ".h", ".def")) else []
    if path.startswith(("pipens/", "tests/model/")) and (ROOT / REPLAY).exists():
        found.append(REPLAY)
    return found + system_tests(path)


def targets_of(tests):
    """What make must build for them."""
    targets = [test for test in tests if test.startswith(f"{BUILD}/")]
    if any(test.startswith(("tests/serial/", "tests/bench/")) for test in tests):
        targets += [f"{BUILD}/{image}" for image in IMAGES]
    if REPLAY in tests:
        targets.append(f"{BUILD}/model/replay")
    return targets


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("file")
    arguments = parser.parse_args()
    path = os.path.relpath(arguments.file, ROOT) if os.path.isabs(arguments.file) else os.path.normpath(arguments.file)
    if not (ROOT / path).exists():
        print(f"check: {path}: there is no such file", file=sys.stderr)
        return UNREACHED
    tests = tests_of(path)
    if not tests:
        print(f"check: no test reaches {path}", file=sys.stderr)
        return UNREACHED
    targets = targets_of(tests)
    print(f"{path}: {' '.join(tests)}", flush=True)
    if arguments.list:
        print(f"make {' '.join(targets)}")
        return 0
    if targets and subprocess.run(["make", "--no-print-directory", f"-j{os.cpu_count()}", *targets], cwd=ROOT,
                                  check=False).returncode:
        return 1
    return subprocess.run([*PROVE, *tests], cwd=ROOT, env={**os.environ, "BUILD": BUILD}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
