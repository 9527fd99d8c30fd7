#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What operations cost has not grown: runs the benchmark's own side, and compares with expected.json. Counts are exact,
# so this is no timed test. Where one grew for a reason, tests/bench/run.sh --keep keeps the new ones.
cd "$(dirname "$0")/../.." || exit 2
if [ "${BUILD:-build}" != build ]; then
    echo "1..0 # SKIP an audited kernel's counts are others"
    exit 0
fi
mkdir -p build/bench
readonly log=build/bench/counts.log figures=build/bench/counts.txt
timeout 300 tests/bench/machine.py build/test.iso "$log" "" memory || exit 2
tr -d '\r' <"$log" | grep '^bench [a-z]' >"$figures"
exec python3 -B tests/bench/kept.py check "$figures"
