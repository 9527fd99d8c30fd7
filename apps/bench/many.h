// SPDX-License-Identifier: MIT
// Many of an object: what they take, and what the last of them costs. The lines that are printed are those of
// tests/bench/memory.py.
#ifndef BENCH_MANY_H
#define BENCH_MANY_H

#include <stdbool.h>
#include <stdint.h>

// What is in use.
struct usage {
    uint64_t reserve, reserve_free; // bytes of the kernel's own memory
    uint64_t charged;               // to this process's quota
    uint64_t pool;                  // bytes that the memory server has given out
    uint64_t memory, system;        // bytes of all memory, and those that are in use
};

void usage_open(void);
struct usage usage_now(void);
// What a process's quota is charged with.
uint64_t usage_charged(uint32_t pid);

// What is made: `make` alone is counted; before it comes `prepare`, and after it `finish` with what it returned.
struct object {
    const char *name;
    void (*prepare)(unsigned number);
    long (*make)(unsigned number);
    void (*finish)(unsigned number, long result);
    bool is_in_pool; // it takes memory of the memory server's, too
};

// Makes numbers 0, 1, ... of an object, and reports at `first`, at ten times as many, and so on up to `most`, or what
// stopped it before. How many there are.
unsigned many_make(const struct object *object, unsigned first, unsigned most);
// Makes so many and reports nothing; what the last cost.
uint64_t share_make(const struct object *object, unsigned count);

// Lines: what each of so many takes on average, what the last cost, and why there are no more.
void each_report(const char *kind, const char *name, unsigned count, uint64_t before, uint64_t now);
void last_report(const char *name, unsigned count, uint64_t span);
void stop_report(const char *name, unsigned count, const char *why);

#endif
