#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures Linux for comparison: boots Debian's cloud kernel with linux_init.c as its only process.
#
# usage: tests/bench/linux.sh [icount|wall]
#   icount  guest instructions, the same in each run        -> build/bench/linux.txt
#   wall    nanoseconds, good only as ratios within one run -> build/bench/linux-wall.txt
#
# The kernel package is downloaded once into build/linux and unpacked there, never installed. The environment's QEMU may
# name another emulator.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly mode=${1:-icount}
readonly qemu=${QEMU:-qemu-system-x86_64}
readonly sources=tests/bench
readonly kernel_directory=build/linux
readonly output_directory=build/bench
readonly work_directory=$output_directory/linux-$mode
readonly log=$work_directory/serial.log
readonly time_limit=600 # seconds; a run takes about ten, of wall time about fifty

# What would differ from run to run is fixed: the seed of the guest's random numbers and its date. ERMS and FSRM are
# off so that copies are loops of instructions, which count, and not one string instruction.
machine=(-accel tcg -cpu "max,-erms,-fsrm" -smp 1 -m 512M -seed 1 -rtc "base=2020-01-01,clock=vm"
    -display none -nic none -monitor none -no-reboot)
kernel_arguments="console=ttyS0 quiet panic=-1" # a panic ends QEMU, by -no-reboot

fail() {
    echo "linux.sh: $*" >&2
    exit 1
}

choose_mode() {
    case $mode in
    icount)
        machine+=(-icount "shift=0,sleep=off")
        figures=$output_directory/linux.txt
        ;;
    wall)
        kernel_arguments+=" bench=wall"
        figures=$output_directory/linux-wall.txt
        ;;
    *) fail "the mode is icount or wall, not '$mode'" ;;
    esac
}

need() {
    command -v "$1" >/dev/null || fail "$1 is missing; on Debian it is in the package $2"
}

check_tools() {
    need "$qemu" qemu-system-x86
    need gcc gcc
    need python3 python3
    need timeout coreutils
}

# Runs a command whose output matters only if it fails.
quietly() {
    "$@" >"$work_directory/command.log" 2>&1 || {
        cat "$work_directory/command.log" >&2
        return 1
    }
}

# The package linux-image-cloud-amd64 is empty and depends on the real one of the day.
fetch_kernel() {
    need apt-get apt
    need dpkg-deb dpkg
    local package partial=$kernel_directory.partial
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2 }') || true
    [ -n "$package" ] || fail "apt does not know linux-image-cloud-amd64; run apt-get update, or see its sources"
    rm -rf "$partial"
    mkdir -p "$partial"
    echo "linux.sh: downloading $package"
    (cd "$partial" && apt-get download "$package" >download.log 2>&1) ||
        fail "$package could not be downloaded: $(tail -n 1 "$partial/download.log")"
    quietly dpkg-deb -x "$partial"/*.deb "$partial" || fail "$package could not be unpacked"
    rm "$partial"/*.deb
    mv "$partial" "$kernel_directory"
}

find_kernel() {
    [ -d "$kernel_directory" ] || fetch_kernel
    local kernels=("$kernel_directory"/boot/vmlinuz-*)
    kernel=${kernels[0]}
    [ -f "$kernel" ] || fail "$kernel_directory has no boot/vmlinuz-*; remove the folder to download it again"
}

build_initramfs() {
    local compile=(gcc -O2 -static -Wall -Wextra -Wshadow -Wconversion)
    quietly "${compile[@]}" -o "$work_directory/init" "$sources/linux_init.c" ||
        fail "linux_init.c could not be built; the static libc is in the package libc6-dev"
    quietly "${compile[@]}" -nostdlib -o "$work_directory/tiny" "$sources/linux_tiny.c" ||
        fail "linux_tiny.c could not be built"
    python3 "$sources/initramfs.py" "$work_directory/initramfs.cpio" \
        init="$work_directory/init" tiny="$work_directory/tiny"
}

boot() {
    rm -f "$log"
    timeout "$time_limit" "$qemu" "${machine[@]}" -serial "file:$log" -kernel "$kernel" \
        -initrd "$work_directory/initramfs.cpio" -append "$kernel_arguments" </dev/null ||
        fail "QEMU failed or took more than $time_limit seconds; the guest's last words are in $log"
}

# A run that did not reach its end leaves no figures, not some of them.
keep_figures() {
    tr -d '\r' <"$log" >"$work_directory/lines"
    grep -qx bench-end "$work_directory/lines" ||
        fail "the measurement did not end: $(grep -m 1 '^bench-error' "$work_directory/lines" || echo "see $log")"
    grep '^bench ' "$work_directory/lines" >"$figures"
    echo "linux.sh: $(wc -l <"$figures") figures of ${kernel##*/vmlinuz-} ($mode) in $figures"
}

choose_mode
mkdir -p "$work_directory"
rm -f "$figures"
check_tools
find_kernel
build_initramfs
boot
keep_figures
