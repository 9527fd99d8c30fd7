#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The code that NOTES.md quotes, in blocks that name a file, stands in that file; `...` alone in a line leaves lines out."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (root / "NOTES.md").read_text(), re.M | re.S)
wrong = 0


def ok(number, holds, name, known=""):
    global wrong
    wrong += not holds
    print(f"{'ok' if holds else 'not ok'} {number} - {name}")
    if not holds:
        print("".join(f"# {line}\n" for line in known.splitlines()), end="")


ok(1, len(blocks) >= 7, "NOTES.md quotes drivers, servers and apps", f"{len(blocks)} blocks")
for number, (name, quoted) in enumerate(blocks, 2):
    text = (root / name).read_text()
    place, missing = 0, ""
    for part in re.split(r"^\.\.\.\n", quoted, flags=re.M):
        found = text.find(part, place)
        if found < 0:
            missing = part
            break
        place = found + len(part)
    ok(number, not missing, f"{name}: quoted as it is", missing)
print(f"1..{len(blocks) + 1}")
sys.exit(wrong != 0)
