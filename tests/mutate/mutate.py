#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mutation test of pipens: makes one small fault after the other and looks whether the tests see it.

Each mutant is compiled into a copy of pipens, a shared library; the tests' programs, which are built once, run with it
until one fails, which kills the mutant: those that gcov has seen in the mutant's function, the quick ones first. A
mutant whose object is the same as the original's is none. Mutants that no test can tell from the original stand, with
the reason, in survivors.txt; they count as not killed. Prints TAP.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import queue
import random
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is
import mutants  # noqa: E402
from bench import Bench, Parts, Reach, Unusable  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTCOMES = ["killed", "survived", "excused", "same", "invalid"]


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
            position, change = head.split(": ", 1)
            before, after = change.split(" => ", 1)
        except ValueError as error:
            raise Unusable(f"{path.name}:{number}: not `file function: line => mutated line :: reason`") from error
        key = (*position.split(" ", 1), before.strip(), after.strip())
        if key in reasons:
            raise Unusable(f"{path.name}:{number}: it stands there twice")
        reasons[key] = reason
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


def find(pipens):
    """All mutants of all files."""
    found = []
    for path in sorted(pipens.glob("*.[ch]")):
        found += mutants.mutants_of(path.name, path.read_text(encoding="utf-8"))
    return found


def choose(options, found):
    """The mutants to try."""
    found = [mutant for mutant in found if not options.file or mutant.file in options.file]
    if not options.sample or options.sample >= len(found):
        return found
    chosen = random.Random(options.seed).sample(found, options.sample)
    return sorted(chosen, key=lambda mutant: (mutant.file, mutant.start))


# ---- Reporting -----------------------------------------------------------------------------------------------------


def count(verdicts):
    """How often each outcome came, by file; `all` sums up."""
    counts = {}
    for verdict in verdicts:
        for file in (verdict.mutant.file, "all"):
            counts.setdefault(file, dict.fromkeys(OUTCOMES, 0))[verdict.outcome] += 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])))


def score(counts):
    """Percent of the mutants, which are neither invalid nor the same, that were killed."""
    judged = counts["killed"] + counts["survived"] + counts["excused"]
    return 100.0 * counts["killed"] / judged if judged else 100.0


def print_table(counts):
    print(f"# {'file':<14}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES) + f"{'score':>9}")
    for file, outcomes in counts.items():
        print(f"# {file:<14}" + "".join(f"{outcomes[name]:>10}" for name in OUTCOMES) + f"{score(outcomes):>8.1f}%")


def write_json(path, counts, verdicts):
    survivors = [
        {"position": f"{verdict.mutant.file}:{verdict.mutant.line}", "mutant": str(verdict.mutant)}
        for verdict in verdicts
        if verdict.outcome == "survived"
    ]
    text = json.dumps({"counts": counts, "score": score(counts["all"]), "survivors": survivors}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def unneeded(found, verdicts, reasons):
    """Excuses of which no mutant stands in the code any more, or whose mutants were all tried and none lives. A line
    may stand twice and need its excuse once."""
    used = {verdict.mutant.key for verdict in verdicts if verdict.outcome == "excused"}
    tried = {verdict.mutant for verdict in verdicts}
    open_keys = {mutant.key for mutant in found if mutant not in tried}
    return [key for key in reasons if key not in used and key not in open_keys]


def print_tap(at_least, counts, stale):
    """Three tests: the score, and that survivors.txt has neither too few excuses nor too many. True if all pass."""
    results = [
        (score(counts) >= at_least and counts["killed"] > 0,
         f"{score(counts):.1f} % of the mutants are killed, {at_least} must be"),
        (not counts["survived"], "every survivor has its reason in survivors.txt"),
        (not stale, "every excuse in survivors.txt is needed"),
    ]
    for file, function, before, after in stale:
        print(f"# not needed in survivors.txt: {file} {function}: {before} => {after}")
    for number, (is_good, what) in enumerate(results, 1):
        print(f"{'ok' if is_good else 'not ok'} {number} - {what}")
    print(f"1..{len(results)}")
    return all(is_good for is_good, _ in results)


# ---- The command ---------------------------------------------------------------------------------------------------


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
    common = [options.tests / name for name in ("scene.c", "test_host.c")]
    tests = sorted(options.tests.glob("*_test.c"))
    options.parts = Parts(options.pipens, common, tests)
    return options


def main(words):
    options = parse(words)
    try:
        reasons = read_survivors(pathlib.Path(__file__).with_name("survivors.txt"))
        reach = Reach(options.directory / "reach", options.parts)
        directories = [options.directory / str(number) for number in range(options.jobs)]
        benches = [Bench(directory, options.parts, reach, options.command) for directory in directories]
    except Unusable as error:
        print(f"Bail out! {error}")
        return 1
    found = find(options.pipens)
    verdicts = judge_all(choose(options, found), benches, reasons)
    counts = count(verdicts)
    counts.setdefault("all", dict.fromkeys(OUTCOMES, 0))
    print_table(counts)
    if options.json:
        write_json(options.json, counts, verdicts)
    return 0 if print_tap(options.at_least, counts["all"], unneeded(found, verdicts, reasons)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
