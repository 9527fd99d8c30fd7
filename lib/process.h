// SPDX-License-Identifier: MIT
// Processes: starting and ending others through the process server, and what a process does to itself through its
// control pipe.
#ifndef LIB_PROCESS_H
#define LIB_PROCESS_H

#include "abi.h"
#include "protocol/process.h"

#include <stdint.h>

extern char **environ;
extern uint64_t program_argument; // that came with the start of the first thread

// Starts a program of the boot image: arguments[0] is its name, a NULL ends the list. It gets `handles` as its handles
// 2 and up (at most SPAWN_HANDLES_MAX), and this process's environment. `kind` is SPAWN_AS_PLAIN or an enum kind. Its
// pid, or a negated error: ENOENT, ENOEXEC, ENOMEM, E2BIG, EACCES, EINVAL.
long process_spawn(char *const arguments[], const uint32_t *handles, unsigned handle_count, uint32_t kind);
// Waits for the end of a program that this process has started. Its status (0 to 255, with EXIT_*), or -EACCES, -ESRCH.
long process_wait(uint32_t pid);
// The same; the reply has the text of a crash, too.
long process_wait_text(uint32_t pid, struct wait_reply *reply);
long process_kill(uint32_t pid, uint32_t status);
// The same with all that it has started, and what those have.
long process_kill_tree(uint32_t pid, uint32_t status);
// Suspends what this process has spawned, and all that it has started, or lets them go on. 0 or a negated error.
long process_suspend_tree(uint32_t pid);
long process_resume_tree(uint32_t pid);
// What a program may do, and its claims, struct claim records of PAYLOAD_MAX bytes at most: their length, or -ESRCH.
long process_claims(uint32_t pid, struct claims_reply *reply, uint8_t *claims);
// Switches the machine off, and so on: enum power_operation. Operators only.
long process_power(uint32_t operation, uint32_t status);

// Hooks the end of a process with this key: an event, whose value is the status. The handle, or a negated error: ESRCH
// if it has ended before, which others were told.
long process_watch(uint32_t pid, uint64_t key);

// Tells the process server that this program is ready: what stands after it in the boot order may start.
long process_ready(void);
uint32_t process_id(void);
// Writes a path with a pid in it, such as "/proc/7/fault", where there is neither stdio nor a heap: `before`, the pid,
// `after` and a terminator, at most PID_DIGITS more than the two.
#define PID_DIGITS 10u
void process_path(char *path, const char *before, uint32_t pid, const char *after);
_Noreturn void process_exit(uint32_t status);

// Maps pages of a region into this process: PROTECT_*, MAP_ZERO. Any number of pages.
long process_map(long region, uint64_t page_offset, uint64_t address, uint64_t pages, uint32_t flags);
long process_unmap(uint64_t address, uint64_t pages);
long process_protect(uint64_t address, uint64_t pages, uint32_t flags);

#endif
