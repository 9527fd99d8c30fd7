#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""tests/check/check.py finds a test for each file of the system, and those that reach it."""
import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(root / "tests"), str(root / "tests/check")]
os.environ["BUILD"] = "build"
import check  # noqa: E402
from tap import Tap  # noqa: E402

tap = Tap()


def reaches(path, *wanted):
    tests = check.tests_of(path)
    missing = [test for test in wanted if test not in tests]
    tap.ok(not missing, f"{path}: {' '.join(wanted)}", [] if not missing else tests)


reaches("pipens/calls.c", "build/host/call_test", "build/host/name_test")
reaches("pipens/calls.h", "build/host/call_test", "build/host/audit_test")
reaches("servers/process/manifest.c", "build/host/manifest_test", "tests/serial/supervise.exp")
reaches("apps/edit/text.c", "build/host/edit_test", "tests/serial/edit.exp")
reaches("apps/sieve/main.c", "tests/serial/examples.exp")
reaches("drivers/speaker/main.c", "tests/serial/examples.exp")
reaches("kernel/process.c", "tests/serial/selftest.t")
reaches("lib/serve.c", "tests/serial/library.exp")
reaches("tests/host/call_test.c", "build/host/call_test")
reaches("tests/serial/tty.exp", "tests/serial/tty.exp")
reaches("tests/serial/sluice.exp", "tests/serial/supervise.exp")
tap.ok("build/host/edit_test" not in check.tests_of("pipens/calls.c"), "and no other")
for path in sorted(path for _, names in check.TABLE for path in map(check.serial_path, names)):
    tap.ok((root / path).exists(), f"the table's {path} is there")
folders = ("kernel", "lib", "servers", "drivers", "apps")
unreached = [path for folder in folders for path in check.files(f"{folder}/**/*.c") if not check.system_tests(path)]
tap.ok(not unreached, "a test reaches each source file", unreached)
result = subprocess.run([root / "tests/check/check.py", "--list", "tests/lint/clang-format"], capture_output=True,
                        text=True, check=False)
tap.ok(result.returncode == 2 and "no test reaches" in result.stderr, "a file that no test reaches", [result.stderr])
sys.exit(tap.finish())
