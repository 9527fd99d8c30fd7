#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The documents agree with the tree. A block of code that names a file is quoted from it; `...` alone in a line leaves
lines out. The table of files in a folder's README.md names each C file of the folder and no file that is not there.
NOTES.md stays a map. The picture that README.md shows is there, and so is each folder that its table names."""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

TUTORIALS = {"drivers": 4, "servers": 3, "apps": 2}  # folder: the fewest blocks that its README quotes
NOTES_MAX = 15 * 1024

tap = Tap()
tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
documents = [name for name in tracked if name.endswith("README.md") and "/" in name] + ["NOTES.md", "CONTRIBUTING.md"]


def missing_part(text, quoted):
    """The first part of the quotation that the text lacks, or an empty string."""
    offset = 0
    for part in re.split(r"^\.\.\.\n", quoted, flags=re.M):
        found = text.find(part, offset)
        if found < 0:
            return part
        offset = found + len(part)
    return ""


def names_of(cell):
    """The files that a table's cell names: `thread.[ch]` is two."""
    for name in re.findall(r"`([^`]+)`", cell):
        match = re.fullmatch(r"(.*)\[ch\]", name)
        yield from (match[1] + "c", match[1] + "h") if match else (name,)


for document in documents:
    text = (root / document).read_text()
    blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", text, re.M | re.S)
    folder = document.partition("/")[0]
    if folder in TUTORIALS and document == f"{folder}/README.md":
        tap.ok(len(blocks) >= TUTORIALS[folder], f"{document} quotes its tutorial: {len(blocks)} blocks")
    for name, quoted in blocks:
        missing = missing_part((root / name).read_text(), quoted)
        tap.ok(not missing, f"{document}: {name} is quoted as it is", missing.splitlines())

    table = re.search(r"^## Files, in reading order\n\n((?:\|.*\n)+)", text, re.M)
    if not table:
        continue
    folder = pathlib.Path(document).parent
    named = [name for row in table[1].splitlines()[2:] for name in names_of(row.split("|")[1])]
    unknown = [name for name in named if not list((root / folder).glob(name))]
    found = {path.name for name in named for path in (root / folder).glob(name)}
    unnamed = [path for path in tracked if re.fullmatch(rf"{folder}/[^/]+\.([ch]|asm|def)", path)
               and path.rpartition("/")[2] not in found]
    tap.ok(not unknown and not unnamed, f"{document}: the table has the folder's files", unknown + unnamed)

tap.ok((root / "NOTES.md").stat().st_size <= NOTES_MAX, f"NOTES.md is a map of at most {NOTES_MAX} bytes")
readme = (root / "README.md").read_text()
for picture in re.findall(r"!\[.*?\]\((\S+?)\)", readme):
    tap.ok((root / picture).read_bytes().startswith(b"\x89PNG"), f"README.md: the picture {picture}")
for folder in re.findall(r"^\| `([\w/]+/)` \|", readme, re.M):
    tap.ok((root / folder).is_dir(), f"README.md: the folder {folder}")
sys.exit(tap.finish())
