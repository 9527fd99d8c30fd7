#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures an image: each WORDS is a command of `bench`. FIGURES gets their lines `bench NAME VALUE UNIT`, and one more
# for the boot of a fixed set of programs, boot_fixed; the guest's words stay in LOG.
#
# usage: tests/bench/measure.sh IMAGE LOG FIGURES WORDS...
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly processor_seconds=900 # of each machine; it takes about twenty
readonly image=$1 log=$2 figures=$3
shift 3
readonly fixed=${figures%.txt}-fixed.iso

lines_of() {
    tr -d '\r' <"$1" | grep '^bench [a-z]'
}

tests/bench/image.py "$image" "$fixed"
prlimit --cpu=$processor_seconds tests/bench/machine.py "$image" "$log" "$@"
prlimit --cpu=$processor_seconds tests/bench/machine.py "$fixed" "$log.fixed" boot
rm -f "$fixed"
lines_of "$log" >"$figures"
lines_of "$log.fixed" | sed 's/^bench boot /bench boot_fixed /' >>"$figures"
