# SPDX-License-Identifier: MIT
"""Figures: the lines `bench NAME VALUE UNIT [cr3=N]` that the measured systems print, and the rows with limits."""
import json
import pathlib
import re
from typing import NamedTuple, Optional, Union

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
LIMITS = HERE / "limits.json"
BENCH_LINE = re.compile(r"bench (\w+) (\d+(?:\.\d+)?) (\S+)(?: cr3=(\d+))?")
MISSING = "-"
FAILED, UNUSABLE = 1, 2  # exit statuses


class Unusable(Exception):
    """The input cannot be used; the text says why."""


class Figure(NamedTuple):
    value: Union[int, float]
    unit: str
    cr3_writes: Optional[int]


# ---- Reading and writing -------------------------------------------------------------------------------------------


def number(text):
    return float(text) if "." in text else int(text)


def read_text(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


def read_json(path, member):
    try:
        return json.loads(read_text(path))[member]
    except json.JSONDecodeError as error:
        raise Unusable(f"{path}: {error}") from error
    except KeyError as error:
        raise Unusable(f"{path}: has no {error}") from error


def read_figures(path):
    figures = {}
    for line in map(str.strip, read_text(path).splitlines()):
        if not line.startswith("bench "):
            continue
        match = BENCH_LINE.fullmatch(line)
        if not match:
            raise Unusable(f"{path}: not a figure: {line}")
        name, value, unit, cr3_writes = match.groups()
        if name in figures:
            raise Unusable(f"{path}: {name} is there twice")
        figures[name] = Figure(number(value), unit, int(cr3_writes) if cr3_writes else None)
    return figures


def read_figures_if_there(path):
    return read_figures(path) if pathlib.Path(path).exists() else {}


def write_json(path, value):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


# ---- Judging -------------------------------------------------------------------------------------------------------


def rows_with_limits(path=LIMITS):
    return read_json(path, "operations") + read_json(path, "others")


def over_limit(rows, sluice):
    """A sentence for each figure that is more than its row allows."""
    return [
        f"{row['name']} is over its limit: {shown(sluice[row['name']].value)} > {shown(row['limit'])} {row['unit']}"
        for row in rows
        if row["name"] in sluice and sluice[row["name"]].value > row["limit"]
    ]


# ---- Showing -------------------------------------------------------------------------------------------------------


def shown(value):
    return MISSING if value is None else f"{value:,}"


def table(header, rows, words):
    """Lines of aligned columns: text (the columns in `words`) to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    for cells in (header, ["-" * width for width in widths], *rows):
        aligned = [
            cell.ljust(width) if name in words else cell.rjust(width)
            for name, cell, width in zip(header, cells, widths)
        ]
        yield "  ".join(aligned).rstrip()
