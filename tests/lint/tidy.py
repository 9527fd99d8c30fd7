#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Runs clang-tidy over the files of a compile_commands.json, and prints each file as it is done.

usage: tests/lint/tidy.py BUILD FILE...

A file that passes is not looked at again until its text, a header of it, its compilation or the configuration changes:
BUILD/lint keeps a file for each that passed, named by the hash of all these. Exit status: 0 all pass, 1 otherwise.
"""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys

CONFIG = "tests/lint/clang-tidy"
TIDY = "clang-tidy-14"


@functools.lru_cache(maxsize=None)
def digest_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def headers_of(arguments):
    """The files that a compilation reads, in order."""
    skipped = {"-MMD", "-MP", "-c"}
    words = [word for number, word in enumerate(arguments)
             if word not in skipped and word != "-o" and arguments[number - 1] != "-o"]
    rule = subprocess.run([*words, "-M"], capture_output=True, text=True, check=True).stdout
    return rule.replace("\\\n", " ").split(":", 1)[1].split()


def key_of(arguments):
    parts = [*arguments, digest_of(CONFIG), digest_of(os.path.realpath(f"/usr/bin/{TIDY}"))]
    parts += [f"{path} {digest_of(path)}" for path in headers_of(arguments)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def look(build, path, arguments):
    """How a file fares: its state, and the complaints."""
    passed = pathlib.Path(build) / "lint" / key_of(arguments)
    if passed.exists():
        return "unchanged", ""
    words = [TIDY, "--quiet", f"--config-file={CONFIG}", "--extra-arg=-Wno-unknown-warning-option", "-p", build, path]
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if result.returncode:
        return "FAILED", result.stdout
    passed.touch()
    return "passed", ""


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, *paths = sys.argv[1:]
    commands = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    arguments_of = {entry["file"]: entry["arguments"] for entry in commands}
    (pathlib.Path(build) / "lint").mkdir(parents=True, exist_ok=True)
    paths.sort(key=os.path.getsize, reverse=True)  # the longest first, so that no processor waits at the end
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = {pool.submit(look, build, path, arguments_of[path]): path for path in paths if path in arguments_of}
        for number, done in enumerate(concurrent.futures.as_completed(looks), 1):
            state, complaints = done.result()
            failed += state == "FAILED"
            print(f"clang-tidy {number}/{len(looks)}: {looks[done]}: {state}", flush=True)
            print(complaints, end="", flush=True)
    missing = [path for path in paths if path not in arguments_of]
    if missing:
        print(f"clang-tidy: no compilation of {' '.join(missing)}")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
