// SPDX-License-Identifier: MIT
// The table of Linux's system calls, made from protocol/linux.def.
#include "report.h"
#include "task.h"

#include <stdio.h>

#define NUMBERS 512u

static const struct {
    const char *name;
    linux_call *function; // NULL: ENOSYS
    bool is_probe;        // which the log does not tell
} calls[NUMBERS] = {
#define CALL(number, name, arguments) [number] = {#name, call_##name, false},
#define NAME(number, name) [number] = {#name, NULL, false},
#define PROBE(number, name) [number] = {#name, NULL, true},
#include "protocol/linux.def"
#undef CALL
#undef NAME
#undef PROBE
};

// A call that is not there is told once.
static long unknown(const struct task *task) {
    static bool was_told[NUMBERS];
    uint64_t number = task->call.number;
    uint64_t index = number < NUMBERS ? number : NUMBERS - 1;
    if (!was_told[index] && !calls[index].is_probe)
        report("%s %u: no system call %s (%u): ENOSYS", task->program, (unsigned)task->pid,
               number < NUMBERS && calls[number].name ? calls[number].name : "of this number", (unsigned)number);
    was_told[index] = true;
    return -LINUX_ENOSYS;
}

long call_make(struct task *task) {
    uint64_t number = task->call.number;
    if (number >= NUMBERS || !calls[number].function)
        return unknown(task);
    return calls[number].function(task, task->call.arguments);
}
