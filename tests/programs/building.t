#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""The build follows what it is given: the manifest's contents, the list of programs, sources and headers that come and
go. Only setup, run and test run apt. Each check is a make in a copy of the tree and of what is built already."""
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(root / "tests"))
from tap import Tap  # noqa: E402

IMAGE = "build/boot.tar"
tap = Tap()
environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "BUILD"}


def copy_tree(tree):
    """The files that git knows and those it does not ignore, and build/, with their times."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True,
                           check=True).stdout.split()
    for name in filter(lambda name: (root / name).exists(), names):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, tree / name)
    shutil.copytree(root / "build", tree / "build", ignore=shutil.ignore_patterns("source", "make", "*.iso", "host"))


class Tree:
    def __init__(self, folder):
        self.folder = folder

    def make(self, *words, path=None):
        """make's status and all that it prints."""
        variables = dict(environment, PATH=f"{path}:{environment['PATH']}") if path else environment
        result = subprocess.run(["make", "--no-print-directory", *words], cwd=self.folder, env=variables, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def build(self, *words):
        """Builds the boot image: the status and the output."""
        return self.make("-j2", IMAGE, *words)

    def commands(self, *words):
        """The commands that make would run."""
        return self.make("-n", "V=1", *words)[1].splitlines()

    def in_image(self, name):
        with tarfile.open(self.folder / IMAGE) as image:
            return image.extractfile(name).read() if name in image.getnames() else None

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def symbols(self, name):
        return subprocess.run(["nm", "-s", self.folder / name], capture_output=True, text=True, check=True).stdout


def check(is_good, what, output=""):
    tap.ok(is_good, what, () if is_good else output.splitlines()[-20:])


def check_manifest(tree):
    plain = (tree.folder / "boot/manifest").read_bytes()
    other = tree.write("other-manifest", plain.decode() + "\n# another one\n")
    os.utime(other, (1, 1))
    status, output = tree.build(f"MANIFEST={other}")
    check(status == 0 and tree.in_image("manifest") == other.read_bytes(), "MANIFEST=FILE, an old file, is taken",
          output)
    status, output = tree.build()
    check(status == 0 and tree.in_image("manifest") == plain, "without MANIFEST the image has boot/manifest again",
          output)
    tree.build(f"MANIFEST={other}")
    other.write_text(plain.decode() + "\n# yet another one\n")
    os.utime(other, (1, 1))
    status, output = tree.build(f"MANIFEST={other}")
    check(status == 0 and tree.in_image("manifest") == other.read_bytes(), "its contents count, not its time", output)


def check_programs(tree):
    lines = (tree.folder / "boot/manifest").read_text().splitlines()
    first = lines.index("program speaker")
    last = next(number for number in range(first + 1, len(lines)) if not lines[number].startswith("    "))
    shutil.rmtree(tree.folder / "drivers/speaker")
    status, output = tree.build()
    wanted = f"boot/manifest:{first + 1}: there is no such program: no folder of servers, drivers or apps has its name"
    check(status != 0 and wanted in output.splitlines(), "a stanza whose program was removed stops the build", output)
    tree.write("boot/manifest", "\n".join(lines[:first] + lines[last:]) + "\n")
    status, output = tree.build()
    check(status == 0 and tree.in_image("bin/speaker") is None and tree.in_image("bin/serial") is not None,
          "a removed program leaves the image", output)
    tree.write("apps/newcomer/main.c", "int main(void) { return 0; }\n")
    status, output = tree.build()
    check(status == 0 and tree.in_image("bin/newcomer") is not None, "a new folder's program joins it", output)


def check_sources(tree):
    source = tree.write("apps/newcomer/more.c", "int more(void);\nint more(void) { return 1; }\n")
    tree.write("apps/newcomer/main.c", "int more(void);\nint main(void) { return more(); }\n")
    status, output = tree.build()
    check(status == 0 and " more\n" in tree.symbols("build/user/newcomer.elf"), "a new source is linked", output)
    source.unlink()
    status, output = tree.build()
    check(status != 0 and "undefined reference to `more'" in output, "a removed source is not", output)
    shutil.rmtree(tree.folder / "apps/newcomer")
    source = tree.write("lib/more.c", "int more(void);\nint more(void) { return 1; }\n")
    status, output = tree.build()
    check(status == 0 and "more in more.o" in tree.symbols("build/user/libsluice.a"),
          "a new source joins the library", output)
    source.unlink()
    status, output = tree.build()
    check(status == 0 and "more.o" not in tree.symbols("build/user/libsluice.a"), "a removed one leaves it", output)


def check_headers(tree):
    """A touched header compiles what its objects' .d files name, and no more; then there is nothing to do."""
    objects = {str(path.relative_to(tree.folder).with_suffix(".o")) for path in tree.folder.glob("build/user/**/*.d")
               if " lib/wall.h" in path.read_text()}
    (tree.folder / "lib/wall.h").touch()
    compiled = {line.split(" -o ")[1].split()[0] for line in tree.commands(IMAGE) if " -c -o " in line}
    check(compiled == objects and 0 < len(objects) < 20, "a touched header compiles its users alone",
          f"compiled: {sorted(compiled)}\nits users: {sorted(objects)}")
    tree.build()
    commands = tree.commands(IMAGE)
    check(commands == [f"make: '{IMAGE}' is up to date."], "a build after a build has nothing to do",
          "\n".join(commands))
    commands = tree.commands(IMAGE, "WARN=-Wall")
    check(any("-Wall -MMD" in line and "apps/sieve" in line for line in commands), "another flag compiles all anew")


def check_apt(tree):
    """Programs that stand for apt's: nothing is installed, and a line of `calls` tells of each call."""
    fakes = tree.folder / "fakes"
    calls = tree.write("calls", "")
    for name, text in (("dpkg-query", ""), ("apt-get", f'echo "$@" >>{calls}; exit 1'), ("sudo", 'exec "$@"')):
        tree.write(f"fakes/{name}", f"#!/bin/sh\n{text}\n").chmod(0o755)
    packages = tree.folder / "build/packages"
    packages.unlink()
    (tree.folder / "lib/wall.c").touch()
    (tree.folder / "pipens/name.c").touch()
    for target in (IMAGE, "iso", "build/sluice.bin"):
        status, output = tree.make(target, path=fakes)
        check(status != 0 and "`make setup` installs them" in output and "nasm" in output and not calls.read_text(),
              f"make {target}: tells which packages are missing, and runs no apt", output)
    for target in ("setup", "run", "test"):
        calls.write_text("")
        status, output = tree.make(target, path=fakes)
        check(status != 0 and "Installing by apt what is missing:" in output and calls.read_text().startswith("update"),
              f"make {target}: runs apt, and says so", output)
    calls.write_text("")
    packages.touch()
    status, output = tree.make("lint", "need-commands=echo needs: $(PACKAGES_FOR_$@); exit 1;", path=fakes)
    check("needs: clang-format-14" in output and not calls.read_text(), "make lint: runs no apt", output)


def check_jobs(tree):
    for target, parts in (("run", "build/test.iso"), ("test-host", "build/scale"), ("test-system", "build/test.iso")):
        commands = tree.commands(target, "JOBS=3")
        check(any("-j3 -Otarget" in line and parts in line for line in commands), f"make {target}: JOBS jobs build",
              "\n".join(commands[:5]))


with tempfile.TemporaryDirectory() as name:
    copied = Tree(pathlib.Path(name))
    copy_tree(copied.folder)
    state, text = copied.build()
    check(state == 0, "the copied tree builds", text)
    for part in (check_manifest, check_headers, check_programs, check_sources, check_jobs, check_apt):
        part(copied)
sys.exit(tap.finish())
