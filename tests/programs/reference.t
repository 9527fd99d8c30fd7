#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The reference that `make reference` makes names all that the sources define, and fails where documentation lacks."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.dom.minidom

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

tap = Tap()
folder = pathlib.Path(tempfile.mkdtemp())


def make(tree):
    command = ["lib/reference/reference.py", folder / "out", "9.9"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True)


def names_of(path, pattern):
    return set(re.findall(pattern, re.sub(r"//.*", "", (root / path).read_text()), re.M))


made = make(root)
tap.ok(made.returncode == 0, "everything is documented", made.stderr.splitlines())
pages = {path.stem: path.read_text() for path in (folder / "out").glob("*.html")}
manuals = {path.name: path.read_text() for path in (folder / "out/man").glob("*/*")}

calls = re.findall(r"^SYSTEM_CALL\((\w+), \d+, ([^)]*)\)", (root / "pipens/syscalls.def").read_text(), re.M)
tap.ok(len(calls) > 10, "there are system calls")
for name, errors in calls:
    page, manual = pages.get(f"sluice-{name}.2", ""), manuals.get(f"sluice-{name}.2", "")
    missing = [error for error in re.findall(r"E[A-Z0-9]+", errors) if f'id="{error}"' not in page
               or f".B {error}\n" not in manual]
    tap.ok(page and not missing, f"{name}: a page and a manual with each of its errors", missing)

errors = names_of("pipens/errors.def", r"^ERROR\((\w+)")
missing = [error for error in errors if f'id="{error}"' not in pages["sluice-errors.7"]]
tap.ok(errors and not missing, "every error", missing)

everything = "\n".join(pages.values())
rights = names_of("pipens/abi.h", r"^#define (RIGHT_\w+)")
operations = names_of("pipens/abi.h", r"^ {4}((?:PROCESS|CONTROL|MEMORY|CLOCK|INFO)_[A-Z_]+)\b")
for path in sorted((root / "lib/protocol").glob("*.h")):
    operations |= names_of(path, r"^ {4}([A-Z]+_[A-Z_]+)\b")
operations = {name for name in operations if not re.search("_OPERATIONS(_END)?$", name)}
for what, names in (("right", rights), ("operation", operations)):
    missing = sorted(name for name in names if f'id="{name}"' not in everything)
    tap.ok(names and not missing, f"every {what}", missing)
paths = re.findall(r"^// -- (/[^\s:]+)", (root / "pipens/abi.h").read_text(), re.M)
missing = [path for path in paths if path.replace("<pid>", "pid").strip("/").replace("/", "-") not in
           " ".join(pages)]
tap.ok(paths and not missing, "every pipe of the kernel's", missing)

wrong = []
for name, text in pages.items():
    try:
        xml.dom.minidom.parseString(text.replace("<!DOCTYPE html>", ""))
    except Exception as error:  # whatever a parser says
        wrong.append(f"{name}: {error}")
    wrong += [f"{name}: {link} leads nowhere" for link in re.findall(r'href="([^"]+)"', text)
              if not (folder / "out" / link).exists()]
tap.ok(not wrong, "the pages are well-formed, and their links lead somewhere", wrong)

# Documentation that is missing, and an error that is none.
for path, old, new, wanted in (
        ("pipens/calls.h", "long pipens_unhook(", "long pipens_other(", "unhook is without documentation"),
        ("lib/protocol/rtc.h", "    RTC_OPERATIONS\n", "    RTC_BARE,\n    RTC_OPERATIONS\n", "RTC_BARE"),
        ("pipens/syscalls.def", "SYSTEM_CALL(close, 1, EBADF", "SYSTEM_CALL(close, 1, ENOTHING", "ENOTHING")):
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for part in ("lib", "pipens"):
        shutil.copytree(root / part, tree / part)
    text = (tree / path).read_text()
    (tree / path).write_text(text.replace(old, new, 1))
    result = make(tree)
    tap.ok(old in text and result.returncode != 0 and wanted in result.stderr, f"not made: {wanted}",
           result.stderr.splitlines())
shutil.rmtree(folder)
sys.exit(tap.finish())
