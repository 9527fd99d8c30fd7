# SPDX-License-Identifier: MIT
"""Wall time, in runs without counting: good only as ratios within one run, or of two runs on one idle host."""
from figures import shown, table

UNIT = "nanoseconds"
BASE = "null_syscall"  # what a run's other times are set against


def ratio(value, base):
    return round(value / base, 2) if value is not None and base else None


def value_of(figures, name):
    figure = figures.get(name)
    return figure.value if figure and figure.unit == UNIT else None


def wall_member(rows, sluice, linux):
    """What bench.json holds of wall time: a row for each operation."""
    member = []
    for row in rows:
        own = value_of(sluice, row["name"])
        beside = value_of(linux, row["linux"][0]) if row["linux"] else None
        member.append({
            "name": row["name"],
            "sluice_ns": own,
            "linux_ns": beside,
            "sluice_to_null": ratio(own, value_of(sluice, BASE)),
            "linux_to_null": ratio(beside, value_of(linux, BASE)),
            "linux_to_sluice": ratio(beside, own),
        })
    return member


def wall_table(member):
    keys = ["sluice_ns", "linux_ns", "sluice_to_null", "linux_to_null", "linux_to_sluice"]
    if all(one[key] is None for one in member for key in keys):
        return []
    header = ["wall time", "Sluice ns", "Linux ns", "Sluice / its null", "Linux / its null", "Linux / Sluice"]
    return table(header, [[one["name"], *(shown(one[key]) for key in keys)] for one in member], {"wall time"})
