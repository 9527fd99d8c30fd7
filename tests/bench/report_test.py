#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks of report.py, printed as TAP. Each runs the whole program on files of its own."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source folder stays as it is
import report  # noqa: E402

NAMES = [
    "null_syscall", "call_0", "call_32", "call_64", "call_960", "event_signal_wakeup", "event_pingpong",
    "queue_pingpong_1", "irq_to_driver", "irq_cycle", "lend_64k_per_kib", "move_64k_per_page", "spawn_exit_wait",
    "open_3",
]
KEYS = ["name", "sluice", "linux", "sel4", "limit", "unit", "cr3_writes"]
CALL_LIMIT = 440  # of call_0 in limits.json


class ReportTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def path(self, name):
        return str(self.directory / name)

    def run_report(self, sluice, linux=None, expected=None, keep=None):
        """The exit status; what was printed stays in self.output and self.complaints."""
        words = ["--sluice", self.path("sluice"), "--linux", self.path("linux"), "--output", self.path("json")]
        contents = {"sluice": sluice, "linux": linux, "expected": expected and json.dumps({"counts": expected})}
        for name, text in contents.items():
            if text is not None:
                pathlib.Path(self.path(name)).write_text(text, encoding="utf-8")
        words += ["--expected", self.path("expected")] if expected else []
        words += ["--keep", self.path(keep)] if keep else []
        output, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaints):
            status = report.main(words)
        self.output, self.complaints = output.getvalue(), complaints.getvalue()
        return status

    def operation(self, name):
        operations = json.loads(pathlib.Path(self.path("json")).read_text(encoding="utf-8"))["operations"]
        return next(one for one in operations if one["name"] == name)

    def line(self, name):
        return next(line.split() for line in self.output.splitlines() if line.startswith(name + " "))

    # ---- bench.json ----

    def test_all_operations_are_written_in_order(self):
        self.assertEqual(self.run_report(""), 0)
        operations = json.loads(pathlib.Path(self.path("json")).read_text(encoding="utf-8"))["operations"]
        self.assertEqual([one["name"] for one in operations], NAMES)
        self.assertEqual([list(one) for one in operations], [KEYS] * len(NAMES))

    def test_figures_stand_in_their_row(self):
        self.run_report("bench call_0 401 instructions cr3=2\n", "bench call_1 10570 instructions\n")
        self.assertEqual(list(self.operation("call_0").values()),
                         ["call_0", 401, 10570, 486, CALL_LIMIT, "instructions", 2])

    def test_missing_figures_are_null(self):
        self.run_report("bench null_syscall 90 instructions\n")
        for name in ("sluice", "linux", "cr3_writes"):
            self.assertIsNone(self.operation("call_0")[name])
        self.assertIsNone(self.operation("null_syscall")["cr3_writes"])
        self.assertIsNone(self.operation("irq_cycle")["sel4"])

    def test_linux_figures_are_never_constants(self):
        self.run_report("")
        self.assertEqual({self.operation(name)["linux"] for name in NAMES}, {None})

    def test_first_linux_figure_is_the_one_written(self):
        self.run_report("", "bench bulk_unix_per_kib 803 instructions\nbench bulk_pipe_per_kib 779 instructions\n")
        self.assertEqual(self.operation("lend_64k_per_kib")["linux"], 779)
        self.assertIn("779 / 803", self.output)

    # ---- The tables ----

    def test_missing_figures_are_shown_as_a_dash(self):
        self.run_report("")
        self.assertEqual(self.line("call_0")[:2], ["call_0", "-"])

    def test_columns_are_aligned(self):
        self.run_report("bench call_0 7 instructions\nbench spawn_exit_wait 99999 instructions\n")
        ends = {name: self.output[self.output.index(f"\n{name} "):].index(value) + len(value)
                for name, value in (("call_0", " 7 "), ("spawn_exit_wait", "99,999 "))}
        self.assertEqual(ends["call_0"], ends["spawn_exit_wait"])

    def test_other_figures_are_in_a_second_table(self):
        self.run_report("bench kernel_memory 812 KiB\nbench boot 30 instructions\n", "bench boot 1517 instructions\n")
        second = self.output[self.output.index("other figure"):]
        self.assertIn("kernel_memory", second)
        self.assertEqual(self.line("boot"), ["boot", "30", "1,517", "-", "instructions"])
        self.assertNotIn("call_0", second)

    def test_other_figures_in_different_units_do_not_share_a_line(self):
        self.run_report("bench boot 30 milliseconds\n", "bench boot 1517 instructions\n")
        self.assertEqual(self.line("boot"), ["boot", "30", "-", "-", "milliseconds"])
        self.assertIn("1,517", self.output)

    def test_no_second_table_without_other_figures(self):
        self.run_report("bench call_0 401 instructions\n")
        self.assertNotIn("other figure", self.output)

    # ---- Limits ----

    def test_a_figure_at_its_limit_passes(self):
        self.assertEqual(self.run_report(f"bench call_0 {CALL_LIMIT} instructions\n"), 0)

    def test_a_figure_over_its_limit_fails_and_is_named(self):
        self.assertEqual(self.run_report(f"bench call_0 {CALL_LIMIT + 1} instructions\n"), 1)
        self.assertIn("call_0 is over its limit: 441 > 440", self.complaints)

    def test_a_slow_linux_does_not_fail(self):
        self.assertEqual(self.run_report("", "bench call_1 999999 instructions\n"), 0)

    def test_figures_are_written_even_if_over_the_limit(self):
        self.run_report("bench call_0 5000 instructions\n")
        self.assertEqual(self.operation("call_0")["sluice"], 5000)

    # ---- Kept counts ----

    def test_growth_of_two_percent_passes(self):
        self.assertEqual(self.run_report("bench call_0 408 instructions\n", expected={"call_0": 400}), 0)

    def test_more_growth_fails_and_is_named(self):
        self.assertEqual(self.run_report("bench call_0 409 instructions\n", expected={"call_0": 400}), 1)
        self.assertIn("call_0 grew by more than 2 %: 409, kept 400", self.complaints)

    def test_a_smaller_count_passes(self):
        self.assertEqual(self.run_report("bench call_0 10 instructions\n", expected={"call_0": 400}), 0)

    def test_a_kept_figure_that_is_gone_fails(self):
        self.assertEqual(self.run_report("", expected={"call_0": 400}), 1)
        self.assertIn("call_0 is gone", self.complaints)

    def test_growth_is_not_judged_without_kept_counts(self):
        self.assertEqual(self.run_report("bench call_0 409 instructions\n"), 0)

    def test_keep_writes_what_expected_reads(self):
        self.run_report("bench call_0 400 instructions\nbench boot 30 instructions\n", keep="kept")
        kept = json.loads(pathlib.Path(self.path("kept")).read_text(encoding="utf-8"))
        self.assertEqual(kept, {"SPDX-License-Identifier": "MIT", "counts": {"call_0": 400}})

    def test_keep_writes_nothing_over_a_limit(self):
        self.run_report("bench call_0 5000 instructions\n", keep="kept")
        self.assertFalse(pathlib.Path(self.path("kept")).exists())

    # ---- Input that cannot be used ----

    def test_other_lines_and_carriage_returns_are_passed_over(self):
        self.run_report("booting\r\nbench call_0 401 instructions cr3=2\r\nbench-end\r\n")
        self.assertEqual(self.operation("call_0")["cr3_writes"], 2)

    def test_a_damaged_line_is_refused(self):
        self.assertEqual(self.run_report("bench call_0 forty instructions\n"), 2)
        self.assertIn("not a figure: bench call_0 forty", self.complaints)

    def test_a_name_that_is_there_twice_is_refused(self):
        self.assertEqual(self.run_report("bench call_0 1 instructions\nbench call_0 2 instructions\n"), 2)
        self.assertIn("call_0 is there twice", self.complaints)

    def test_another_unit_is_refused(self):
        self.assertEqual(self.run_report("", "bench call_1 67000 nanoseconds\n"), 2)
        self.assertIn("call_1 is in nanoseconds", self.complaints)

    def test_missing_sluice_figures_are_refused(self):
        self.assertEqual(self.run_report(None), 2)
        self.assertIn("No such file", self.complaints)


class TapResult(unittest.TestResult):
    """Prints a line for each check as it ends."""

    def print_line(self, test, good, why=""):
        name = test.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", " ")
        print(f"{'ok' if good else 'not ok'} {self.testsRun} - report: {name}")
        for line in why.splitlines():
            print(f"# {line}")

    def addSuccess(self, test):
        super().addSuccess(test)
        self.print_line(test, True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.print_line(test, False, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.print_line(test, False, self.errors[-1][1])


def main():
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(ReportTest)
    print(f"1..{suite.countTestCases()}")
    result = TapResult()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
