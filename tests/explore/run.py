#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Explores pipens, then copies of it with one planted bug each, which must be found: by pipens's audit or a scenario's
property, and again by the properties alone. Prints TAP.

usage: run.py DIRECTORY [quick|long]        where it is built; the bugs are always searched in the quick form
"""
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is
HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import planted  # noqa: E402
from tap import Tap  # noqa: E402

PIPENS = HERE.parents[1] / "pipens"
FLAGS = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
TIME_LIMIT = {"quick": 60, "long": 1800}  # seconds


def build(directory, changes, flags):
    """The explorer, with a copy of pipens so changed."""
    planted.copy(PIPENS, directory / "pipens", changes)
    sources = [*sorted(HERE.glob("*.c")), *sorted((directory / "pipens").glob("*.c"))]
    program = directory / "explore"
    subprocess.run(["gcc", *flags, f"-I{directory / 'pipens'}", *map(str, sources), "-o", str(program)], check=True)
    return program


def run(program, *words):
    """The status (None: too late) and the lines that it printed."""
    try:
        limit = TIME_LIMIT[words[0]]
        result = subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, ["it takes too long"]
    return result.returncode, result.stdout.splitlines()


def explore_sound(tap, directory, form):
    """One test for each of the explorer's own."""
    status, lines = run(build(directory / "sound", planted.ALWAYS, FLAGS), form)
    for number, line in enumerate(lines):
        if line.startswith(("ok ", "not ok ")):
            head, what = line.split(" - ", 1)
            following = lines[number + 1:]
            end = next((number for number, text in enumerate(following) if not text.startswith("#")), len(following))
            tap.ok(head.startswith("ok"), what, following[:end])
    if status != 0:
        tap.ok(False, "the explorer ends well", [f"its status is {status}"])


def complaint_of(status, lines):
    """What the explorer has found, or None: a program that crashes has found nothing."""
    if status != 1:
        return None
    position = next((position for position, line in enumerate(lines) if line.startswith("not ok ")), None)
    return lines[position + 1].lstrip("# ") if position is not None and position + 1 < len(lines) else None


def explore_bug(tap, directory, number, bug):
    flags = [*FLAGS, "-Wno-error"]  # a bug may leave a variable unused
    program = build(directory / f"bug{number}", [*planted.ALWAYS, bug.change], flags)
    for audited in ([], ["unaudited"]):
        status, lines = run(program, "quick", *audited, bug.scenario)
        found = complaint_of(status, lines)
        how = "by the properties alone" if audited else "with the audit"
        lines = [found] if found else [*lines[-3:], f"status {status}"]
        tap.ok(found is not None, f"{bug.name}: found {how}", lines)


def main(words):
    if not words or len(words) > 2 or words[1:] not in ([], ["quick"], ["long"]):
        print(__doc__.split("usage: ")[1], file=sys.stderr)
        return 2
    directory = pathlib.Path(words[0]).resolve()
    tap = Tap()
    try:
        explore_sound(tap, directory, words[1] if len(words) > 1 else "quick")
        for number, bug in enumerate(planted.BUGS, 1):
            explore_bug(tap, directory, number, bug)
    except (planted.Unusable, subprocess.CalledProcessError) as error:
        print(f"Bail out! {error}")
        return 1
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
