#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads `nm -n` of the kernel and writes the table of its functions as NASM: a panic's backtrace names addresses by it.

Without input it writes an empty table, for the first link."""
import sys

functions = []
for line in sys.stdin:
    fields = line.split()
    if len(fields) == 3 and fields[1] in "tT" and not fields[2].startswith("entry_"):
        functions.append((int(fields[0], 16), fields[2]))

print("; Made by boot/symbols.py.")
print("section .note.GNU-stack noalloc noexec nowrite progbits")
print("section .symbols progbits alloc noexec nowrite align=8")
print("global symbol_addresses, symbol_count, symbol_names")
print("symbol_addresses:")
for address, name in sorted(functions):
    print(f"        dq 0x{address:x}")
print("symbol_count:")
print(f"        dd {len(functions)}")
print("symbol_names:")
for address, name in sorted(functions):
    print(f'        db "{name}", 0')
print("        db 0")
