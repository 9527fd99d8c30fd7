#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Sets the figures of Sluice beside those of Linux and seL4, and fails if Sluice needs more than it may.

Reads lines `bench NAME VALUE UNIT [cr3=N]` (others are passed over) of Sluice and of Linux, and the rows with their
limits; prints a table, a second one of all other figures, one of memory and one of wall time, and writes bench.json.
A figure that is missing is '-' in the table and null in the file; Linux's figures and those of wall time may be missing
as a whole, Sluice's may not.

With --expected, a figure that grew by more than 2 % over the one kept there (kept.py), or is gone, fails too.

Exit status: 0 all is well, 1 a Sluice figure is over its limit or grew, 2 the input cannot be used.
"""
import argparse
import sys

from figures import (BUILD, FAILED, LIMITS, MISSING, UNUSABLE, Unusable, over_limit, read_figures,
                     read_figures_if_there, read_json, rows_with_limits, shown, table, write_json)
from kept import growth
from memory import MEMORY_PREFIX, memory_member, memory_table
from wall import wall_member, wall_table


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


def others(rows, sluice, linux):
    """Figures that have a limit, too, but are no operations."""
    return [operation(join(row, sluice, linux)) for row in rows]


# ---- Judging -------------------------------------------------------------------------------------------------------


def grown(sluice, expected):
    return [complaint for name, kept in expected.items() if (complaint := growth(name, sluice, kept))]


# ---- Showing -------------------------------------------------------------------------------------------------------


def shown_sel4(sel4):
    if not sel4:
        return MISSING
    best = f" ({shown(sel4['best'])})" if sel4["best"] is not None else ""
    return shown(sel4["default"]) + best


def shown_value(figure):
    return shown(figure.value if figure else None)


def shown_cr3(figure):
    return shown(figure.cr3_writes if figure else None)


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
    return [(name, figure.unit) for name, figure in figures.items()
            if name not in without and not name.startswith(MEMORY_PREFIX)]


def other_table(rows, sluice, linux):
    """The figures that no other table shows, in the order of their files; side by side if in one unit."""
    found = names_and_units(sluice, {row["name"] for row in rows})
    found += names_and_units(linux, {name for row in rows for name in row["linux"]})
    cells = []
    for name, unit in dict.fromkeys(found):
        own, beside = [
            figures[name] if name in figures and figures[name].unit == unit else None for figures in (sluice, linux)
        ]
        cells.append([name, shown_value(own), shown_value(beside), shown_cr3(own), unit])
    return table(["other figure", "Sluice", "Linux", "CR3", "unit"], cells, {"other figure", "unit"}) if cells else []


# ---- The whole -----------------------------------------------------------------------------------------------------


FIGURES = {  # the files that the machines' output is in
    "sluice": "the figures of Sluice",
    "sluice-large": "memory of Sluice on a large machine",
    "linux": "the figures of Linux",
    "sluice-wall": "wall times of Sluice",
    "linux-wall": "wall times of Linux",
}


def arguments_from(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, what in FIGURES.items():
        parser.add_argument(f"--{name}", default=BUILD / "bench" / f"{name}.txt", help=what)
    parser.add_argument("--kernel", default=BUILD / "sluice.elf", help="the kernel, for the size of its image")
    parser.add_argument("--limits", default=LIMITS, help="the rows of the table")
    parser.add_argument("--output", default=BUILD / "bench.json", help="the file to write")
    parser.add_argument("--expected", help="kept counts: fail if one grew")
    return parser.parse_args(words)


def report(arguments):
    """Prints and writes everything; the answer is the complaints."""
    rows = read_json(arguments.limits, "operations")
    sluice, linux = read_figures(arguments.sluice), read_figures_if_there(arguments.linux)
    expected = read_json(arguments.expected, "counts") if arguments.expected else {}
    joined_rows = [join(row, sluice, linux) for row in rows]
    memory = memory_member(sluice, read_figures_if_there(arguments.sluice_large), arguments.kernel)
    wall = wall_member(rows, read_figures_if_there(arguments.sluice_wall), read_figures_if_there(arguments.linux_wall))
    write_json(arguments.output, {
        "operations": [operation(joined) for joined in joined_rows],
        "others": others(read_json(arguments.limits, "others"), sluice, linux),
        "memory": memory,
        "wall": wall,
    })
    tables = [main_table(joined_rows), other_table(rows, sluice, linux), memory_table(memory), wall_table(wall)]
    print("\n\n".join("\n".join(lines) for lines in map(list, tables) if lines))
    return over_limit(rows_with_limits(arguments.limits), sluice) + grown(sluice, expected)


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
