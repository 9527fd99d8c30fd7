#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The model sees what it is there for: in copies of pipens with one planted bug each the random tester finds a
difference, and the bytes that it leaves are a regression case: they show the bug to the replay, and nothing to sound
pipens. Prints TAP.

usage: [BUILD=build] tests/model/planted.t
"""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "tests/explore")]
import planted  # noqa: E402
from tap import Tap  # noqa: E402

BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
KINDS = ["lost wakeup: who waits is not woken", "double reply", "early unmask", "lost event"]
OPERATIONS = 2000000
TIME_LIMIT = 120  # seconds
FLAGS = ["-std=gnu17", "-O1", "-w"]


def build(directory, main):
    """The driver, with the copy of pipens in the directory."""
    model = [path for path in ROOT.glob("tests/model/*.c") if not path.name.endswith("_main.c")]
    sources = [*model, ROOT / f"tests/model/{main}_main.c", ROOT / "tests/host/test_host.c",
               *directory.glob("pipens/*.c")]
    include = [f"-I{directory / 'pipens'}", f"-I{ROOT / 'tests/host'}", f"-I{ROOT / 'tests/model'}"]
    program = directory / main
    subprocess.run(["gcc", *FLAGS, *include, *map(str, sources), "-o", str(program)], check=True)
    return program


def run(program, *words):
    """The status, and what it has printed; both None if it takes too long."""
    try:
        result = subprocess.run([program, *map(str, words)], cwd=program.parent, capture_output=True, text=True,
                                timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None, ""
    return result.returncode, result.stdout


def is_found(directory, bug):
    """Whether the random tester finds the bug, and its file shows it again."""
    shutil.rmtree(directory, ignore_errors=True)
    planted.copy(ROOT / "pipens", directory / "pipens", [bug.change])
    status, text = run(build(directory, "random"), "--operations", OPERATIONS, "--seed", 1)
    print("".join(f"# {line}\n" for line in text.splitlines() if " - within " in line), end="")
    kept = directory / "difference-1.bin"
    if status != 1 or not kept.exists():
        return False
    return run(build(directory, "replay"), kept)[0] == 1 and run(BUILD / "model/replay", kept)[0] == 0


def main():
    tap = Tap(len(KINDS))
    for number, kind in enumerate(KINDS, 1):
        bug = next(bug for bug in planted.BUGS if bug.name.startswith(kind))
        tap.ok(is_found(BUILD / f"planted/{number}", bug), f"{bug.name}: found, and its bytes show it again")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
