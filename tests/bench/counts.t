#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What operations cost has not grown: runs the benchmark's own side, and compares with expected.json. Counts are exact,
# so this is no timed test. Where one grew for a reason, tests/bench/run.sh --keep keeps the new ones. The boot is that
# of a fixed set of programs (image.py): a new program changes no count.
cd "$(dirname "$0")/../.." || exit 2
if [ "${BUILD:-build}" != build ]; then
    echo "1..0 # SKIP an audited kernel's counts are others"
    exit 0
fi
mkdir -p build/bench
readonly log=build/bench/counts.log figures=build/bench/counts.txt
tests/bench/measure.sh build/test.iso "$log" "$figures" "" memory || exit 2
exec python3 -B tests/bench/kept.py check "$figures"
