#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The counts that are kept in expected.json, and the instructions of each function after them.

usage: tests/bench/kept.py check [--expected FILE] [FIGURES]   TAP: no count grew by more than 2 %; where one did, which
                                                               function grew
       tests/bench/kept.py keep [--anyway] [--expected FILE] [FIGURES]
           keeps these figures, and each operation's functions; only with --anyway if one is over its limit

FIGURES are lines `bench NAME VALUE UNIT`, build/bench/sluice.txt where run.sh leaves them; those in instructions and
in bytes are kept. The functions are counted in a run of their own, of build/test.iso. Exit status: 0 all is well, 1 a
count grew or is over its limit, 2 the input cannot be used.
"""
import argparse
import re
import sys

from figures import (BUILD, FAILED, HERE, UNUSABLE, Unusable, over_limit, read_figures, read_json, rows_with_limits,
                     shown, write_json)
from machine import Failed
from profile import function_counts, operation_names

ALLOWED_GROWTH_PERCENT = 2
FUNCTIONS_SHOWN = 5  # of those that grew, the ones that grew most
KEPT_UNITS = ("instructions", "bytes")
# Some bytes of the reserve are a page more or less, those charged are exact; what a name costs to make depends on how
# it hashes, so on the process's number; what a boot costs, on which programs there are: boot_fixed is kept instead.
NOT_KEPT = re.compile(r"memory_reserve_(?!process)|memory_last_|boot$")
EXPECTED = HERE / "expected.json"
ABOUT = ["What each operation needs, in instructions (memory: in bytes), and how many of them each function.",
         "Written by tests/bench/run.sh --keep; compared by make test."]


def has_grown(value, kept):
    return value * 100 > kept * (100 + ALLOWED_GROWTH_PERCENT)


def growth(name, sluice, kept):
    """What is wrong with a figure, or None."""
    if name not in sluice:
        return f"{name} is gone: {shown(kept)} was kept"
    if has_grown(sluice[name].value, kept):
        return (f"{name} grew by more than {ALLOWED_GROWTH_PERCENT} %: {shown(sluice[name].value)}, "
                f"kept {shown(kept)}")
    return None


def functions_grown(now, kept):
    """Sentences about the functions that need more than they did, the worst first, then about those that are gone."""
    changes = sorted(((now.get(name, 0) - kept.get(name, 0), name) for name in {*now, *kept}), reverse=True)
    grown = [f"{name} grew by {shown(change)}: {shown(now[name])}, kept {shown(kept.get(name, 0))}"
             for change, name in changes if change > 0]
    more = [f"and {len(grown) - FUNCTIONS_SHOWN} other functions"] if len(grown) > FUNCTIONS_SHOWN else []
    gone = [f"{name} is gone: kept {shown(kept[name])}" for _, name in changes if name not in now]
    return grown[:FUNCTIONS_SHOWN] + more + gone[:FUNCTIONS_SHOWN]


def line_about(number, name, sluice, kept):
    """A line of TAP, and whether it is a good one."""
    complaint = growth(name, sluice, kept)
    if complaint:
        return f"not ok {number} - {complaint}", False
    value = sluice[name].value
    shrank = "; it shrank: tests/bench/run.sh --keep keeps that" if value < kept else ""
    return f"ok {number} - {name}: {shown(value)}, kept {shown(kept)}{shrank}", True


def functions_measured(operations):
    return function_counts(BUILD / "test.iso", BUILD, operations) if operations else {}


def check(sluice, expected, functions_of=functions_measured):
    """Prints TAP; True if no count grew. `functions_of` counts the functions of operations."""
    counts, functions = read_json(expected, "counts"), read_json(expected, "functions")
    counts = {name: value for name, value in counts.items() if not NOT_KEPT.match(name)}
    wrong = []
    print(f"1..{len(counts)}")
    for number, (name, kept) in enumerate(counts.items(), 1):
        line, is_good = line_about(number, name, sluice, kept)
        print(line, flush=True)
        if not is_good:
            wrong.append(name)
    for name, now in functions_of([name for name in wrong if name in functions and name in sluice]).items():
        for sentence in functions_grown(now, functions[name]):
            print(f"# {name}: {sentence}")
    if wrong:
        print("# If that is meant: tests/bench/run.sh --keep --without-linux --without-wall")
    return not wrong


def keep(sluice, expected, anyway, functions_of=functions_measured):
    """Writes the file, and says so; False if a figure is over its limit and it may not be kept anyway."""
    over = over_limit(rows_with_limits(), sluice)
    for complaint in over:
        print(f"kept.py: {complaint}", file=sys.stderr)
    if over and not anyway:
        print("kept.py: nothing is kept", file=sys.stderr)
        return False
    counts = {name: figure.value for name, figure in sluice.items()
              if figure.unit in KEPT_UNITS and not NOT_KEPT.match(name)}
    measured = functions_of([name for name in operation_names() if name in counts])
    functions = {name: dict(now.most_common()) for name, now in measured.items()}
    write_json(expected, {"SPDX-License-Identifier": "MIT", "about": ABOUT, "counts": counts, "functions": functions})
    print(f"kept.py: {len(counts)} counts in {expected}")
    return True


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["check", "keep"])
    parser.add_argument("figures", nargs="?", default=BUILD / "bench" / "sluice.txt")
    parser.add_argument("--expected", default=EXPECTED)
    parser.add_argument("--anyway", action="store_true")
    arguments = parser.parse_args(words)
    try:
        sluice = read_figures(arguments.figures)
        if arguments.action == "check":
            is_good = check(sluice, arguments.expected)
        else:
            is_good = keep(sluice, arguments.expected, arguments.anyway)
    except (Unusable, Failed) as error:
        print(f"kept.py: {error}", file=sys.stderr)
        return UNUSABLE
    return 0 if is_good else FAILED


if __name__ == "__main__":
    sys.exit(main())
