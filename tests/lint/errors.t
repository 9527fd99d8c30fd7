#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""pipens/README.md names just the errors of each system call that pipens/syscalls.def lists. Prints TAP.

usage: tests/lint/errors.t
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
from tap import Tap  # noqa: E402

ERROR = re.compile(r"\bE[A-Z0-9]{3,}\b")


def listed():
    """By call, the errors of syscalls.def."""
    text = (ROOT / "pipens/syscalls.def").read_text(encoding="utf-8")
    return {name: set(ERROR.findall(errors))
            for name, errors in re.findall(r"^SYSTEM_CALL\((\w+), \d+([^)]*)\)", text, re.MULTILINE)}


def noted():
    """By call, the errors of its row in pipens/README.md, groups included."""
    text = (ROOT / "pipens/README.md").read_text(encoding="utf-8")
    part = text[text.index("**System calls.**"):text.index("**Rights.**")]
    head, table = part.split("| call | arguments |", 1)
    groups = {name: set(ERROR.findall(errors)) for name, errors in re.findall(r"\*(\w+)\*: ([^*;.]*)", head)}
    rows = {}
    for row in re.findall(r"^\| (\w+) \|(.*)$", table, re.MULTILINE):
        used = {word for words in re.findall(r"\*([a-z, ]+)\*", row[1]) for word in re.findall(r"\w+", words)}
        rows[row[0]] = set(ERROR.findall(row[1])).union(*(groups.get(word, set()) for word in used))
    return rows


def main():
    calls, rows = listed(), noted()
    tap = Tap(len(calls))
    for call, errors in calls.items():
        row = rows.get(call, set())
        told = [f"only in {where}: {' '.join(sorted(names))}"
                for where, names in (("syscalls.def", errors - row), ("pipens/README.md", row - errors)) if names]
        tap.ok(errors == row, f"the errors of {call}", told)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
