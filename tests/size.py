#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make size`: lines of code (without comments and empty lines) and bytes of each part, and whether the kernel keeps
its bounds: at most 8,000 lines of portable code with pipens, 128 KiB of image."""
import glob
import os
import re
import sys

LINES_MAX, IMAGE_MAX = 8000, 128 << 10
NOT_IN_KERNEL = {"pipens/audit.c", "kernel/x86_64/system_call_audited.c"}  # only in builds for tests
build = sys.argv[1]
parts = {
    "pipens": ["pipens/*.c", "pipens/*.h", "pipens/*.def"],
    "kernel, portable": ["kernel/*.c", "kernel/*.h"],
    "kernel, x86_64": ["kernel/x86_64/*.c", "kernel/x86_64/*.h", "kernel/x86_64/*.asm", "boot/entry.asm"],
    "lib": ["lib/*.c", "lib/*.h", "lib/*.asm", "lib/protocol/*.h"],
    "servers": ["servers/*/*.c", "servers/*/*.h"],
    "drivers": ["drivers/*/*.c", "drivers/*/*.h"],
    "apps": ["apps/*/*.c", "apps/*/*.h"],
    "tests": ["tests/*/*.c", "tests/*/*.h", "tests/*/*.py", "tests/*/*.exp", "tests/*/*.sh", "tests/*/*.pml"],
}


def code_lines(path):
    if path in NOT_IN_KERNEL:
        return 0
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith((".c", ".h", ".def", ".pml")):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        text = re.sub(r"//[^\n]*", "", text)
    elif path.endswith(".asm"):
        text = re.sub(r";[^\n]*", "", text)
    else:
        text = re.sub(r"(?m)^\s*#[^\n]*", "", text)
    return sum(1 for line in text.split("\n") if line.strip())


counts = {}
print(f"{'part':<20}{'files':>7}{'lines of code':>15}")
for part, patterns in parts.items():
    files = [path for pattern in patterns for path in glob.glob(pattern)]
    counts[part] = sum(map(code_lines, files))
    print(f"{part:<20}{len(files):>7}{counts[part]:>15,}")

print(f"\n{'image':<20}{'bytes':>22}")
for path in [f"{build}/sluice.bin", f"{build}/process.flat", *sorted(glob.glob(f"{build}/image/bin/*"))]:
    print(f"{os.path.basename(path):<20}{os.path.getsize(path):>22,}")

portable = counts["pipens"] + counts["kernel, portable"]
image = os.path.getsize(f"{build}/sluice.bin")
print(f"\nkernel with pipens, portable: {portable:,} lines of {LINES_MAX:,}; image: {image:,} bytes of {IMAGE_MAX:,}")
sys.exit(portable > LINES_MAX or image > IMAGE_MAX)
