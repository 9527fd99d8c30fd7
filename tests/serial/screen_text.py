#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the text back from a picture of the screen: screen_text.py PICTURE.ppm FONT.psf prints the 25 rows, without the
blanks at their ends, each cell the character whose glyph it shows exactly, or U+FFFD. With numbers after it, a ROW and
a COLUMN each, prints those cells' ink and paper as RRGGBB; of a blank both are the paper. With `cursor`: the rows and
columns of all cells that are underlined like the cursor."""
import sys

ROWS, COLUMNS, WIDTH = 25, 80, 8
CURSOR = (3, 2)  # lines of the cursor, from the glyph's foot


def font_read(path):
    """The height, and the character of each glyph's bytes. PC Screen Font, version 1."""
    data = open(path, "rb").read()
    assert data[:2] == b"\x36\x04", "a font of PSF 1"
    count, height = (512 if data[2] & 1 else 256), data[3]
    characters, glyph, is_sequence = {}, 0, False
    for position in range(4 + count * height, len(data), 2):
        value = data[position] | data[position + 1] << 8
        if value == 0xFFFF:
            glyph, is_sequence = glyph + 1, False
        elif value == 0xFFFE:
            is_sequence = True
        elif not is_sequence:
            bits = data[4 + glyph * height:4 + (glyph + 1) * height]
            characters[bits] = min(characters.get(bits, "\uffff"), chr(value))
    return height, characters


def picture_read(path):
    data = open(path, "rb").read()
    kind, width, height, most = data.split(None, 4)[:4]
    assert kind == b"P6" and most == b"255", "a picture of three bytes a pixel"
    return int(width), int(height), data[-3 * int(width) * int(height):]


class Screen:
    def __init__(self, picture, font):
        self.height, self.characters = font_read(font)
        self.width_pixels, self.height_pixels, self.pixels = picture_read(picture)
        self.scale = min(self.width_pixels // (COLUMNS * WIDTH), self.height_pixels // (ROWS * self.height))
        self.left = (self.width_pixels - COLUMNS * WIDTH * self.scale) // 2
        self.top = (self.height_pixels - ROWS * self.height * self.scale) // 2

    def line(self, row, column, line):
        """The eight pixels of a glyph's line, or None if they are not whole squares of one colour."""
        found = set()
        for copy in range(self.scale):
            y = self.top + (row * self.height + line) * self.scale + copy
            x = self.left + column * WIDTH * self.scale
            start = 3 * (y * self.width_pixels + x)
            found.add(self.pixels[start:start + 3 * WIDTH * self.scale])
        whole = found.pop()
        colours = [whole[3 * self.scale * number:][:3] for number in range(WIDTH)]
        return colours if not found and whole == b"".join(colour * self.scale for colour in colours) else None

    def cell(self, row, column):
        """Character, ink, paper, and whether the cursor is there."""
        lines = [self.line(row, column, line) for line in range(self.height)]
        if None in lines:
            return "\ufffd", None, None, False
        under = [colour for line in CURSOR for colour in lines[self.height - line]]
        paper = lines[0][0]
        has_cursor = len(set(under)) == 1 and under[0] != paper
        if has_cursor:
            for line in CURSOR:
                lines[self.height - line] = [paper] * WIDTH
        colours = {colour for line in lines for colour in line}
        if len(colours) > 2:
            return "\ufffd", None, None, has_cursor
        for paper in sorted(colours):
            ink = next(iter(colours - {paper}), paper)
            bits = bytes(sum((colour != paper) << (WIDTH - 1 - n) for n, colour in enumerate(line)) for line in lines)
            if bits in self.characters:
                return self.characters[bits], ink, paper, has_cursor
        return "\ufffd", None, None, has_cursor


def main():
    screen = Screen(sys.argv[1], sys.argv[2])
    is_cursor = sys.argv[3:] == ["cursor"]
    if len(sys.argv) > 3 and not is_cursor:
        for row, column in zip(sys.argv[3::2], sys.argv[4::2]):
            _, ink, paper, _ = screen.cell(int(row), int(column))
            print(ink.hex() if ink else "none", paper.hex() if paper else "none")
        return
    cells = [[screen.cell(row, column) for column in range(COLUMNS)] for row in range(ROWS)]
    if is_cursor:
        print(*[f"{r} {c}" for r in range(ROWS) for c in range(COLUMNS) if cells[r][c][3]])
        return
    text = "\n".join("".join(cell[0] for cell in row).rstrip() for row in cells)
    sys.stdout.buffer.write((text.rstrip() + "\n").encode())


main()
