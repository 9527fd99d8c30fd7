#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sets the figures of Sluice beside those of Linux and seL4, and fails if Sluice needs more than it may.

Reads lines `bench NAME VALUE UNIT [cr3=N]` (others are passed over) of Sluice and of Linux, and the rows with their
limits; prints a table, then a second one of all other figures, and writes bench.json. A figure that is missing is '-'
in the table and null in the file; Linux's figures may be missing as a whole, Sluice's may not.

With --expected, a figure that grew by more than 2 % over the one kept there, or is gone, fails too; --keep writes
such a file from this run.

Exit status: 0 all is well, 1 a Sluice figure is over its limit or grew, 2 the input cannot be used.
"""
import argparse
import json
import pathlib
import re
import sys
from typing import NamedTuple, Optional, Union

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
BENCH_LINE = re.compile(r"bench (\w+) (\d+(?:\.\d+)?) (\S+)(?: cr3=(\d+))?")
ALLOWED_GROWTH_PERCENT = 2
MISSING = "-"
LICENSE = {"SPDX-License-Identifier": "MIT"}
FAILED, UNUSABLE = 1, 2


class Unusable(Exception):
    """The input cannot be used; the text says why."""


class Figure(NamedTuple):
    value: Union[int, float]
    unit: str
    cr3_writes: Optional[int]


# ---- Reading -------------------------------------------------------------------------------------------------------


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


def read_linux(path):
    return read_figures(path) if pathlib.Path(path).exists() else {}


# ---- Joining -------------------------------------------------------------------------------------------------------


def figure_for(figures, name, row, whose):
    figure = figures.get(name)
    if figure and figure.unit != row["unit"]:
        raise Unusable(f"{whose}'s {name} is in {figure.unit}, the row {row['name']} in {row['unit']}")
    return figure


def join(row, sluice, linux):
    """One row of limits.json with its figures."""
    own = figure_for(sluice, row["name"], row, "Sluice")
    beside = [figure_for(linux, name, row, "Linux") for name in row["linux"]]
    return {"row": row, "sluice": own, "linux": beside}


def operation(joined):
    row, own = joined["row"], joined["sluice"]
    first = joined["linux"][0] if joined["linux"] else None
    return {
        "name": row["name"],
        "sluice": own.value if own else None,
        "linux": first.value if first else None,
        "sel4": row["sel4"]["default"] if row["sel4"] else None,
        "limit": row["limit"],
        "unit": row["unit"],
        "cr3_writes": own.cr3_writes if own else None,
    }


# ---- Judging -------------------------------------------------------------------------------------------------------


def over_limit(operations):
    return [
        f"{one['name']} is over its limit: {shown(one['sluice'])} > {shown(one['limit'])} {one['unit']}"
        for one in operations
        if one["sluice"] is not None and one["sluice"] > one["limit"]
    ]


def grown(sluice, expected):
    complaints = []
    for name, kept in expected.items():
        if name not in sluice:
            complaints.append(f"{name} is gone: {shown(kept)} was kept")
        elif sluice[name].value * 100 > kept * (100 + ALLOWED_GROWTH_PERCENT):
            complaints.append(f"{name} grew by more than {ALLOWED_GROWTH_PERCENT} %: "
                              f"{shown(sluice[name].value)}, kept {shown(kept)}")
    return complaints


# ---- Showing -------------------------------------------------------------------------------------------------------


def shown(value):
    return MISSING if value is None else f"{value:,}"


def shown_sel4(sel4):
    if not sel4:
        return MISSING
    best = f" ({shown(sel4['best'])})" if sel4["best"] is not None else ""
    return shown(sel4["default"]) + best


def shown_value(figure):
    return shown(figure.value if figure else None)


def shown_cr3(figure):
    return shown(figure.cr3_writes if figure else None)


def table(header, rows, words):
    """Lines of aligned columns: text (the columns in `words`) to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    for cells in (header, ["-" * width for width in widths], *rows):
        aligned = [
            cell.ljust(width) if name in words else cell.rjust(width)
            for name, cell, width in zip(header, cells, widths)
        ]
        yield "  ".join(aligned).rstrip()


def main_table(joined_rows):
    header = ["operation", "Sluice", "limit", "seL4 (best)", "Linux", "CR3", "unit", "in Linux"]
    rows = []
    for joined in joined_rows:
        row, own = joined["row"], joined["sluice"]
        rows.append([
            row["name"], shown_value(own), shown(row["limit"]), shown_sel4(row["sel4"]),
            " / ".join(map(shown_value, joined["linux"])) or MISSING, shown_cr3(own), row["unit"],
            " / ".join(row["linux"]) or MISSING,
        ])
    return table(header, rows, {"operation", "unit", "in Linux"})


def names_and_units(figures, without):
    return [(name, figure.unit) for name, figure in figures.items() if name not in without]


def other_table(rows, sluice, linux):
    """The figures that no row of the main table shows, in the order of their files; side by side if in one unit."""
    others = names_and_units(sluice, {row["name"] for row in rows})
    others += names_and_units(linux, {name for row in rows for name in row["linux"]})
    cells = []
    for name, unit in dict.fromkeys(others):
        own, beside = [
            figures[name] if name in figures and figures[name].unit == unit else None for figures in (sluice, linux)
        ]
        cells.append([name, shown_value(own), shown_value(beside), shown_cr3(own), unit])
    return table(["other figure", "Sluice", "Linux", "CR3", "unit"], cells, {"other figure", "unit"}) if cells else []


# ---- The whole -----------------------------------------------------------------------------------------------------


def arguments_from(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sluice", default=BUILD / "bench" / "sluice.txt", help="the figures of Sluice")
    parser.add_argument("--linux", default=BUILD / "bench" / "linux.txt", help="the figures of Linux")
    parser.add_argument("--limits", default=HERE / "limits.json", help="the rows of the table")
    parser.add_argument("--output", default=BUILD / "bench.json", help="the file to write")
    parser.add_argument("--expected", help="kept counts: fail if one grew")
    parser.add_argument("--keep", help="write the main table's counts to this file, if there is no complaint")
    return parser.parse_args(words)


def write_json(path, value):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def report(arguments):
    """Prints and writes everything; the answer is the complaints."""
    rows = read_json(arguments.limits, "operations")
    sluice, linux = read_figures(arguments.sluice), read_linux(arguments.linux)
    expected = read_json(arguments.expected, "counts") if arguments.expected else {}
    joined_rows = [join(row, sluice, linux) for row in rows]
    operations = [operation(joined) for joined in joined_rows]
    write_json(arguments.output, {"operations": operations})
    print(*main_table(joined_rows), "", *other_table(rows, sluice, linux), sep="\n")
    complaints = over_limit(operations) + grown(sluice, expected)
    if arguments.keep and not complaints:
        kept = {one["name"]: one["sluice"] for one in operations if one["sluice"] is not None}
        write_json(arguments.keep, {**LICENSE, "counts": kept})
    return complaints


def main(words=None):
    try:
        complaints = report(arguments_from(words))
    except Unusable as error:
        print(f"report.py: {error}", file=sys.stderr)
        return UNUSABLE
    for complaint in complaints:
        print(f"report.py: {complaint}", file=sys.stderr)
    return FAILED if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
