#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names house words that are left in any file, and the field's words to write instead. Each is an error.

usage: words.py [--count]      --count: a table of the words that each folder has left
"""
import collections
import re
import subprocess
import sys

# A word, as a part of a name too, and what to write.
WORDS = {
    r"behind": "after, following",
    r"places?": "index, slot, link, cursor, offset or address",
    r"parcels?": "attachments",
    r"carry|carries|carried|carrying|carrier": "attachments; transport, hold",
    r"heirs?": "inherited pipes, succession",
    r"estates?": "succession",
    r"barred": "revoked",
    r"pieces?": "step, batch, part",
    r"some(?=\b)(?<=_some)": "..._step",
    r"lend(s|er|ers|ing)?|lent": "lease (memory), inherit or donate (priority)",
    r"fly|flies|flying": "in flight",
    r"straight": "unrolled entries",
    r"(?<!__atomic_)(?<!compare_)exchanges?(?!_n)": "message buffer",
    r"short ways?": "fast path",
    r"general way|generally": "slow path",
    r"not to be had": "is unavailable",
}
PATTERNS = [(re.compile(rf"(?<![A-Za-z])({word})(?![a-z])", re.I), advice) for word, advice in WORDS.items()]

LEFT_OUT = (".bin", ".json", ".png", ".txt", ".gitignore")
DICTIONARY = "tests/lint/words.py"


def tracked():
    names = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in names if name and not name.endswith(LEFT_OUT) and name != DICTIONARY]


def lines_of(name):
    with open(name, encoding="utf-8") as file:
        return file.read().split("\n")


def words_in(name):
    """Yields line, word and advice for each word of the file that is its own."""
    for number, line in enumerate(lines_of(name), 1):
        for pattern, advice in PATTERNS:
            for match in pattern.finditer(line):
                yield number, match[0], advice


names = tracked()
if "--count" in sys.argv[1:]:
    counts = collections.Counter()
    for name in names:
        folder = name.partition("/")[0] if "/" in name else "documents"
        counts[folder] += sum(1 for _ in words_in(name))
    for folder, count in sorted(counts.items()):
        print(f"{count:6} {folder}")
    sys.exit(0)
wrong = 0
for name in names:
    for number, word, advice in words_in(name):
        wrong += 1
        print(f"{name}:{number}: \"{word}\": write {advice}")
print(f"{wrong} house words left")
sys.exit(wrong != 0)
