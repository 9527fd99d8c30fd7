#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Checks of kept.py, and of how profile.py finds operations and programs, printed as TAP."""
import collections
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import executed  # noqa: E402
import kept  # noqa: E402
import profile  # noqa: E402
import tap  # noqa: E402
from figures import Figure  # noqa: E402

CALL_LIMIT = 440  # of call_0 in limits.json


def figures(**values):
    return {name: Figure(value, "instructions", None) for name, value in values.items()}


class KeptTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.expected = pathlib.Path(directory.name, "expected.json")
        self.functions = {"call_0": {"send": 100, "copy": 300}}
        self.asked = []

    def functions_of(self, operations):
        """Stands in for a run with each instruction logged."""
        self.asked += operations
        return {name: collections.Counter(self.functions[name]) for name in operations}

    def run_quietly(self, function, *words):
        output, complaints = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaints):
            result = function(*words, functions_of=self.functions_of)
        self.output, self.complaints = output.getvalue(), complaints.getvalue()
        return result

    def keep(self, sluice, anyway=False):
        return self.run_quietly(kept.keep, sluice, self.expected, anyway)

    def check(self, sluice):
        return self.run_quietly(kept.check, sluice, self.expected)

    # ---- What is compared ----

    def test_what_is_kept_passes(self):
        self.assertTrue(self.keep(figures(call_0=400, boot_fixed=3000)))
        self.assertTrue(self.check(figures(call_0=400, boot_fixed=3000)))
        self.assertEqual(self.output.splitlines(),
                         ["1..2", "ok 1 - call_0: 400, kept 400", "ok 2 - boot_fixed: 3,000, kept 3,000"])

    def test_a_boot_of_all_programs_is_neither_kept_nor_compared(self):
        self.assertTrue(self.keep(figures(call_0=400, boot=3000)))
        self.assertTrue(self.check(figures(call_0=400, boot=9000)))
        self.assertEqual(self.output.splitlines(), ["1..1", "ok 1 - call_0: 400, kept 400"])

    def test_growth_of_two_percent_passes(self):
        self.keep(figures(call_0=400))
        self.assertTrue(self.check(figures(call_0=408)))

    def test_more_growth_fails(self):
        self.keep(figures(call_0=400))
        self.assertFalse(self.check(figures(call_0=409)))
        self.assertIn("not ok 1 - call_0 grew by more than 2 %: 409, kept 400", self.output)

    def test_the_function_that_grew_is_named(self):
        self.keep(figures(call_0=400))
        self.functions["call_0"] = {"send": 130, "copy": 298}
        self.check(figures(call_0=428))
        self.assertEqual(self.output.splitlines()[2:-1], ["# call_0: send grew by 30: 130, kept 100"])

    def test_a_function_that_is_new_or_gone_is_named(self):
        self.keep(figures(call_0=400))
        self.functions["call_0"] = {"send": 100, "move": 340}
        self.check(figures(call_0=440))
        self.assertEqual(self.output.splitlines()[2:-1],
                         ["# call_0: move grew by 340: 340, kept 0", "# call_0: copy is gone: kept 300"])

    def test_functions_are_counted_only_of_what_grew(self):
        self.functions["call_32"] = {"send": 100}
        self.keep(figures(call_0=400, call_32=420))
        self.asked = []
        self.check(figures(call_0=409, call_32=420))
        self.assertEqual(self.asked, ["call_0"])

    def test_a_smaller_count_passes_and_is_said(self):
        self.keep(figures(call_0=400))
        self.assertTrue(self.check(figures(call_0=10)))
        self.assertIn("ok 1 - call_0: 10, kept 400; it shrank", self.output)

    def test_a_count_that_is_gone_fails(self):
        self.keep(figures(call_0=400, boot=3000))
        self.assertFalse(self.check(figures(boot=3000)))
        self.assertIn("not ok 1 - call_0 is gone: 400 was kept", self.output)

    # ---- What is kept ----

    def test_nothing_is_kept_over_a_limit(self):
        self.assertFalse(self.keep(figures(call_0=CALL_LIMIT + 1)))
        self.assertIn("call_0 is over its limit: 441 > 440", self.complaints)
        self.assertFalse(self.expected.exists())

    def test_a_boot_over_its_limit_is_not_kept(self):
        self.assertFalse(self.keep(figures(boot=40000001)))

    def test_counts_over_their_limits_are_kept_if_asked(self):
        self.assertTrue(self.keep(figures(call_0=CALL_LIMIT + 1), anyway=True))
        self.assertIn("call_0 is over its limit", self.complaints)
        self.assertTrue(self.check(figures(call_0=CALL_LIMIT + 1)))

    def test_exact_bytes_are_kept_and_nothing_else_of_memory(self):
        self.keep({"memory_charged_pipe_10": Figure(309, "bytes", None),
                   "memory_reserve_pipe_10": Figure(410, "bytes", None),
                   "memory_last_pipe_10": Figure(2300, "instructions", None),
                   "memory_reserve_process_10": Figure(38093, "bytes", None),
                   "memory_system_idle": Figure(6571, "KiB", None), "memory_stop_thread": Figure(1023, "EMFILE", None)})
        counts = json.loads(self.expected.read_text(encoding="utf-8"))["counts"]
        self.assertEqual(list(counts), ["memory_charged_pipe_10", "memory_reserve_process_10"])

    # ---- Profiles ----

    def test_an_operation_is_found_by_its_beginning(self):
        words = ("call", "call_32", "event", "event_p", "open", "irq_c")
        self.assertEqual([profile.operation_named(word) for word in words],
                         ["call_0", "call_32", "event_signal_wakeup", "event_pingpong", "open_3", "irq_cycle"])

    def test_an_unknown_operation_is_refused_with_the_valid_names(self):
        for word in ("", "all", "boot", "call_1"):
            with self.assertRaises(ValueError) as caught:
                profile.operation_named(word)
            for name in profile.operation_names():
                self.assertIn(name, str(caught.exception))

    def test_a_program_fits_only_what_it_may_execute(self):
        program = executed.Program.__new__(executed.Program)
        program.follower = {1: 3, 3: None, 8: 9, 9: None}  # those at 3 and 9 jump
        self.assertTrue(program.fits([1, 3, 8, 9, 1]))
        self.assertFalse(program.fits([1, 8]))
        self.assertFalse(program.fits([1, 3, 4]))
        self.assertFalse(program.fits([2, 3]))


if __name__ == "__main__":
    sys.exit(tap.run("kept", KeptTest))
