#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the benchmark: boots Sluice and starts `bench` there, measures Linux beside it, and prints the table.
#
# usage: tests/bench/run.sh [--keep] [--without-linux] [ISO]
#   ISO              the image to boot, default build/test.iso
#   --keep           keeps this run's counts in expected.json, if none is over its limit
#   --without-linux  leaves Linux's figures as the last run has left them
#
# Writes build/bench/sluice.txt, build/bench/linux.txt (where Debian's kernel package can be had) and build/bench.json. The
# environment's QEMU may name another emulator, and MEMORY the guest's memory in MiB. Exit status: that of report.py.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly qemu=${QEMU:-qemu-system-x86_64}
readonly output_directory=build/bench
readonly log=$output_directory/serial.log
readonly figures=$output_directory/sluice.txt
readonly expected=tests/bench/expected.json
readonly time_limit=600 # seconds; a run takes about ten

# One instruction is one nanosecond of the guest's clock. ERMS and FSRM are off as for Linux (linux.sh); copies count by words.
# The second serial port is there for its interrupts.
readonly machine=(-accel tcg -icount "shift=0,sleep=off" -cpu "max,-erms,-fsrm" -smp 1 -m "${MEMORY:-128}" -seed 1
    -rtc "base=2020-01-01,clock=vm" -display none -nic none -monitor none -no-reboot -serial stdio -serial null
    -device "isa-debug-exit,iobase=0xf4,iosize=4")

image=build/test.iso
with_linux=yes
report_arguments=()

fail() {
    echo "run.sh: $*" >&2
    exit 2
}

read_arguments() {
    for argument; do
        case $argument in
        --keep) report_arguments+=(--keep "$expected") ;;
        --without-linux) with_linux=no ;;
        -*) fail "no option $argument" ;;
        *) image=$argument ;;
        esac
    done
    [ -f "$expected" ] && report_arguments+=(--expected "$expected")
    [ -f "$image" ] || fail "$image is not there: build it first"
}

measure_sluice() {
    rm -f "$figures"
    timeout "$time_limit" expect tests/bench/boot.expect "$log" bench "$qemu" "${machine[@]}" -cdrom "$image" ||
        fail "Sluice was not measured; its last words are in $log"
    tr -d '\r' <"$log" | grep '^bench [a-z]' >"$figures"
    echo "run.sh: $(wc -l <"$figures") figures of Sluice in $figures"
}

# Sluice's figures stand without Linux's.
measure_linux() {
    [ $with_linux = yes ] || return 0
    QEMU=$qemu tests/bench/linux.sh icount || echo "run.sh: going on without Linux's figures"
}

read_arguments "$@"
mkdir -p "$output_directory"
measure_sluice
measure_linux
exec python3 tests/bench/report.py "${report_arguments[@]}"
