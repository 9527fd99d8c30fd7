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
program NAME: loads the symbols of a user program, build/user/NAME.elf. Each program has addresses of its own, so a
breakpoint in one stops in no other. `break main` has a location in each program that is loaded; `whose` names the
process that runs.
end

define whose
    if kernel.cpu[0].thread
        printf "process %u %s\n", kernel.cpu[0].thread->process->principal.pid, \
            kernel.cpu[0].thread->process->principal.name
    else
        echo no process: the kernel is idle, or starts\n
    end
end
document whose
whose: names the process whose thread the processor runs, or ran last.
end
