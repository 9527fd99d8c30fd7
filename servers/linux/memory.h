// SPDX-License-Identifier: MIT
// A program's memory: areas of pages of one protection, and the frames that they have. A page gets its frame when it is
// touched, by the program or by this process, and is mapped when the program faults. A frame that is shared (fork) is
// mapped without the right to write; the first write copies it.
#ifndef LINUX_MEMORY_H
#define LINUX_MEMORY_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
    struct area *next; // ascending addresses, no two overlap
    uint64_t start, end;
    uint32_t protection; // LINUX_PROT_*
    uint32_t *frames;    // of each page, or FRAME_NONE
};

struct memory {
    long control; // of the process
    struct area *areas;
    uint64_t heap_start, heap_end; // brk
};

#define ADDRESS_END 0x7fe000000000ull // above the stack
#define STACK_SIZE (8ull << 20)
#define MMAP_END (ADDRESS_END - (64ull << 20)) // mmap takes addresses below, downwards

// Each returns 0 or a negated error of Linux. Addresses and lengths are of whole pages.
long memory_add(struct memory *memory, uint64_t start, uint64_t end, uint32_t protection); // where nothing is
long memory_remove(struct memory *memory, uint64_t start, uint64_t end);
// ENOMEM: there is a page without an area.
long memory_protect(struct memory *memory, uint64_t start, uint64_t end, uint32_t protection);
// The pages are zeroes again.
long memory_forget(struct memory *memory, uint64_t start, uint64_t end);
// The highest free range below MMAP_END of this length, or 0.
uint64_t memory_find_free(const struct memory *memory, uint64_t length);
bool memory_is_free(const struct memory *memory, uint64_t start, uint64_t end);
// Gives a new process the areas of another one, with shared frames.
long memory_copy(struct memory *to, struct memory *from);
// Takes all areas; `is_mapped`: the process lives on.
void memory_clear(struct memory *memory, bool is_mapped);

// The program has faulted: whether it may go on.
bool memory_fault(struct memory *memory, const struct fault_message *fault);

// The bytes at an address of the program that are next to each other in this process, and which it may read or write:
// up to `length`; 0: it may not. `force` asks nothing about its rights.
enum reach { REACH_READ, REACH_WRITE, REACH_FORCE };
size_t memory_reach(struct memory *memory, uint64_t address, size_t length, enum reach reach, uint8_t **bytes);
// Copies; false: EFAULT.
bool memory_get(struct memory *memory, uint64_t address, void *to, size_t length);
bool memory_put(struct memory *memory, uint64_t address, const void *from, size_t length);
// A terminated string of fewer than `room` bytes: its length, or -EFAULT, -ENAMETOOLONG.
long memory_get_string(struct memory *memory, uint64_t address, char *to, size_t room);

#endif
