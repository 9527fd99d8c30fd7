#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The house's own bounds: a licence line in each file, at most 800 lines a file, 60 a function, 120 columns; no
register, bit or vector of the processor in portable kernel code or in servers. Data are left out; a row of a document's
table, and a picture in it, are as long as they are."""
import re
import statistics
import subprocess
import sys

FILE_MAX, FUNCTION_MAX, MEDIAN_MAX, COLUMNS_MAX = 800, 60, 15, 120
LEFT_OUT = (".bin", ".json", ".png", ".txt", ".gitignore")

# What only a machine's directory may name (kernel/machine.h).
MACHINE_NAMES = re.compile(
    r"\b(r(ip|sp|ax|flags)|[Cc][Rr][0-4]|(CR3|MSR|ENTRY|VECTOR|PAGE_FAULT)_\w+|FS base|A?PIC|__asm__|x86_64/)")
PORTABLE = re.compile(r"(kernel|pipens|servers/\w+)/\w+\.[ch]$")

wrong = 0
lengths = []


def complain(position, what):
    global wrong
    wrong += 1
    print(f"{position}: {what}")


def functions(lines):
    """Yields the first line and the length of each function: it begins in the first column and ends with '{'."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r"^[A-Za-z_].*\)\s*\{$|^ .*\) \{$", line) and not line.startswith("    "):
            start = number
        elif start is not None and line == "}":
            yield start, number - start + 1
            start = None


for name in subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n"):
    if not name or name.endswith(LEFT_OUT):
        continue
    with open(name, encoding="utf-8") as file:
        lines = file.read().split("\n")
    if not any("SPDX-License-Identifier: MIT" in line for line in lines[:2]):
        complain(name, "no licence line")
    if len(lines) > FILE_MAX:
        complain(name, f"{len(lines)} lines")
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and not (name.endswith(".md") and line.lstrip().startswith(("|", "!["))):
            complain(f"{name}:{number}", f"{len(line)} columns")
    if not name.endswith((".c", ".h")):
        continue
    if PORTABLE.fullmatch(name):
        for number, line in enumerate(lines, 1):
            named = MACHINE_NAMES.search(line)
            if named and name != "kernel/machine.h":
                complain(f"{name}:{number}", f"names {named[0]}, which only the machine's directory knows")
    for number, length in functions(lines):
        lengths.append(length)
        if length > FUNCTION_MAX:
            complain(f"{name}:{number}", f"a function of {length} lines")

median = statistics.median(lengths)
if median > MEDIAN_MAX:
    complain("functions", f"a median of {median} lines")
print(f"{len(lengths)} functions, median {median} lines, longest {max(lengths)}")
sys.exit(wrong != 0)
