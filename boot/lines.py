#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table by which the process server names an address of a program (servers/process/symbols.c): functions and
source lines, as text, in order of addresses. Rows, one a line; addresses are hexadecimal distances from the last row:

    = DISTANCE NAME    a function begins, with the instructions that make a frame: a caller's return address follows
                       the frame pointer
    - DISTANCE NAME    the same, without a frame
    @ FILE             the source file of the rows that follow
    DISTANCE LINE      a source line begins; LINE 0: code without a source

usage: lines.py PROGRAM.elf"""
import os
import pathlib
import re
import struct
import subprocess
import sys

FRAME = b"\x55\x48\x89\xe5"  # push rbp; mov rbp, rsp
ROW = re.compile(r"^\S+ +(\d+|-) +(0x[0-9a-f]+)( +\d+)?( +x)?")


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def segments(image):
    """Yields (address, bytes) of an ELF64 file's program headers."""
    start, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    for number in range(count):
        offset, address, _, length = struct.unpack_from("<8x4Q", image, start + number * size)
        yield address, image[offset:offset + length]


def functions(program):
    """Yields (address, 0, row)."""
    parts = list(segments(pathlib.Path(program).read_bytes()))
    for line in output("nm", program):
        fields = line.split()
        if len(fields) == 3 and fields[1] in "tTwW":
            address = int(fields[0], 16)
            has_frame = any(part[address - base:].startswith(FRAME) for base, part in parts if address >= base)
            yield address, 0, ("=" if has_frame else "-", fields[2])


def lines(program):
    """Yields (address, 1, (file, line)) for each statement, the last one of an address."""
    source, found = "", {}
    for text in output("readelf", "-W", "--debug-dump=decodedline", program):
        row = ROW.match(text)
        if row and (row.group(4) or row.group(1) == "-"):
            line = 0 if row.group(1) == "-" else int(row.group(1))
            address = int(row.group(2), 16)
            if line or address not in found:
                found[address] = (source, line)
        elif not row and text.endswith(":") and not text.startswith("Contents"):
            source = os.path.normpath(text.removeprefix("CU: ").rstrip(":"))
    for address, where in found.items():
        yield address, 1, where


# Rows before the first function are of code that the linker has left out.
last, source, position = 0, "", None
for address, kind, value in sorted([*functions(sys.argv[1]), *lines(sys.argv[1])]):
    if kind == 1 and last == 0:
        continue
    if kind == 0:
        print(f"{value[0]} {address - last:x} {value[1]}")
        last = address
    elif value != position:
        if value[1] and value[0] != source:
            source = value[0]
            print(f"@ {source}")
        print(f"{address - last:x} {value[1]}")
        last, position = address, value
