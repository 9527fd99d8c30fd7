# SPDX-License-Identifier: MIT
"""Where mutants are tried: copies of pipens with the tests' programs, and what gcov tells of who runs what."""
import dataclasses
import json
import os
import pathlib
import resource
import shlex
import shutil
import signal
import subprocess
import time

FLAGS = ["-std=gnu17", "-O1", "-w", "-fPIC", "-fno-semantic-interposition"]
REACH_FLAGS = ["-std=gnu17", "-O0", "-w", "--coverage"]
LIMIT_LEAST = 0.5  # seconds of the processor for a test
LIMIT_TIMES = 10  # as long as it took with sound code
TIMEOUT = 120  # seconds, for what uses no processor
MEMORY_MAX = 1 << 30  # bytes of a test's address space: a mutant may allocate for ever


class Unusable(Exception):
    """What the user gave cannot be used."""


def run(words, environment=None, preexec=None):
    """Whether the program succeeds; False as well if it takes too long."""
    try:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        result = subprocess.run(words, timeout=TIMEOUT, env=environment, preexec_fn=preexec, check=False, **quiet)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def limits(seconds):
    """What a test's process may use. Its own time counts, so that a busy machine kills no mutant."""

    def set_limits():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
        signal.setitimer(signal.ITIMER_PROF, seconds)

    return set_limits


@dataclasses.dataclass
class Parts:
    """What is built: the sources of pipens, those that all tests share, and the tests."""

    pipens: pathlib.Path
    common: list
    tests: list

    def sources(self):
        return sorted(self.pipens.glob("*.c")) + self.common + self.tests

    def includes(self):
        return [f"-I{self.pipens}", *(f"-I{path.parent}" for path in self.common[:1])]


# ---- Who runs what -------------------------------------------------------------------------------------------------


class Reach:
    """Which tests run a line, and which sources have compiled a function of a header."""

    def __init__(self, directory, parts):
        self.directory, self.parts = directory, parts
        self.compiled = {}  # (file, function): names of sources
        self.lines = {}  # file: numbers of the lines that have code
        self.runs_line, self.runs_function = {}, {}  # (file, line) and (file, function): tests
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        for path in parts.sources():
            words = ["gcc", *REACH_FLAGS, *parts.includes(), "-c", str(path), "-o", str(self.object(path))]
            if not run(words):
                raise Unusable(f"{path.name} does not compile for gcov")
        for path in parts.tests:
            self.look_at(path)
        self.lines = {name: sorted(numbers) for name, numbers in self.lines.items()}

    def object(self, path):
        return self.directory / f"{path.stem}.o"

    def look_at(self, test):
        """Runs the test alone, and notes what it has run."""
        for path in self.directory.glob("*.gcda"):
            path.unlink()
        shared = [path for path in self.parts.sources() if path not in self.parts.tests]
        program = self.directory / test.stem
        objects = [str(self.object(path)) for path in [test, *shared]]
        if not run(["gcc", "--coverage", "-o", str(program), *objects, "-lcmocka"]) or not run([str(program)]):
            raise Unusable(f"{test.name} fails with sound code")
        counts = sorted(str(path) for path in self.directory.glob("*.gcda"))
        told = subprocess.run(["gcov", "-j", "-t", *counts], capture_output=True, text=True, check=True)
        for line in told.stdout.splitlines():
            unit = json.loads(line)
            for entry in unit["files"]:
                self.note(test, pathlib.Path(unit["data_file"]).stem + ".c", entry)

    def note(self, test, source, entry):
        name = pathlib.Path(entry["file"]).name
        for function in entry["functions"]:
            self.compiled.setdefault((name, function["name"]), set()).add(source)
        for line in entry["lines"]:
            self.lines.setdefault(name, set()).add(line["line_number"])
            if line["count"]:
                self.runs_line.setdefault((name, line["line_number"]), set()).add(test)
                self.runs_function.setdefault((name, line.get("function_name")), set()).add(test)

    def tests(self, mutant):
        """The tests that run the mutant's line, and those that run its function: no other can tell."""
        before = [line for line in self.lines.get(mutant.file, ()) if line <= mutant.line]
        nearest = self.runs_line.get((mutant.file, before[-1]), set()) if before else set()
        return nearest, self.runs_function.get((mutant.file, mutant.function), set()) - nearest

    def sources(self, mutant):
        """The sources that a mutant of a header changes; None if that is not known."""
        return self.compiled.get((mutant.file, mutant.function))


# ---- Building and running ------------------------------------------------------------------------------------------


