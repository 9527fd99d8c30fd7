#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The cost of pipens's operations does not grow with what is there: how many pipes there are, how many hooks the
waiting thread has, how deep the pipe lies. Counts instructions of one operation (scale.c), and prints them as TAP: the
dearest of a row's counts must not be more than GROWTH_MAX times the cheapest. Only open looks at each component of its
path, so that it may need LEVEL_MAX more instructions for each; and a name that comes and goes among many in one
directory (life, of a transient pipe) for each level of that directory's tree.

usage: [BUILD=build] tests/scale/scale.t
"""
import math
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
from tap import Tap  # noqa: E402

PROGRAM = ROOT / os.environ.get("BUILD", "build") / "scale"
OPERATIONS = ["open", "send", "call", "hook", "wait", "life"]
FEWEST = {"pipes": 10, "hooks": 1, "depth": 1}
SIZES = {"pipes": [10, 1000, 100000], "hooks": [1, 100, 10000], "depth": [1, 10, 30]}
GROWTH_MAX = 1.05  # two of many pipes may share a bucket
LEVEL_MAX = 20
TIME_LIMIT = 120  # seconds


def cost(operation, sizes):
    words = [str(PROGRAM), operation, *(str(sizes[what]) for what in FEWEST)]
    return int(subprocess.run(words, capture_output=True, text=True, timeout=TIME_LIMIT, check=True).stdout)


def allowed(operation, what):
    """Instructions by which the dearest may be above that."""
    if (operation, what) == ("life", "pipes"):
        return LEVEL_MAX * math.log2(SIZES[what][-1] / SIZES[what][0])
    return LEVEL_MAX * (SIZES[what][-1] - SIZES[what][0]) if (operation, what) == ("open", "depth") else 0


def main():
    tap = Tap(len(OPERATIONS) * len(SIZES))
    for what, sizes in SIZES.items():
        for operation in OPERATIONS:
            costs = [cost(operation, {**FEWEST, what: size}) for size in sizes]
            is_good = max(costs) <= min(costs) * GROWTH_MAX + allowed(operation, what)
            text = ", ".join(f"{count:5,} with {size:,}" for count, size in zip(costs, sizes))
            tap.ok(is_good, f"{operation} by {what}: instructions {text}")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
