// SPDX-License-Identifier: MIT
// Processes as the kernel makes them: an agent that is a server makes empty ones by /kernel/process, maps a page of
// code in them, starts their first thread, and is their pager.
#ifndef SELFTEST_BIRTH_H
#define SELFTEST_BIRTH_H

#include "agent.h"

#include <stddef.h>

#define CODE_AT 0x400000ull // in the new process: a page of code, and one of stack after it
#define STACK_AT (CODE_AT + 4096u)
#define CALL_PUSHES 8u
#define BIRTH_KEY 0xb187
#define QUOTA (1u << 20)
#define PRIORITY_MAX 31u

// What runs in the new processes: it uses no address but those that it is given, and nothing of the library.
typedef void born_function(struct message *page, void *argument);

extern struct agent maker;

struct birth {
    uint32_t pid, priority;
    uint64_t control; // the maker's handle
};

// A claim to one name, after a struct process_create.
struct claimed_create {
    struct process_create create;
    uint8_t claims[sizeof(struct claim) + PATH_LENGTH_MAX];
};

// Has the maker call one of its handles, with another one attached unless that is 0; the call's result.
long maker_call(uint64_t handle, const void *request, size_t size, uint64_t attached);
// Has it make an empty process with a claim to create `claimed`, or with none (NULL).
long process_make(const struct process_create *create, const char *claimed, struct birth *birth);
// A region of the maker's with this code in its first page.
uint64_t code_region(born_function *function);
// Makes a process that would run this code; thread_run starts it, with a text in its message page.
bool process_run(const struct process_create *create, const char *claimed, struct birth *birth,
                 born_function *function);
long thread_run(const struct birth *birth, uint64_t argument, const char *text);
// The maker hooks one of the process's names; its handle.
uint64_t maker_hooks(const struct birth *birth, const char *name);
// It waits for a message; its length.
long maker_waits(void);
// Waits for the end of a process by the exit event; its status.
long status_awaited(uint64_t exit);
// Asks /kernel/process about a process.
long about_process(uint32_t operation, uint32_t pid);
long kill_by(const struct birth *birth, uint32_t status);

#endif
