#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""A mistake in the system manifest stops the build, with its file, line and reason. Each case is the real manifest with
one line changed, after another one, or left out."""
import os
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

lines = (root / "boot/manifest").read_text().splitlines()
tap = Tap()


def position_of(line, program):
    """The position of a line in a program's stanza."""
    return lines.index(line, lines.index(f"program {program}"))


def changed(program, line, *new):
    position = position_of(line, program)
    return lines[:position] + list(new) + lines[position + 1:], position


def build(folder, text):
    """Has make put the manifest into an image of its own: its status, what it printed, whether the manifest came."""
    manifest = folder / "manifest"
    manifest.write_text("\n".join(text) + "\n")
    (folder / "packages").touch()
    installed = folder / "image/manifest"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "BUILD"}
    result = subprocess.run(["make", "-s", f"BUILD={folder}", f"MANIFEST={manifest}", installed],
                            cwd=root, env=environment, capture_output=True, text=True, check=False)
    return result.returncode, result.stderr, installed.exists()


SERIAL = "serial"
PROGRAM = "there is no such program: no folder of servers, drivers or apps has its name"
PATTERN = "a pattern's components are names, *, and ** at the end"
SHARED = "another program, or a directory line, creates that too: two owners of one path"
RANGE = "a range is FIRST-LAST, ascending, within what the machine has"
cases = [  # a program's stanza, its line, what replaces it, the line of those that is wrong, the reason
    (SERIAL, "program serial", ["program seriel"], 0, PROGRAM),
    (SERIAL, "program serial", ["program"], 0, "a stanza begins with `program NAME`, and its keys are indented"),
    (SERIAL, "program serial", ["program log"], 0, "the program has a stanza already"),
    (SERIAL, "    kind driver", ["    kind devil"], 0, "a kind is app, driver or server"),
    (SERIAL, "    kind driver", [], -1, "the stanza does not say its kind"),
    (SERIAL, "    kind driver", ["    kind driver", "    kind driver"], 1, "the key stands twice in its stanza"),
    (SERIAL, "    kind driver", ["    sort driver"], 0, "no such key"),
    (SERIAL, "    priority 20", ["    priority 32"], 0, "a priority is 0 to 31"),
    (SERIAL, "    memory 2M", ["    memory 2MB"], 0, "a size is a number, with K, M or G"),
    (SERIAL, "    memory 2M", ["    quota lots"], 0, "a size is a number, with K, M or G"),
    (SERIAL, "    restart always", ["    restart often"], 0, "restart is always, fresh or never"),
    (SERIAL, "    start boot", ["    start now"], 0, "start is boot or request"),
    (SERIAL, "    open /irq/4 rw", ["    open /irq/4 read"], 0, "rights are letters of rwtm"),
    (SERIAL, "    open /irq/4 rw", ["    open /irq/4"], 0, "the key wants another number of words"),
    (SERIAL, "    open /irq/4 rw", ["    open irq/4 rw"], 0, "a pattern is an absolute path of at most 255 bytes"),
    (SERIAL, "    create /dev/serial/*", ["    create /dev/serial*"], 0, PATTERN),
    (SERIAL, "    create /dev/serial/*", ["    create /dev/serial"], 0, "the stanza claims that already"),
    (SERIAL, "    ports 0x3f8-0x3ff", ["    ports 0x3ff-0x3f8"], 0, RANGE),
    (SERIAL, "    ports 0x3f8-0x3ff", ["    ports COM1"], 0, RANGE),
    ("tty-screen", "    create /svc/tty/screen", ["    create /svc/tty/serial"], 0, SHARED),
    ("tty-screen", "    create /svc/tty/screen", ["    create /svc/tty"], 0, SHARED),
    ("tty-screen", "    image tty", ["    image ttys"], 0, PROGRAM),
    ("tty", "    input /dev/serial/input", ["    input serial"], 0, "a pipe is named by an absolute path"),
]

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for program, line, new, at, reason in cases:
        text, position = changed(program, line, *new)
        status, output, is_there = build(folder, text)
        wanted = f"{folder}/manifest:{position + at + 1}: {reason}"
        is_good = status != 0 and wanted in output.splitlines() and not is_there
        known = [] if is_good else [*output.splitlines(), f"wanted: {wanted}", f"status: {status}"]
        tap.ok(is_good, f"{program}: {' / '.join(new) or 'no ' + line}", known)
    status, output, is_there = build(folder, lines)
    tap.ok(status == 0 and is_there, "the manifest as it is passes", output.splitlines())
sys.exit(tap.finish())
