#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Checks of report.py, printed as TAP. Each runs the whole program on files of its own."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import report  # noqa: E402
import tap  # noqa: E402

NAMES = [
    "null_syscall", "call_0", "call_32", "call_64", "call_960", "event_signal_wakeup", "event_pingpong",
    "queue_pingpong_1", "irq_to_driver", "irq_cycle", "lease_64k_per_kib", "move_64k_per_page", "spawn_exit_wait",
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

    def run_report(self, sluice, linux=None, expected=None, sluice_wall=None, linux_wall=None, sluice_large=None):
        """The exit status; what was printed stays in self.output and self.complaints."""
        files = ["sluice", "linux", "sluice-wall", "linux-wall", "sluice-large"]
        words = [word for name in files for word in (f"--{name}", self.path(name))]
        words += ["--output", self.path("json"), "--kernel", self.kernel()]
        contents = {"sluice": sluice, "linux": linux, "expected": expected and json.dumps({"counts": expected}),
                    "sluice-wall": sluice_wall, "linux-wall": linux_wall, "sluice-large": sluice_large}
        for name, text in contents.items():
            if text is not None:
                pathlib.Path(self.path(name)).write_text(text, encoding="utf-8")
        words += ["--expected", self.path("expected")] if expected else []
        output, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaints):
            status = report.main(words)
        self.output, self.complaints = output.getvalue(), complaints.getvalue()
        return status

    def kernel(self):
        """A program with the symbols of the kernel's image, 256 KiB apart."""
        symbols = r".globl image_start, image_end\nimage_start = 0x100000\nimage_end = 0x140000\n"
        source = f'void _start(void) {{}}\n__asm__("{symbols}");\n'
        pathlib.Path(self.path("kernel.c")).write_text(source, encoding="utf-8")
        subprocess.run(["gcc", "-nostdlib", "-static", "-o", self.path("kernel"), self.path("kernel.c")], check=True)
        return self.path("kernel")

    def member(self, name):
        return json.loads(pathlib.Path(self.path("json")).read_text(encoding="utf-8"))[name]

    def operation(self, name, member="operations"):
        return next(one for one in self.member(member) if one["name"] == name)

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
        self.assertEqual(self.operation("lease_64k_per_kib")["linux"], 779)
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
        self.run_report("bench start 30 milliseconds\n", "bench start 1517 instructions\n")
        self.assertEqual(self.line("start"), ["start", "30", "-", "-", "milliseconds"])
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

    def test_a_boot_over_its_limit_fails_and_is_named(self):
        self.assertEqual(self.run_report("bench boot 40000001 instructions\n"), 1)
        self.assertIn("boot is over its limit: 40,000,001 > 40,000,000", self.complaints)
        self.assertEqual(self.operation("boot", "others")["sluice"], 40000001)

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

    # ---- Memory ----

    MEMORY = ("bench memory_system_idle 6571 KiB\nbench memory_charged_pipe_10 309 bytes\n"
              "bench memory_last_pipe_10 2300 instructions\nbench memory_last_pipe_1000 2568 instructions\n"
              "bench memory_stop_thread 1023 EMFILE\n")

    def test_memory_is_a_member_of_its_own(self):
        self.run_report(self.MEMORY)
        self.assertEqual(self.member("memory"), {
            "kernel_image": {"value": 256, "unit": "KiB"},
            "system_idle": {"value": 6571, "unit": "KiB"},
            "objects": [{"name": "pipe", "count": 10, "charged": 309, "last": 2300},
                        {"name": "pipe", "count": 1000, "last": 2568}],
            "stops": [{"name": "thread", "count": 1023, "error": "EMFILE"}],
            "on_large_machine": [],
        })

    def test_memory_has_a_table_of_its_own(self):
        self.run_report(self.MEMORY)
        self.assertNotIn("other figure", self.output)
        lines = [line.split() for line in self.output.splitlines()]
        self.assertIn(["pipe", "bytes", "charged", "309", "-"], lines)
        self.assertIn(["pipe", "instructions,", "the", "last", "2,300", "2,568"], lines)
        self.assertIn("no more than 1,023 of thread: EMFILE", self.output)

    def test_what_goes_on_in_a_large_machine_has_not_stopped(self):
        self.run_report(self.MEMORY + "bench memory_stop_queue 5 EDQUOT\n",
                        sluice_large="bench memory_large_machine 4095 MiB\n"
                                     "bench memory_charged_thread_10000 5432 bytes\n")
        self.assertEqual(self.member("memory")["stops"], [{"name": "queue", "count": 5, "error": "EDQUOT"}])
        self.assertEqual(self.member("memory")["on_large_machine"], ["thread"])
        lines = [line.split() for line in self.output.splitlines()]
        self.assertIn(["thread", "bytes", "charged", "-", "-", "5,432"], lines)
        self.assertIn("1,000 and more of thread: on the large machine", self.output)
        self.assertIn("large machine: 4,095 MiB", self.output)

    def test_no_memory_without_its_figures(self):
        self.run_report("bench call_0 401 instructions\n")
        self.assertEqual(self.member("memory"), {"objects": [], "stops": [], "on_large_machine": []})
        self.assertNotIn("kernel image", self.output)

    # ---- Wall time ----

    def test_wall_time_is_set_against_the_null_call_and_linux(self):
        self.run_report("",
                        sluice_wall="bench null_syscall 100 nanoseconds cr3=0\nbench call_0 1200 nanoseconds cr3=2\n",
                        linux_wall="bench null_syscall 500 nanoseconds\nbench call_1 9000 nanoseconds\n")
        self.assertEqual(self.operation("call_0", "wall"), {
            "name": "call_0", "sluice_ns": 1200, "linux_ns": 9000, "sluice_to_null": 12.0, "linux_to_null": 18.0,
            "linux_to_sluice": 7.5})
        self.assertEqual(self.output[self.output.index("wall time"):].splitlines()[3].split(),
                         ["call_0", "1,200", "9,000", "12.0", "18.0", "7.5"])

    def test_wall_time_without_linux_is_set_against_the_null_call(self):
        self.run_report("", sluice_wall="bench null_syscall 100 nanoseconds\nbench irq_cycle 250 nanoseconds\n")
        row = self.operation("irq_cycle", "wall")
        self.assertEqual((row["sluice_to_null"], row["linux_ns"], row["linux_to_sluice"]), (2.5, None, None))

    def test_no_wall_table_without_wall_times(self):
        self.run_report("")
        self.assertNotIn("wall time", self.output)
        self.assertEqual([one["name"] for one in self.member("wall")], NAMES)

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


if __name__ == "__main__":
    sys.exit(tap.run("report", ReportTest))
