#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""An image of a fixed set of programs, made from the parts of another image: what its boot costs depends on the kernel
and on these programs, and not on which other programs there are.

usage: tests/bench/image.py IMAGE OUTPUT
"""
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

PROGRAMS = ("memory", "log", "memfs", "bootfs", "vfs", "random", "serial", "tty", "shell", "bench", "tiny")
MANIFEST = "manifest"


def stanzas_of(manifest):
    """The manifest's text with the stanzas of these programs alone, and the directories that stand before them all."""
    head = manifest[:manifest.index("\nprogram ") + 1]
    stanzas = re.findall(r"^program (\S+)\n((?:(?!program ).*\n)*)", manifest, re.M)
    return head + "".join(f"program {name}\n{body}" for name, body in stanzas if name in PROGRAMS)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def image_make(image, output):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run("xorriso", "-osirrox", "on", "-indev", image, "-extract", "/boot", str(folder / "image/boot"))
        run("chmod", "-R", "u+w", str(folder / "image"))
        whole = folder / "image/boot/boot.tar"
        with tarfile.open(whole) as archive:
            archive.extractall(folder / "files")
        manifest = folder / "files" / MANIFEST
        manifest.write_text(stanzas_of(manifest.read_text()))
        run("tar", "--format=ustar", "--owner=0", "--group=0", "--mtime=@0", "-cf", str(whole), "-C",
            str(folder / "files"), MANIFEST, *(f"bin/{program}" for program in PROGRAMS))
        run("grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o", output, str(folder / "image"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        image_make(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"image.py: {error}: {error.stderr.decode(errors='replace')}")
