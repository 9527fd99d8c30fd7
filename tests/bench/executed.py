# SPDX-License-Identifier: MIT
"""Reads QEMU's log of executed instructions: which functions they are of, and what lies between two readings of the
processor's counter.

The log names addresses, not address spaces, and programs lie at the same addresses. So what a program executes from one
entry of the kernel to the next is tried on the code of each: of the right one, every address is that of an instruction,
and an instruction that does not jump is followed by the one after it.
"""
import array
import bisect
import collections
import itertools
import pathlib
import re
import subprocess

KERNEL_FIRST = 0xFFFF800000000000
MEASURED_PROGRAM = "bench"  # the one that reads the counter; its functions are shown without its name
TRACE = re.compile(r"^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\t(\S+)(.*)$", re.M)
# After these any address may follow. A `rep` is logged once for each of its turns.
LEAVES = re.compile(r"j|call|ret|iret|sys|loop|int|hlt|rep|bnd|notrack")
SECTIONS = ("text_start", "text_end")  # of the linker script: no functions
FOLLOWERS = 3  # instructions after an RDTSC that tell it from what other programs have at its address


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Code:
    """A program's functions and instructions, by address."""

    def __init__(self, path):
        self.name = pathlib.Path(path).stem
        pairs = [line.split() for line in output_of("nm", "-n", path).splitlines()]
        found = [(int(words[0], 16), words[2]) for words in pairs
                 if len(words) == 3 and words[1] in "tTwW" and words[2] not in SECTIONS]
        self.addresses = [address for address, _ in found]
        self.names = [name for _, name in found]

    def name_of(self, address):
        position = bisect.bisect_right(self.addresses, address) - 1
        return self.names[position] if position >= 0 else self.name


def inlined_names(path, addresses):
    """The function in the source that each address is of, also where that is part of another; by debug information."""
    words = "\n".join(map(hex, addresses))
    lines = subprocess.run(["addr2line", "-e", path, "-fia"], input=words, capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return {int(line, 16): name for line, name in zip(lines, lines[1:])
            if line.startswith("0x") and name not in SECTIONS}


class Program(Code):
    """One of user space, whose instructions are known."""

    def __init__(self, path):
        super().__init__(path)
        text = output_of("objdump", "-d", "--no-show-raw-insn", path)
        found = [(int(address, 16), name) for address, name, _ in INSTRUCTION.findall(text)]
        order = [address for address, _ in found]
        self.follower = {address: None if LEAVES.match(name) else after
                         for (address, name), after in itertools.zip_longest(found, order[1:])}
        self.counter_reads = {address: order[position + 1:position + 1 + FOLLOWERS]
                              for position, (address, name) in enumerate(found) if name == "rdtsc"}

    def fits(self, addresses):
        """True if this program may have executed these, one after the other."""
        follower = self.follower
        for address, after in zip(addresses, addresses[1:]):
            if address not in follower or follower[address] not in (None, after):
                return False
        return addresses[-1] in follower


class Programs:
    """The kernel and all programs of a build."""

    def __init__(self, build):
        self.kernel_path = f"{build}/sluice.elf"
        self.kernel = Code(self.kernel_path)
        paths = sorted(pathlib.Path(build, "user").glob("*.elf"), key=lambda path: path.stem != MEASURED_PROGRAM)
        self.programs = [Program(path) for path in paths]  # the measured one first
        self.counter_reads = self.programs[0].counter_reads

    def names_of(self, path):
        """The function of each address of a path."""
        program = self.programs[0]
        for is_kernel, group in itertools.groupby(path, lambda address: address >= KERNEL_FIRST):
            addresses = list(group)
            if is_kernel:
                yield from map(self.kernel.name_of, addresses)
                continue
            program = next((one for one in [program, *self.programs] if one.fits(addresses)), None) or program
            prefix = "" if program.name == MEASURED_PROGRAM else f"{program.name}: "
            for address in addresses:
                yield prefix + program.name_of(address)


    def source_names_of(self, path):
        """The same by the source's functions, in the kernel."""
        inlined = inlined_names(self.kernel_path, {address for address in path if address >= KERNEL_FIRST})
        return [inlined.get(address, name) for address, name in zip(path, self.names_of(path))]


def addresses_of(log):
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = TRACE.match(line)
            if match:
                yield int(match.group(1), 16)


def paths_of(log, reads):
    """The lists of addresses between two readings of the counter, by their positions, if the kernel was entered."""
    last, path, found = None, array.array("Q"), collections.defaultdict(list)
    for address in addresses_of(log):
        path.append(address)
        if len(path) <= FOLLOWERS:
            continue
        read = path[-1 - FOLLOWERS]
        if reads.get(read) != list(path[-FOLLOWERS:]):
            continue
        before, after = path[:-1 - FOLLOWERS], path[-1 - FOLLOWERS:]
        if last is not None and any(position >= KERNEL_FIRST for position in before):
            found[last, read].append(before)
        last, path = read, after
    return found
