#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-format, clang-tidy and cppcheck over all C code, and the house's own bounds. Prints each file as it is done, and
# what is wrong; so does the status. What passed is not looked at again until it changes (tidy.py; cppcheck's folder).
#
# usage: tests/lint/lint.sh BUILD      where compile_commands.json is
set -uo pipefail
cd "$(dirname "$0")/../.."
build=${1:?usage: lint.sh BUILD}
status=0

mapfile -t sources < <(git ls-files '*.c' '*.h')
mapfile -t compiled < <(git ls-files {pipens,kernel,lib,servers,drivers,apps}'/*.c' | grep -v offsets.c)

echo "clang-format: ${#sources[@]} files"
clang-format-14 --style=file:tests/lint/clang-format --dry-run -Werror "${sources[@]}" || status=1

echo "clang-tidy: ${#compiled[@]} files"
tests/lint/tidy.py "$build" "${compiled[@]}" || status=1

echo "cppcheck"
check() { # the two sides have functions of one name
    mkdir -p "$build/lint/cppcheck-$1"
    { cppcheck -j "$(nproc)" --cppcheck-build-dir="$build/lint/cppcheck-$1" --std=c11 --error-exitcode=1 \
        --inline-suppr --suppressions-list=tests/lint/cppcheck --enable=warning,performance,portability \
        -Ipipens -Ikernel -Ikernel/x86_64 -Ilib -Iboot "$@" || touch "$build/lint/failed"; } 2>&1 | grep -v '^Checking'
}
rm -f "$build/lint/failed"
check pipens kernel
check lib servers drivers apps
[ ! -e "$build/lint/failed" ] || status=1

echo "circles of files"
python3 tests/lint/circles.py "$build" apps/shell failure output streams || status=1

echo "lengths and licences"
python3 tests/lint/bounds.py || status=1

echo "words"
python3 tests/lint/words.py || status=1
exit $status
