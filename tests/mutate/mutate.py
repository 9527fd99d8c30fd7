#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutation test of pipens: makes one small fault after the other and looks whether the tests see it.

Each mutant is compiled into a copy of pipens, a shared library; the tests' programs, which are built once, run with it
in order of their speed until one fails, which kills the mutant. A mutant whose object is the same as the original's is
none. Mutants that no test can tell from the original stand, with the reason, in survivors.txt. Prints TAP.

audit.c is left out: it judges what the tests do, and a judge that finds less fault with sound code is not seen there.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import queue
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the source folder stays as it is
import mutants  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu17", "-O1", "-w", "-fPIC", "-fno-semantic-interposition"]
NOT_MUTATED = {"audit.c"}
TIMEOUT_LEAST = 3.0  # seconds for a test; the machine may be busy with other things
TIMEOUT_TIMES = 10  # as long as it took with sound code
MEMORY_MAX = 2 << 30  # bytes of a test's address space: a mutant may allocate for ever
COMMAND_TIMEOUT = 120  # seconds for a --command
OUTCOMES = ["killed", "survived", "excused", "same", "invalid"]


class Unusable(Exception):
    """What the user gave cannot be used."""


def run(words, timeout=None, environment=None, preexec=None):
    """Whether the program succeeds; False as well if it takes too long."""
    try:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        result = subprocess.run(words, timeout=timeout, env=environment, preexec_fn=preexec, check=False, **quiet)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def limit_resources():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


# ---- Building and running ------------------------------------------------------------------------------------------


class Bench:
    """A directory with a copy of pipens, its library, and the tests' programs."""

    def __init__(self, directory, options):
        self.directory, self.options = directory, options
        self.pipens = directory / "pipens"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copytree(options.pipens, self.pipens)
        self.sources = sorted(path.name for path in self.pipens.glob("*.c"))
        self.headers_of = {}
        for path in [self.pipens / name for name in self.sources] + options.common + options.tests:
            self.headers_of[path.name] = self.headers(path)
        if not all(self.compile(self.pipens / name) for name in self.sources) or not self.link_library():
            raise Unusable("pipens does not compile")
        self.original = {name: self.object(name).read_bytes() for name in self.sources}
        if not self.build_tests(set(self.headers_of)):
            raise Unusable("the tests do not compile")
        self.timeouts = {}

    def object(self, name):
        return self.directory / (name + ".o")

    def program(self, path):
        return self.directory / path.stem

    def gcc(self, *words):
        include = [f"-I{self.pipens}", *(f"-I{path.parent}" for path in self.options.common[:1])]
        return ["gcc", *FLAGS, *include, *map(str, words)]

    def headers(self, path):
        listed = subprocess.run(self.gcc("-MM", path), capture_output=True, text=True, check=False)
        if listed.returncode:
            raise Unusable(listed.stderr.strip())
        return {pathlib.Path(word).name for word in listed.stdout.split()[1:]}

    def compile(self, path):
        return run(self.gcc("-c", path, "-o", self.object(path.name)))

    def link_library(self):
        objects = [self.object(name) for name in self.sources]
        return run(["gcc", "-shared", "-o", str(self.directory / "libpipens.so"), *map(str, objects)])

    def build_tests(self, names):
        """Compiles the sources named, and links the programs that they are part of."""
        common = self.options.common
        if not all(self.compile(path) for path in common + self.options.tests if path.name in names):
            return False
        linked = common if any(path.name in names for path in common) else []
        return all(self.link_test(path) for path in self.options.tests if linked or path.name in names)

    def link_test(self, path):
        objects = [self.object(part.name) for part in [path, *self.options.common]]
        library = [f"-L{self.directory}", "-lpipens", "-lcmocka"]
        return run(["gcc", "-rdynamic", "-o", str(self.program(path)), *map(str, objects), *library])

    def passes(self, path, timeout):
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.directory), "MALLOC_PERTURB_": "165"}
        return run([str(self.program(path))], timeout, environment, limit_resources)

    def command_passes(self, command):
        words = [word.replace("{pipens}", str(self.pipens)) for word in shlex.split(command)]
        return run(words, COMMAND_TIMEOUT)

    def measure(self):
        """Sets the order and the time limits of the tests; all must pass."""
        for path in self.options.tests:
            start = time.monotonic()
            if not self.passes(path, None):
                raise Unusable(f"{path.name} fails with sound code")
            taken = time.monotonic() - start
            self.timeouts[path] = max(TIMEOUT_LEAST, TIMEOUT_TIMES * taken)
            self.options.speed[path] = min(taken, self.options.speed.get(path, taken))
        for command in self.options.command:
            if not self.command_passes(command):
                raise Unusable(f"{command} fails with sound code")

    def judge(self, mutant):
        """The outcome for the mutant; afterwards the sources and the library are sound again."""
        path = self.pipens / mutant.file
        code = path.read_text(encoding="utf-8")
        path.write_text(mutant.apply(code), encoding="utf-8")
        touched = {name for name, headers in self.headers_of.items() if mutant.file in headers}
        try:
            return self.try_out(touched)
        finally:
            path.write_text(code, encoding="utf-8")
            self.restore(touched)

    def try_out(self, touched):
        changed = [name for name in self.sources if name in touched]
        if not all(self.compile(self.pipens / name) for name in changed) or not self.build_tests(touched):
            return "invalid"
        is_same = all(self.object(name).read_bytes() == self.original[name] for name in changed)
        if changed and is_same and touched == set(changed):
            return "same"
        if not self.link_library():
            return "invalid"
        for path in sorted(self.options.tests, key=self.options.speed.get):
            if not self.passes(path, self.timeouts[path]):
                return "killed"
        return "survived" if all(map(self.command_passes, self.options.command)) else "killed"

    def restore(self, touched):
        for name in touched & set(self.original):
            self.object(name).write_bytes(self.original[name])
        if touched - set(self.original):
            self.build_tests(touched)


