#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a PNG (ISO/IEC 15948) with a palette of a picture of the screen: png.py PICTURE.ppm PICTURE.png"""
import struct
import sys
import zlib

COLOURS_MAX = 256
DEPTH, INDEXED = 8, 3  # bits of a pixel; its kind


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def main():
    data = open(sys.argv[1], "rb").read()
    kind, width, height, most = data.split(None, 4)[:4]
    assert kind == b"P6" and most == b"255", "a picture of three bytes a pixel"
    width, height = int(width), int(height)
    start = len(data) - 3 * width * height
    pixels = [data[position:position + 3] for position in range(start, len(data), 3)]
    palette = sorted(set(pixels))
    assert len(palette) <= COLOURS_MAX, "a screen of text has few colours"
    number = {colour: position for position, colour in enumerate(palette)}
    rows = (bytes(map(number.get, pixels[row * width:(row + 1) * width])) for row in range(height))
    with open(sys.argv[2], "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, DEPTH, INDEXED, 0, 0, 0)))
        file.write(chunk(b"PLTE", b"".join(palette)))
        file.write(chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)))
        file.write(chunk(b"IEND", b""))


main()
