#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The code that NOTES.md quotes, in blocks that name a file, stands in that file; `...` alone in a line leaves lines out.
The picture that README.md shows is there, and its table names every server and driver."""
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
number = len(blocks) + 1
readme = (root / "README.md").read_text()
for picture in re.findall(r"!\[.*?\]\((\S+?)\)", readme):
    number += 1
    ok(number, (root / picture).read_bytes().startswith(b"\x89PNG"), f"README.md: the picture {picture}")
for folder in ("servers", "drivers"):
    row = re.search(rf"^\| `{folder}/` \| (.*) \|$", readme, re.M).group(1)
    names = {path.name for path in (root / folder).iterdir() if path.is_dir()}
    number += 1
    ok(number, names <= set(re.findall(r"[\w-]+", row)), f"README.md: each of {folder}", f"{sorted(names)}: {row}")
print(f"1..{number}")
sys.exit(wrong != 0)