# ---- Judging -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Verdict:
    mutant: mutants.Mutant
    outcome: str


def read_survivors(path):
    """Reasons by key, in lines `file function: line => mutated line :: reason`."""
    reasons = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            head, reason = line.rsplit(" :: ", 1)
            place, change = head.split(": ", 1)
            before, after = change.split(" => ", 1)
        except ValueError as error:
            raise Unusable(f"{path.name}:{number}: not `file function: line => mutated line :: reason`") from error
        reasons[(*place.split(" ", 1), before.strip(), after.strip())] = reason
    return reasons


def judge_all(chosen, benches, reasons):
    """A verdict for each mutant, in order; survivors are named as they are found."""
    free = queue.Queue()
    for bench in benches:
        free.put(bench)

    def judge(mutant):
        bench = free.get()
        try:
            outcome = bench.judge(mutant)
        finally:
            free.put(bench)
        if outcome == "survived" and mutant.key in reasons:
            outcome = "excused"
        if outcome == "survived":
            print(f"# survived: {mutant.file}:{mutant.line}: {mutant}", flush=True)
        return Verdict(mutant, outcome)

    with concurrent.futures.ThreadPoolExecutor(len(benches)) as pool:
        return list(pool.map(judge, chosen))


def choose(options):
    """The mutants to try, and the keys of which one is left out: a line may stand twice and need its excuse once."""
    found = []
    for path in sorted(options.pipens.glob("*.[ch]")):
        if path.name not in NOT_MUTATED and (not options.file or path.name in options.file):
            found += mutants.mutants_of(path.name, path.read_text(encoding="utf-8"))
    if options.sample and options.sample < len(found):
        chosen = random.Random(options.seed).sample(found, options.sample)
        places = {(mutant.file, mutant.start, mutant.key) for mutant in chosen}
        left_out = {mutant.key for mutant in found if (mutant.file, mutant.start, mutant.key) not in places}
        return sorted(chosen, key=lambda mutant: (mutant.file, mutant.start)), left_out
    return found, set()


# ---- Reporting -----------------------------------------------------------------------------------------------------


