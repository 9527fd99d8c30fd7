#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs programs and the device nodes they need into an initramfs, so that neither cpio nor root is needed.

usage: initramfs.py OUTPUT NAME=FILE...

The format is "newc": Linux, Documentation/driver-api/early-userspace/buffer-format.rst. The same input always makes
the same bytes.
"""
import stat
import sys

MAGIC = "070701"
TRAILER = "TRAILER!!!"
ALIGNMENT = 4
PROGRAM_MODE = stat.S_IFREG | 0o755
DIRECTORY_MODE = stat.S_IFDIR | 0o755
DEVICE_MODE = stat.S_IFCHR | 0o600
# Major and minor numbers: Linux, Documentation/admin-guide/devices.txt.
DEVICES = {"dev/console": (5, 1), "dev/null": (1, 3)}


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def entry(number, name, mode, data=b"", device=(0, 0)):
    encoded = name.encode() + b"\0"
    user = group = modified = check = 0
    fields = [number, mode, user, group, 1, modified, len(data), 0, 0, *device, len(encoded), check]
    header = MAGIC + "".join(f"{field:08x}" for field in fields)
    return padded(header.encode() + encoded) + padded(data)


def archive(programs):
    parts = [("dev", DIRECTORY_MODE, b"", (0, 0))]
    parts += [(name, DEVICE_MODE, b"", device) for name, device in DEVICES.items()]
    parts += [(name, PROGRAM_MODE, data, (0, 0)) for name, data in programs]
    parts.append((TRAILER, 0, b"", (0, 0)))
    return b"".join(entry(number, *part) for number, part in enumerate(parts, start=1))


def main():
    if len(sys.argv) < 3 or any("=" not in argument for argument in sys.argv[2:]):
        sys.exit("usage: initramfs.py OUTPUT NAME=FILE...")
    programs = []
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        with open(path, "rb") as file:
            programs.append((name, file.read()))
    with open(sys.argv[1], "wb") as output:
        output.write(archive(programs))


if __name__ == "__main__":
    main()
