#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""tests/lint/tidy.py looks at a file again if its text or a header of it has changed, and only then."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

if not shutil.which("clang-tidy-14"):
    print("1..0 # SKIP clang-tidy-14 is not installed")
    sys.exit(0)
GOOD = '#include "value.h"\nint main(void) {\n    return VALUE;\n}\n'
BAD = '#include "value.h"\nint main(void) {\n    int same = VALUE;\n    return same == same;\n}\n'
tap = Tap()
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    source, header = folder / "main.c", folder / "value.h"
    arguments = ["gcc", "-MMD", "-c", "-o", "main.o", str(source)]
    (folder / "compile_commands.json").write_text(json.dumps([
        {"directory": str(root), "file": str(source), "arguments": arguments}]))
    for code, value, status, state, what in (
            (GOOD, 1, 0, "passed", "a new file"), (GOOD, 1, 0, "unchanged", "once more"),
            (GOOD, 2, 0, "passed", "its header has changed"), (BAD, 2, 1, "FAILED", "a fault"),
            (BAD, 2, 1, "FAILED", "which is told each time"), (GOOD, 2, 0, "unchanged", "the text that passed before")):
        source.write_text(code)
        header.write_text(f"#define VALUE {value}\n")
        result = subprocess.run([root / "tests/lint/tidy.py", str(folder), str(source)], cwd=root, capture_output=True,
                                text=True, check=False)
        is_good = result.returncode == status and f"1/1: {source}: {state}\n" in result.stdout
        tap.ok(is_good, f"{what}: {state}", [] if is_good else (result.stdout + result.stderr).splitlines())
sys.exit(tap.finish())