def count(verdicts):
    """How often each outcome came, by file; `all` sums up."""
    counts = {}
    for verdict in verdicts:
        for file in (verdict.mutant.file, "all"):
            counts.setdefault(file, dict.fromkeys(OUTCOMES, 0))[verdict.outcome] += 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])))


def score(counts):
    """Percent of the mutants, which are neither invalid nor excused, that were killed."""
    judged = counts["killed"] + counts["survived"]
    return 100.0 * counts["killed"] / judged if judged else 100.0


def print_table(counts):
    print(f"# {'file':<14}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES) + f"{'score':>9}")
    for file, outcomes in counts.items():
        print(f"# {file:<14}" + "".join(f"{outcomes[name]:>10}" for name in OUTCOMES) + f"{score(outcomes):>8.1f}%")


def write_json(path, counts, verdicts):
    survivors = [
        {"place": f"{verdict.mutant.file}:{verdict.mutant.line}", "mutant": str(verdict.mutant)}
        for verdict in verdicts
        if verdict.outcome == "survived"
    ]
    text = json.dumps({"counts": counts, "score": score(counts["all"]), "survivors": survivors}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def print_tap(options, counts, verdicts, left_out, reasons):
    """Two tests: the score, and that no excuse is without a mutant that needs it. True if both pass."""
    killed, reached = counts["all"]["killed"], score(counts["all"])
    used = {verdict.mutant.key for verdict in verdicts if verdict.outcome == "excused"}
    tried = {verdict.mutant.key for verdict in verdicts} - left_out
    stale = [key for key in reasons if key not in used and (key in tried or options.is_whole)]
    for file, function, before, after in stale:
        print(f"# not needed in survivors.txt: {file} {function}: {before} => {after}")
    is_enough = reached >= options.at_least and killed > 0
    aim = f"{reached:.1f} % of the mutants are killed, {options.at_least} must be"
    print(f"{'ok' if is_enough else 'not ok'} 1 - {aim}")
    print(f"{'not ok' if stale else 'ok'} 2 - every excuse in survivors.txt is needed")
    print("1..2")
    return is_enough and not stale


# ---- The command ---------------------------------------------------------------------------------------------------


def is_of_pipens(path):
    """Whether the test is one of pipens: those of other parts include the source that they look at."""
    return not re.search(r'^#include ".*\.c"', path.read_text(encoding="utf-8"), re.MULTILINE)


def parse(words):
    parser = argparse.ArgumentParser(description="Mutation test of pipens.")
    path = pathlib.Path
    parser.add_argument("directory", type=path, help="where mutants are built; what is in it goes")
    parser.add_argument("--sample", type=int, help="only so many mutants, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--at-least", type=float, default=95, help="percent that must be killed")
    parser.add_argument("--file", action="append", help="only mutants of this file; may be given again")
    parser.add_argument("--command", action="append", default=[],
                        help="a further test, after the others; {pipens} stands for the directory with the mutant")
    parser.add_argument("--json", type=path, help="writes the counts and the survivors there")
    parser.add_argument("--pipens", type=path, default=ROOT / "pipens")
    parser.add_argument("--tests", type=path, default=ROOT / "tests/host", help="directory of *_test.c")
    options = parser.parse_args(words)
    options.common = [options.tests / name for name in ("scene.c", "test_host.c")]
    options.tests = sorted(path for path in options.tests.glob("*_test.c") if is_of_pipens(path))
    options.is_whole = not options.sample and not options.file
    options.speed = {}
    return options


def main(words):
    options = parse(words)
    try:
        reasons = read_survivors(pathlib.Path(__file__).with_name("survivors.txt"))
        benches = [Bench(options.directory / str(number), options) for number in range(options.jobs)]
        for bench in benches:
            bench.measure()
    except Unusable as error:
        print(f"Bail out! {error}")
        return 1
    chosen, left_out = choose(options)
    verdicts = judge_all(chosen, benches, reasons)
    counts = count(verdicts)
    counts.setdefault("all", dict.fromkeys(OUTCOMES, 0))
    print_table(counts)
    if options.json:
        write_json(options.json, counts, verdicts)
    return 0 if print_tap(options, counts, verdicts, left_out, reasons) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
