#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the benchmark: boots Sluice and starts `bench` there, measures Linux beside it, and prints the tables.
#
# usage: tests/bench/run.sh [--keep | --keep-anyway] [--without-linux] [--without-wall] [--without-large] [ISO]
#   ISO              the image to boot, default build/test.iso
#   --keep           keeps this run's counts in expected.json, if none is over its limit
#   --keep-anyway    keeps them in any case
#   --without-linux  leaves Linux's figures as the last run has left them
#   --without-wall   leaves the wall times as the last run has left them
#   --without-large  leaves the figures of the large machine as the last run has left them
#
# Writes build/bench/sluice.txt and linux.txt, sluice-wall.txt, linux-wall.txt and sluice-large.txt there (Linux's where
# Debian's kernel package can be had), and build/bench.json. The environment's QEMU may name another emulator, and
# MEMORY the guest's memory in MiB. Exit status: that of report.py, or of kept.py if counts were to be kept.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly output_directory=build/bench
readonly expected=tests/bench/expected.json
readonly time_limit=600 # seconds; a run takes about twenty

image=build/test.iso
with_linux=yes
with_wall=yes
with_large=yes
readonly large_memory=4096 # MiB, for ten thousand processes
keep=()
report_arguments=()

fail() {
    echo "run.sh: $*" >&2
    exit 2
}

read_arguments() {
    for argument; do
        case $argument in
        --keep) keep=(keep) ;;
        --keep-anyway) keep=(keep --anyway) ;;
        --without-linux) with_linux=no ;;
        --without-wall) with_wall=no ;;
        --without-large) with_large=no ;;
        -*) fail "no option $argument" ;;
        *) image=$argument ;;
        esac
    done
    [ -f "$image" ] || fail "$image is not there: build it first"
    if [ -f "$expected" ] && [ ${#keep[@]} = 0 ]; then
        report_arguments+=(--expected "$expected")
    fi
}

# measure_sluice FIGURES [FLAG]
measure_sluice() {
    local figures=$output_directory/$1 log=$output_directory/${1%.txt}.log
    shift
    rm -f "$figures"
    timeout "$time_limit" tests/bench/machine.py "$@" "$image" "$log" "${bench_words[@]}" ||
        fail "Sluice was not measured; its last words are in $log"
    tr -d '\r' <"$log" | grep '^bench [a-z]' >"$figures"
    echo "run.sh: $(wc -l <"$figures") figures of Sluice in $figures"
}

# Those that are kept.
measure_counts() {
    local figures=$output_directory/sluice.txt
    rm -f "$figures"
    tests/bench/measure.sh "$image" "$output_directory/sluice.log" "$figures" "${bench_words[@]}" ||
        fail "Sluice was not measured; its last words are in $output_directory/sluice.log"
    echo "run.sh: $(wc -l <"$figures") figures of Sluice in $figures"
}

# Sluice's figures stand without Linux's.
measure_linux() {
    [ $with_linux = yes ] || return 0
    tests/bench/linux.sh "$1" || echo "run.sh: going on without Linux's figures"
}

measure_wall() {
    [ $with_wall = yes ] || return 0
    bench_words=("wall")
    measure_sluice sluice-wall.txt --wall
    measure_linux wall
}

measure_large() {
    [ $with_large = yes ] || return 0
    bench_words=("crowd")
    MEMORY=$large_memory measure_sluice sluice-large.txt
}

read_arguments "$@"
mkdir -p "$output_directory"
bench_words=("" "memory")
measure_counts
measure_linux icount
measure_wall
measure_large
status=0
python3 -B tests/bench/report.py "${report_arguments[@]}" || status=$?
if [ ${#keep[@]} != 0 ] && [ $status -le 1 ]; then
    exec python3 -B tests/bench/kept.py "${keep[@]}"
fi
exit $status
