# SPDX-License-Identifier: MIT
# `make debug`: QEMU waits at its first instruction, on the port `$port`; the kernel is stopped at its entry.
set pagination off
set confirm off
# The first frames have no caller that could be told.
set backtrace limit 64
set architecture i386:x86-64
eval "target remote :%d", $port
tbreak kernel_start
continue

define program
    if $argc != 1
        echo usage: program NAME: loads the symbols of build/user/NAME.elf\n
    else
        add-symbol-file build/user/$arg0.elf
    end
end
document program
program NAME: loads the symbols of a user program, build/user/NAME.elf. Programs stand at the same addresses, so a
breakpoint stops whichever comes there first.
end
