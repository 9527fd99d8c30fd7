#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""A test of the host that fails shows the file and line of its check, or the sanitizer's report; one that passes shows
nothing."""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

HEAD = """#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
static void check(void **state) {
    (void)state;
"""
FOOT = """
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(check)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
"""
PROVE = ["prove", "--merge", "--failures", "--comments", "--exec", "tests/told.sh"]
tap = Tap()
with tempfile.TemporaryDirectory() as name:
    source, program = pathlib.Path(name) / "sample_test.c", f"{name}/sample_test"
    for body, wanted, what in (
            ("assert_int_equal(1, 2);", f"# {source}:9: error: Failure!", "a check that fails: its file and line"),
            ("volatile char *memory = malloc(1); memory[1] = 0;", f"{source}:9", "an overflow: its file and line"),
            ("assert_true(1);", "", "one that passes shows no comment")):
        source.write_text(HEAD + body + FOOT)
        subprocess.run(["gcc", "-g", "-w", "-fsanitize=address", "-o", program, str(source), "-lcmocka"], check=True)
        output = subprocess.run([*PROVE, program], cwd=root, capture_output=True, text=True, check=False).stdout
        is_good = wanted in output if wanted else "#" not in output and "Result: PASS" in output
        tap.ok(is_good, what, [] if is_good else output.splitlines())
sys.exit(tap.finish())