class Bench:
    """A directory with a copy of pipens, its library, and the tests' programs."""

    def __init__(self, directory, parts, reach, commands):
        self.directory, self.reach, self.commands = directory, reach, commands
        self.pipens = directory / "pipens"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copytree(parts.pipens, self.pipens)
        self.parts = dataclasses.replace(parts, pipens=self.pipens)
        self.paths = {path.name: path for path in self.parts.sources()}
        self.headers_of = {path.name: self.headers(path) for path in self.paths.values()}
        self.build_all()
        self.seconds = {}  # of each test
        self.last_killer = {}  # by file and function: who killed there is likely to do so again
        self.measure()

    def object(self, name):
        return self.directory / (name + ".o")

    def program(self, path):
        return self.directory / path.stem

    def library(self):
        return self.directory / "libpipens.so"

    def gcc(self, *words):
        return ["gcc", *FLAGS, *self.parts.includes(), *map(str, words)]

    def headers(self, path):
        listed = subprocess.run(self.gcc("-MM", path), capture_output=True, text=True, check=False)
        if listed.returncode:
            raise Unusable(listed.stderr.strip())
        return {pathlib.Path(word).name for word in listed.stdout.replace("\\", "").split()[1:]}

    def is_of_pipens(self, name):
        return self.paths[name].parent == self.pipens

    def build_all(self):
        if not self.build(set(self.paths)):
            raise Unusable("pipens or its tests do not compile")
        built = [*map(self.object, self.paths), *map(self.program, self.parts.tests), self.library()]
        self.sound = {path: path.read_bytes() for path in built}

    def compile(self, name):
        return run(self.gcc("-c", self.paths[name], "-o", self.object(name)))

    def build(self, names):
        """Compiles the sources, and links what they are part of."""
        return all(map(self.compile, sorted(names))) and self.link(names)

    def link(self, names):
        if any(map(self.is_of_pipens, names)) and not self.link_library():
            return False
        has_common = any(path.name in names for path in self.parts.common)
        return all(self.link_test(path) for path in self.parts.tests if has_common or path.name in names)

    def link_library(self):
        objects = [str(self.object(name)) for name in self.paths if self.is_of_pipens(name)]
        return run(["gcc", "-shared", "-o", str(self.library()), *objects])

    def link_test(self, path):
        objects = [str(self.object(part.name)) for part in [path, *self.parts.common]]
        library = [f"-L{self.directory}", "-lpipens", "-lcmocka"]
        return run(["gcc", "-rdynamic", "-o", str(self.program(path)), *objects, *library])

    def passes(self, path, seconds):
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.directory), "MALLOC_PERTURB_": "165"}
        return run([str(self.program(path))], environment, limits(seconds))

    def command_passes(self, command):
        return run([word.replace("{pipens}", str(self.pipens)) for word in shlex.split(command)])

    def measure(self):
        """How long each test takes; all must pass."""
        for path in self.parts.tests:
            start = time.monotonic()
            if not self.passes(path, TIMEOUT):
                raise Unusable(f"{path.name} fails with sound code")
            self.seconds[path] = time.monotonic() - start
        for command in self.commands:
            if not self.command_passes(command):
                raise Unusable(f"{command} fails with sound code")

    def order(self, mutant):
        """The tests that can tell the mutant: first who is likely to, and quick."""
        last = self.last_killer.get((mutant.file, mutant.function))
        nearest, others = self.reach.tests(mutant)
        return sorted(nearest | others, key=lambda path: (path != last, path in others, self.seconds[path]))

    def touched(self, mutant):
        """The sources that the mutant changes."""
        if mutant.file in self.paths:
            return {mutant.file}
        known = self.reach.sources(mutant)
        return known or {name for name, headers in self.headers_of.items() if mutant.file in headers}

    def judge(self, mutant):
        """The outcome for the mutant; afterwards all is sound again."""
        path = self.pipens / mutant.file
        code = path.read_text(encoding="utf-8")
        path.write_text(mutant.apply(code), encoding="utf-8")
        try:
            return self.try_out(mutant, self.touched(mutant))
        finally:
            path.write_text(code, encoding="utf-8")
            self.restore()

    def try_out(self, mutant, touched):
        if not all(map(self.compile, sorted(touched))):
            return "invalid"
        changed = {name for name in touched if self.object(name).read_bytes() != self.sound[self.object(name)]}
        if not changed:
            return "same"
        if not self.link(changed):
            return "invalid"
        for path in self.order(mutant):
            if not self.passes(path, max(LIMIT_LEAST, LIMIT_TIMES * self.seconds[path])):
                self.last_killer[(mutant.file, mutant.function)] = path
                return "killed"
        return "survived" if all(map(self.command_passes, self.commands)) else "killed"

    def restore(self):
        for path, content in self.sound.items():
            if path.read_bytes() != content:
                path.write_bytes(content)
