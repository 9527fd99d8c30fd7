#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Runs test files again and again on a busy host, and tells which tests failed in which run.

usage: tests/often/often.py [--jobs N] [--busy N] RUNS FILE...

Each FILE prints TAP and runs by its first line. Beside the tests run `busy` loops (2), each of which takes a processor.
A failure is printed when it comes, with its file, test and run; at the end stands a table. Exit status: 0 all runs
passed, 1 a run failed, 2 wrong usage, 130 interrupted.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

FAILED, INTERRUPTED = 1, 130
BUSY_LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(1000000): pass"
RESULT = re.compile(r"(not ok|ok)\b ?(\d*)(?: - )?(.*)")
PLAN = re.compile(r"1\.\.(\d+)")
LINES_SHOWN = 20  # of what is known of a failure


def failures_of(output, status):
    """What failed in a file's TAP: a name and the lines about it, each."""
    failures, count, planned, is_open = [], 0, None, False
    for line in output.splitlines():
        result, plan = RESULT.match(line), PLAN.match(line)
        if result:
            count += 1
            is_open = result[1] == "not ok" and "# TODO" not in line
            if is_open:
                failures.append((f"test {result[2] or count}: {result[3]}", []))
        elif plan:
            planned = int(plan[1])
        elif is_open:
            failures[-1][1].append(line)
    rest = output.splitlines()[-LINES_SHOWN:]
    if planned != count:
        failures.append((f"{count} tests of {'no plan' if planned is None else planned}", rest))
    elif status and not failures:
        failures.append((f"status {status}", rest))
    return failures


class Runner:
    """The runs, and the processes that they have started."""

    def __init__(self, busy):
        self.lock = threading.Lock()
        self.children, self.is_ending = set(), False
        self.results = collections.defaultdict(list)  # file: seconds and failures of each run
        self.loops = [subprocess.Popen([sys.executable, "-c", BUSY_LOOP]) for _ in range(busy)]

    def run(self, run, path):
        started = time.monotonic()
        with self.lock:
            if self.is_ending:
                return
            child = subprocess.Popen(["/usr/bin/env", os.path.abspath(path)], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
            self.children.add(child)
        output = child.communicate()[0].decode(errors="replace")
        failures = failures_of(output, child.returncode)
        with self.lock:
            self.children.discard(child)
            if self.is_ending:
                return
            seconds = time.monotonic() - started
            self.results[path].append((seconds, [name for name, _ in failures]))
            print(f"run {run}: {path}: {'FAILED' if failures else 'passed'} in {seconds:.0f} s", flush=True)
            for name, lines in failures:
                print(f"run {run}: {path}: {name}")
                print("".join(f"    {line}\n" for line in lines[:LINES_SHOWN]), end="", flush=True)

    def end(self):
        """Ends what still runs: the tests with what they have started, each a process group, and the loops."""
        with self.lock:
            self.is_ending = True
            for child in self.children:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGTERM)
            for loop in self.loops:
                loop.terminate()
        for loop in self.loops:
            loop.wait()

    def table(self):
        rows = [("file", "runs", "failed", "seconds", "tests that failed")]
        for path, runs in sorted(self.results.items()):
            names = collections.Counter(name for _, failures in runs for name in failures)
            times = [seconds for seconds, _ in runs]
            rows.append((path, str(len(runs)), str(sum(bool(failures) for _, failures in runs)),
                         f"{min(times):.0f} to {max(times):.0f}",
                         ", ".join(f"{name} ({count})" for name, count in names.items()) or "-"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]) for row in rows)


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1, help="files side by side")
    parser.add_argument("--busy", type=int, default=2, help="loops that keep the host busy")
    parser.add_argument("runs", type=int)
    parser.add_argument("files", nargs="+", metavar="FILE")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, interrupt)
    runner, status = Runner(arguments.busy), 0
    pool = concurrent.futures.ThreadPoolExecutor(arguments.jobs)
    try:
        for future in [pool.submit(runner.run, run, path)
                       for run in range(1, arguments.runs + 1) for path in arguments.files]:
            future.result()
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        runner.end()
        pool.shutdown(cancel_futures=True)
    print(runner.table(), flush=True)
    failed = sum(bool(failures) for runs in runner.results.values() for _, failures in runs)
    total = sum(map(len, runner.results.values()))
    print(f"{total} runs of {len(runner.results)} files beside {arguments.busy} busy loops: {failed} failed")
    return status or (FAILED if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
