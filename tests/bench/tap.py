# SPDX-License-Identifier: MIT
"""Runs a class of unittest and prints TAP."""
import unittest


class TapResult(unittest.TestResult):
    """Prints a line for each check as it ends."""

    def __init__(self, subject):
        super().__init__()
        self.subject = subject

    def print_line(self, test, good, why=""):
        name = test.id().rsplit(".", 1)[-1].removeprefix("test_").replace("_", " ")
        print(f"{'ok' if good else 'not ok'} {self.testsRun} - {self.subject}: {name}")
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


def run(subject, *classes):
    """Runs the checks of these classes; the exit status."""
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, classes))
    print(f"1..{suite.countTestCases()}")
    result = TapResult(subject)
    suite.run(result)
    return 0 if result.wasSuccessful() else 1
