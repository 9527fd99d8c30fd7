# SPDX-License-Identifier: MIT
"""Prints TAP: single checks, or those of classes of unittest."""
import unittest


class Tap:
    """Counts the checks, and prints a line for each as it ends."""

    def __init__(self, tests=None):
        """How many checks there will be, if that is known."""
        self.is_planned = tests is not None
        self.tests = self.failures = 0
        if self.is_planned:
            print(f"1..{tests}", flush=True)

    def ok(self, is_good, what, lines=()):
        """A check, and what is known of it."""
        self.tests += 1
        self.failures += not is_good
        print(f"{'ok' if is_good else 'not ok'} {self.tests} - {what}")
        for line in lines:
            print(line if line.startswith("#") else f"# {line}")
        print(end="", flush=True)

    def finish(self):
        """The exit status."""
        if not self.is_planned:
            print(f"1..{self.tests}")
        return 1 if self.failures else 0


class TapResult(unittest.TestResult):
    """Each test of a class is a check, under its name in words."""

    def __init__(self, tap, subject):
        super().__init__()
        self.tap = tap
        self.subject = subject

    def print_line(self, test, is_good, why=""):
        name = test.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", " ")
        self.tap.ok(is_good, f"{self.subject}: {name}", why.splitlines())

    def addSuccess(self, test):
        super().addSuccess(test)
        self.print_line(test, True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.print_line(test, False, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.print_line(test, False, self.errors[-1][1])


def run(subject, *classes):
    """Runs the tests of these classes; the exit status."""
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, classes))
    tap = Tap(suite.countTestCases())
    suite.run(TapResult(tap, subject))
    return tap.finish()
