#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""tests/often/often.py names each failure with file, test and run, and leaves no process, also if it is interrupted."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

LIMIT = 600  # seconds: far more than it takes
often = root / "tests/often/often.py"
tap = Tap()


def check(is_good, what, known):
    tap.ok(is_good, what, [] if is_good else known.splitlines())


def script(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def run(*words):
    result = subprocess.run([often, *words], capture_output=True, text=True, timeout=LIMIT, check=False)
    return result.returncode, result.stdout


def children_of(pid):
    text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in text.split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    good = script(folder, "good", "echo ok 1 - fine", "echo 'not ok 2 - known # TODO later'", "echo 1..2")
    status, output = run("--busy", "1", "2", good)
    check(status == 0 and "2 runs of 1 files beside 1 busy loops: 0 failed" in output, "all runs pass: status 0",
          output)

    odd = script(folder, "odd", "echo ok 1 - first",  # one run alone makes the folder
                 f'mkdir {folder}/made 2>/dev/null && echo "not ok 2 - second" || echo "ok 2 - second"',
                 "echo '# known: 5'", "echo 1..2")
    status, output = run("--jobs", "2", "3", good, odd)
    check(status == 1, "a run that fails: status 1", output)
    check(re.search(rf"^run \d: {odd}: test 2: second\n    # known: 5$", output, re.M),
          "file, test, run and what is known", output)
    check(re.search(rf"^{odd} +3 +1 +\d+ to \d+ +test 2: second \(1\)$", output, re.M), "a row of the table",
          output)
    check(re.search(rf"^{good} +3 +0 +\d+ to \d+ +-$", output, re.M), "and one of a file that passed",
          output)

    for lines, sentence in ((["echo ok 1", "exit 3"], "1 tests of no plan"),
                            (["echo ok 1", "echo 1..2"], "1 tests of 2"),
                            (["echo ok 1", "echo 1..1", "exit 3"], "status 3")):
        status, output = run("--busy", "0", "1", script(folder, "bad", *lines))
        check(status == 1 and f": {sentence}\n" in output, f"a file that ends badly: {sentence}", output)

    slow = script(folder, "slow", "sleep 100", "echo ok 1", "echo 1..1")
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([often, "5", slow], stdout=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + LIMIT
            while len(children := children_of(process.pid)) < 3 and time.monotonic() < deadline:
                time.sleep(0.05)
            os.kill(process.pid, number)
            output = process.communicate(timeout=LIMIT)[0]
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(len(children) == 3 and process.returncode == 130, f"{number.name}: it ends with 130", output)
        check(not any(map(is_alive, children)), f"{number.name}: loops and test end", " ".join(map(str, children)))
sys.exit(tap.finish())
