# SPDX-License-Identifier: MIT
"""The figures of memory: what the kernel and the idle system take, and what each further object takes.

`bench memory` prints them as `bench memory_WHAT_OBJECT_COUNT VALUE UNIT`: with so many of an object, what each takes on
average (`reserve`: of the kernel's reserve; `charged`: of the quota of its maker; `pool`: of the memory server's pages)
and the instructions to make the last (`last`). `bench memory_stop_OBJECT COUNT WHY` is how many there could be. `bench
crowd` prints the same of thousands, in a large machine.
"""
import re
import subprocess

from figures import Unusable, shown, table

KIB = 1024
MEMORY_PREFIX = "memory_"
WHOLE = ["system_idle", "kernel_reserve", "large_machine"]
KINDS = {"reserve": "bytes of the reserve", "charged": "bytes charged", "pool": "bytes of the pool",
         "last": "instructions, the last"}
OBJECT = re.compile(r"memory_(reserve|charged|pool|last)_(\w+)_(\d+)")
STOP = re.compile(r"memory_stop_(\w+)")


def kernel_image(path):
    """What the kernel's image takes in memory, in KiB: from boot/kernel.ld's first symbol to its last."""
    try:
        text = subprocess.run(["nm", str(path)], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unusable(f"{path}: {error}") from error
    positions = {words[2]: int(words[0], 16) for words in map(str.split, text.splitlines()) if len(words) == 3}
    try:
        return (positions["image_end"] - positions["image_start"]) // KIB
    except KeyError as error:
        raise Unusable(f"{path}: has no {error}") from error


def objects_of(figures):
    return {match.group(2) for name in figures if (match := OBJECT.fullmatch(name))}


def with_large(small, large):
    """The figures of the small machine, and those of the large one for what went on there."""
    goes_on = {f"{MEMORY_PREFIX}stop_{what}" for what in objects_of(large)}
    return {**{name: figure for name, figure in small.items() if name not in goes_on}, **large}


def memory_member(sluice, large, kernel):
    """What bench.json holds of memory; `large` is figures of the large machine, `kernel` the kernel's file."""
    sluice, on_large = with_large(sluice, large), sorted(objects_of(large))
    whole = {name: {"value": sluice[MEMORY_PREFIX + name].value, "unit": sluice[MEMORY_PREFIX + name].unit}
             for name in WHOLE if MEMORY_PREFIX + name in sluice}
    if whole:
        whole = {"kernel_image": {"value": kernel_image(kernel), "unit": "KiB"}, **whole}
    objects, stops = {}, []
    for name, figure in sluice.items():
        if match := OBJECT.fullmatch(name):
            kind, what, count = match.groups()
            one = objects.setdefault((what, int(count)), {"name": what, "count": int(count)})
            one[kind] = figure.value
        elif match := STOP.fullmatch(name):
            stops.append({"name": match.group(1), "count": figure.value, "error": figure.unit})
    return {**whole, "objects": list(objects.values()), "stops": stops, "on_large_machine": on_large}


def memory_table(member):
    """Lines: first what the whole takes, then what each of some objects takes."""
    lines = [f"{name.replace('_', ' ')}: {shown(member[name]['value'])} {member[name]['unit']}"
             for name in ["kernel_image", *WHOLE] if name in member]
    objects = {(one["name"], one["count"]): one for one in member["objects"]}
    counts = sorted({count for _, count in objects})
    cells = []
    for name in dict.fromkeys(name for name, _ in objects):
        for kind, sentence in KINDS.items():
            values = [objects.get((name, count), {}).get(kind) for count in counts]
            if any(value is not None for value in values):
                cells.append([name, sentence, *map(shown, values)])
    if cells:
        lines += ["", *table(["memory", "each of", *map(shown, counts)], cells, {"memory", "each of"})]
    if member["on_large_machine"]:
        lines.append(f"1,000 and more of {', '.join(member['on_large_machine'])}: on the large machine")
    lines += [f"no more than {shown(one['count'])} of {one['name']}: {one['error']}" for one in member["stops"]]
    return lines
