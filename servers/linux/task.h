// SPDX-License-Identifier: MIT
// The programs of a tree: foreign processes with one thread each, whose system calls this server answers.
//
//   task_make --> LIVES --- task_end, or killed from outside ---> ENDING --- the exit event ---> ZOMBIE
//   ZOMBIE --- its parent waits, or has ended, or ignores SIGCHLD ---> free
//
// 1. The frames of a task are released when its process has ended: until then it may have them mapped.
// 2. A task whose call blocks keeps the call's message and token; the call is made anew after whatever may let it go
//    on.
#ifndef LINUX_TASK_H
#define LINUX_TASK_H

#include "files.h"
#include "linux_abi.h"
#include "memory.h"

#define TASKS_MAX 128u
#define PATH_ROOM 4096u

enum task_state { TASK_FREE, TASK_LIVES, TASK_ENDING, TASK_ZOMBIE };

struct task {
    uint8_t state; // enum task_state
    uint32_t pid;
    uint32_t parent; // pid; 1: it has ended
    uint32_t group, session;
    long system, fault, exit; // handles, beside memory.control
    struct memory memory;
    struct files files;
    char directory[PATH_ROOM], program[PATH_ROOM]; // absolute
    char name[LINUX_TASK_NAME];                    // of its program's file, or as it has set it
    uint32_t mask;                                 // umask
    uint32_t status;                               // for wait4, once it ends
    bool has_status;
    bool is_borrowing; // vfork: its parent waits until it runs another program, or ends
    uint64_t signal_mask, pending;
    struct linux_action actions[LINUX_SIGNALS];
    uint64_t clear_thread; // address, or 0
    // The call that blocks.
    uint64_t token; // 0: none blocks
    struct system_message call;
    uint64_t deadline; // of the call, once it is known; else 0
    uint64_t progress; // what it has done before it blocked
};

// What the function of a call returns beside a result, or a negated error of Linux.
#define RESULT_BLOCKED INT64_MIN         // the call is made anew later
#define RESULT_REGISTERS (INT64_MIN + 1) // the registers were set
#define RESULT_NONE (INT64_MIN + 2)      // the process ends

extern struct task tasks[TASKS_MAX];
extern uint32_t top_pid; // of the first program; its status is the server's

// Makes a task with an empty process that runs `name`. NULL with *error set to a negated error of Linux.
struct task *task_make(const char *name, long *error);
struct task *task_find(uint32_t pid);
static inline uint32_t task_index(const struct task *task) {
    return (uint32_t)(task - tasks);
}
// Starts its thread with these registers. 0 or a negated error of Linux.
long task_start(struct task *task, const struct register_set *registers);
long task_get_registers(const struct task *task, struct register_set *registers);
long task_set_registers(const struct task *task, const struct register_set *registers);
// Ends the process; `status` is that of wait4.
void task_end(struct task *task, uint32_t status);
// Its process has ended.
void task_ended(struct task *task);
void task_free(struct task *task);
// A signal by its default action: whether the task ends. One with a handler stays pending.
bool task_signal(struct task *task, uint32_t signal);

#define STATUS_EXITED(code) (((code)&0xffu) << 8)

// Some call that blocks may go on.
extern bool may_go_on;

// Numbers of registers in struct register_set.
#define RESULT_REGISTER 0u
#define STACK_REGISTER 4u

// The events of a task's pipes have these keys.
enum task_key { KEY_SYSTEM, KEY_FAULT, KEY_EXIT, KEYS_PER_TASK };

// ---- Loading (program.c) ----

// Replaces what the task runs: its memory, and *registers as the new program begins. 0 or a negated error of Linux; if
// *is_gone the old program is no more.
long program_load(struct task *task, const char *path, char *const arguments[], char *const environment[],
                  struct register_set *registers, bool *is_gone);

// ---- Paths (paths.c) ----

// The absolute path that a path of the program's stands for, with ".." where links may be: PATH_ROOM bytes.
long path_of(struct task *task, int directory, uint64_t address, char *to);

// ---- System calls (calls.c) ----

// Makes the call in task->call: its result, or RESULT_*.
long call_make(struct task *task);

typedef long linux_call(struct task *task, const uint64_t *arguments);
#define CALL(number, name, arguments) linux_call call_##name;
#define NAME(number, name)
#define PROBE(number, name)
#include "protocol/linux.def"
#undef CALL
#undef NAME
#undef PROBE

#endif
