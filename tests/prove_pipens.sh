#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is shown about pipens, in its long form: random operations and fuzzing against the model, all schedules of small
# scenarios, the models in Promela, every mutant, coverage, and the system itself with its invariants checked after
# each system call. Prints TAP, and at the end one table.
#
# usage: [JOBS=n] tests/prove_pipens.sh BUILD [short]
# BUILD holds what `make` has built, and BUILD/audited what `make AUDIT=1` has; short: a trial of a few minutes; JOBS:
# mutants at once (as many as processors)
# shellcheck disable=SC2317  # functions that `part` calls
set -euo pipefail

mkdir -p "${1:?usage: prove_pipens.sh BUILD [short]}"
build=$(cd "$1" && pwd)
readonly build
readonly form=${2:-long}
case $form in
long)
    operations=10000000 fuzz_seconds=300 system_strings=300
    explore_form=long mutate_options=(--at-least 95)
    ;;
short)
    operations=100000 fuzz_seconds=15 system_strings=20
    explore_form=quick mutate_options=(--sample 20 --at-least 90)
    ;;
*) echo "there is no form $form" >&2 && exit 2 ;;
esac
cd "$(dirname "$0")/.."
readonly work=$build/prove
readonly jobs=${JOBS:-$(nproc)} # of the mutator
readonly fuzz_errors=address,undefined
rm -rf "$work"
mkdir -p "$work/seeds" "$work/corpus"

number=0
failures=0

# Runs a part; what it says goes to the file of its name, and is shown if it fails.
part() { # name, what it shows, command...
    local name=$1 what=$2 status=ok start=$SECONDS
    shift 2
    if ! "$@" >"$work/$name.out" 2>&1; then
        status="not ok"
        failures=$((failures + 1))
    fi
    number=$((number + 1))
    echo "$status $number - $what ($((SECONDS - start)) s)"
    if [[ $status != ok ]]; then
        grep -v '^ok ' "$work/$name.out" | tail -40 | sed 's/^/# /'
    fi
}

# ---- The parts ----
# `part` calls them; that it looks at their status turns set -e off within them.

units() {
    local test
    for test in tests/host/*_test.c; do
        "$build/host/$(basename "$test" .c)" || return
    done
}

fuzz_sources() {
    find tests/model -name '*.c' ! -name '*_main.c'
    echo tests/model/fuzz_main.c tests/host/test_host.c pipens/*.c
}

build_fuzzer() { # program, compiler, flags...
    local program=$1
    shift
    local sources
    read -ra sources <<<"$(fuzz_sources | tr '\n' ' ')"
    "$@" -std=gnu17 -g -O2 -w -Ipipens -Itests/host -Itests/model -o "$program" "${sources[@]}"
}

# libFuzzer ends with an error at the first difference, and leaves the string that shows it in the directory.
fuzz() {
    build_fuzzer "$work/fuzz" clang-14 "-fsanitize=fuzzer,$fuzz_errors" -fno-sanitize-recover=undefined || return
    "$work/fuzz" "-max_total_time=$fuzz_seconds" -print_final_stats=1 "-artifact_prefix=$work/" \
        "$work/corpus" "$work/seeds"
}

# AFL++ goes on after a crash, and keeps the strings that show it.
fuzz_afl() {
    build_fuzzer "$work/fuzz-afl" afl-clang-fast -fsanitize=fuzzer || return
    AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 \
        afl-fuzz -V "$fuzz_seconds" -i "$work/seeds" -o "$work/afl" -- "$work/fuzz-afl" || return
    [[ -z $(find "$work/afl/default/crashes" -name 'id*') ]]
}

# In the system: the self-test, and the fuzzer's strings as real system calls, each followed by the audit.
selftest() {
    BUILD=$build/audited SLUICE_SECONDS=1800 tests/serial/selftest.t
}

fuzz_system() {
    BUILD=$build/audited FUZZ_STRINGS=$system_strings tests/serial/fuzz.exp
}

# ---- The table ----

# The sum of the numbers in front of a word, over all lines of a part.
sum_before() { # part, word
    sed -n "s/.* \([0-9][0-9]*\) $2.*/\1/p" "$work/$1.out" | awk '{ sum += $1 } END { printf "%d", sum }'
}

coverage_of_all() { # lines or branches
    sed -n "s/^# all .*$1 \([0-9/]*\).*/\1/p" "$work/coverage.out"
}

# Those killed, of all that are another program. What lives and has no reason has failed the part.
mutants() {
    awk '$1 == "#" && $2 == "all" {
        all = $3 + $4 + $5
        printf "%d of %d (%.1f %%), the others excused", $3, all, 100 * $3 / all
    }' "$work/mutate.out"
}

# Lines that hold more than a comment.
code_lines() {
    cat "$@" | sed 's,//.*,,; s,^[[:space:]]*#.*,,' | grep -c '[^[:space:]]'
}

test_lines_per_line() {
    local tests=(tests/{host,model,explore}/*.[ch] tests/{explore,mutate}/*.py tests/spin/*.pml)
    awk -v tests="$(code_lines "${tests[@]}")" -v code="$(code_lines pipens/*.[ch] pipens/*.def)" \
        'BEGIN { printf "%.1f (%d to %d)", tests / code, tests, code }'
}

row() { # name, value
    printf '# %-34s %s\n' "$1" "${2:-unknown}"
}

# ---- All of it ----

cp tests/model/corpus/*/*.bin "$work/seeds"
part units "the unit tests, with the audit after each action and the sanitizers" units
part replay "every string of the kept corpus" "$build/model/replay" "$work"/seeds/*
part random "$operations random operations: pipens does what its model does" \
    "$build/model/random" --operations "$operations" --seed 1
part planted "bugs that are planted are found by the random operations, and shown again by their bytes" \
    env "BUILD=$build" tests/model/planted.t
part fuzz "the fuzzer finds no difference in $fuzz_seconds s" fuzz
if command -v afl-clang-fast >/dev/null; then
    part afl "AFL++ finds no difference in $fuzz_seconds s" fuzz_afl
else
    echo "ok $((number += 1)) # SKIP AFL++ is not installed"
fi
part explore "every schedule, with the bugs that are planted" \
    python3 tests/explore/run.py "$work/explore" "$explore_form"
part spin "every state of the models in Promela" tests/spin/run.sh "$work/spin"
part mutate "95 % of the mutants are killed" \
    python3 tests/mutate/mutate.py "${mutate_options[@]}" --jobs "$jobs" "$work/mutate"
part coverage "every line and branch is reached, or has its reason" python3 tests/host/coverage.py "$work/coverage"
part selftest "the self-test, with the audit after each system call" selftest
part system "$system_strings random strings and the corpus as real system calls, with the audit after each" fuzz_system
echo "1..$number"

row "unit tests" "$(grep -c '^ok ' "$work/units.out" || true)"
row "random operations" "$(sum_before random operations)"
row "strings that the fuzzer ran" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/fuzz.out")"
row "strings that AFL++ ran" "$(sed -n 's/^execs_done *: *//p' "$work/afl/default/fuzzer_stats" 2>/dev/null || true)"
row "system calls under the audit" "$(sum_before system "system calls")"
row "schedules explored" "$(sum_before explore schedules)"
row "states of the Promela models" "$(sum_before spin states)"
row "lines run, of all" "$(coverage_of_all lines)"
row "branches taken, of all" "$(coverage_of_all branches)"
row "mutants killed, of all" "$(mutants)"
row "test lines per line of pipens" "$(test_lines_per_line)"
exit $((failures > 0))
