#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the models exhaustively, then each model with each bug that is planted in it, which must be found. Prints TAP.
#
# usage: tests/spin/run.sh DIRECTORY      where the verifiers are built
set -euo pipefail

mkdir -p "${1:?usage: run.sh DIRECTORY}"
directory=$(cd "$1" && pwd)
readonly directory
readonly time_limit=300       # seconds for one search; the longest takes half a minute
readonly depth_limit=1000000  # steps; a search that comes so deep is not exhaustive and fails
readonly memory_limit=3000    # MiB
sources=$(cd "$(dirname "$0")" && pwd)
readonly sources

number=0
failures=0

report() { # status, description
    number=$((number + 1))
    echo "$1 $number - $2"
    if [[ $1 != ok ]]; then
        failures=$((failures + 1))
        sed 's/^/# /' output
    fi
}

# Builds the verifier of a model, with a planted bug if one is given, and runs it; what it says goes to `output`.
search() { # model, bug
    local work=$directory/$1${2:+-$2}
    mkdir -p "$work"
    cd "$work"
    spin ${2:+"-D$2"} -a "$sources/$1.pml" >output 2>&1 || return 0
    gcc -O2 -w -DSAFETY -DCOLLAPSE "-DMEMLIM=$memory_limit" -o pan pan.c >output 2>&1 || return 0
    timeout "$time_limit" ./pan "-m$depth_limit" -n >output 2>&1 || true
}

check_model() {
    search "$1" ""
    local states
    states=$(awk '/states, stored/ { print $1 }' output)
    if grep -q 'errors: 0$' output && ! grep -Eq 'not completed|too small|out of memory' output; then
        report ok "model $1: no deadlock, nothing lost, nothing twice, in $states states"
    else
        report "not ok" "model $1"
    fi
}

# A planted bug is found if the verifier shows a run that ends badly; a search that only breaks off has not found it.
check_bug() {
    search "$1" "$2"
    if grep -Eq '^pan:1: (assertion violated|invalid end state)' output; then
        report ok "model $1: $2 is found"
    else
        report "not ok" "model $1: $2 is not found"
    fi
}

for model in call interrupt; do
    check_model "$model"
    mapfile -t bugs < <(grep -Eo '\bBUG_[A-Z_]+' "$sources/$model.pml" | sort -u)
    for bug in "${bugs[@]}"; do
        check_bug "$model" "$bug"
    done
done
echo "1..$number"
exit $((failures > 0))
