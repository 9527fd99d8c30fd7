#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the cost of pipens's operations grows with what is there: instructions of one operation, counted by callgrind, so that
they repeat. Prints a table and TAP: an operation among the most must not cost more than GROWTH_MAX times what it costs among
the fewest. A path's cost grows with its length, so the depth has a bound of its own.

usage: run.py PROGRAM      tests/scale/scale.c, built
"""
import re
import subprocess
import sys

ROUNDS = 1000
GROWTH_MAX = 1.5
DEPTH_BYTES_MAX = 60  # instructions for each further byte of a path
ROWS = [("open", [10, 1000, 100000]), ("send", [10, 1000, 100000]), ("call", [10, 1000, 100000]),
        ("hook", [1, 100, 10000]), ("wait", [1, 100, 10000]), ("deep", [1, 10, 30])]


def cost(program, operation, size):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=measured", program,
               operation, str(size)]
    output = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stderr
    return int(re.search(r"Collected : (\d+)", output).group(1)) // ROUNDS


def main():
    print(f"1..{len(ROWS)}")
    failed = 0
    for number, (operation, sizes) in enumerate(ROWS, 1):
        costs = [cost(sys.argv[1], operation, size) for size in sizes]
        if operation == "deep":
            is_good = costs[-1] - costs[0] <= 2 * (sizes[-1] - sizes[0]) * DEPTH_BYTES_MAX
        else:
            is_good = costs[-1] <= costs[0] * GROWTH_MAX
        failed += not is_good
        text = ", ".join(f"{count} among {size}" for count, size in zip(costs, sizes))
        print(f"{'' if is_good else 'not '}ok {number} - {operation}: instructions {text}", flush=True)
    sys.exit(failed != 0)


main()
