#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The code that NOTES.md quotes, in blocks that name a file, stands in that file; `...` alone in a line leaves lines
out. The picture that README.md shows is there, and so is each folder that its table names."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (root / "NOTES.md").read_text(), re.M | re.S)
tap = Tap()

tap.ok(len(blocks) >= 7, f"NOTES.md quotes drivers, servers and apps: {len(blocks)} pieces")
for name, quoted in blocks:
    text = (root / name).read_text()
    place, missing = 0, ""
    for part in re.split(r"^\.\.\.\n", quoted, flags=re.M):
        found = text.find(part, place)
        if found < 0:
            missing = part
            break
        place = found + len(part)
    tap.ok(not missing, f"{name}: quoted as it is", missing.splitlines())
readme = (root / "README.md").read_text()
for picture in re.findall(r"!\[.*?\]\((\S+?)\)", readme):
    tap.ok((root / picture).read_bytes().startswith(b"\x89PNG"), f"README.md: the picture {picture}")
for folder in re.findall(r"^\| `([\w/]+/)` \|", readme, re.M):
    tap.ok((root / folder).is_dir(), f"README.md: the folder {folder}")
sys.exit(tap.finish())
