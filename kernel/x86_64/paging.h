// SPDX-License-Identifier: MIT
// Page tables (Intel SDM volume 3, 4.5), and where the kernel sees physical memory.
//
//   0xffff800000000000  all RAM, in large pages, never executable: the direct map
//   0xffffff0000000000  devices' registers, uncached
//   0xffffffff80000000  the kernel's image
#ifndef X86_64_PAGING_H
#define X86_64_PAGING_H

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT 12u
#define PAGE_SIZE 4096ull
#define PAGE_MASK (PAGE_SIZE - 1)
#define TABLE_ENTRIES 512u
#define TABLE_SHIFT 9u
#define LARGE_PAGE_SIZE (1ull << (PAGE_SHIFT + TABLE_SHIFT))
#define KERNEL_TABLES_FIRST 256u // entries of the top table that all address spaces share

#define DIRECT_MAP_BASE 0xffff800000000000ull
#define DEVICE_MAP_BASE 0xffffff0000000000ull
#define KERNEL_BASE 0xffffffff80000000ull

#define ENTRY_PRESENT 0x1ull
#define ENTRY_WRITABLE 0x2ull
#define ENTRY_USER 0x4ull
#define ENTRY_UNCACHED 0x18ull // PWT and PCD: the fourth memory type of PAT
#define ENTRY_GATHERED 0x10ull // PCD: the third, as processor.c sets it
#define ENTRY_LARGE 0x80ull
#define ENTRY_GLOBAL 0x100ull
#define ENTRY_MESSAGE_PAGE 0x200ull // a bit that the processor ignores: the kernel's own page
#define ENTRY_MEMORY 0x400ull       // another: memory, not a device's, so it may be leased
#define ENTRY_TEXT 0x800ull         // the last: mapped to be executed; only such a page may be; it is never writable
#define ENTRY_NO_EXECUTE 0x8000000000000000ull
#define ENTRY_ADDRESS 0x000ffffffffff000ull

static inline void *physical_pointer(uint64_t physical) {
    return (void *)(DIRECT_MAP_BASE + physical);
}

static inline uint64_t physical_of(const void *pointer) {
    return (uint64_t)pointer - DIRECT_MAP_BASE;
}

// ---- Leaf entries of user pages ----

// The entry of a user page with these PROTECT_* rights.
uint64_t entry_make(uint64_t physical, uint32_t protection, bool is_device);
static inline bool entry_is_present(uint64_t entry) {
    return (entry & ENTRY_PRESENT) != 0;
}
static inline uint64_t entry_physical(uint64_t entry) {
    return entry & ENTRY_ADDRESS;
}

// Whether the entry is of memory, and not of a device.
static inline bool entry_is_memory(uint64_t entry) {
    return (entry & ENTRY_MEMORY) != 0;
}

// Whether the entry is of a message page, which is the kernel's own and has no region.
static inline bool entry_is_message_page(uint64_t entry) {
    return (entry & ENTRY_MESSAGE_PAGE) != 0;
}
static inline uint64_t entry_make_message_page(uint64_t physical) {
    return entry_make(physical, PROTECT_READ | PROTECT_WRITE, false) | ENTRY_MESSAGE_PAGE;
}

struct space;

// The entry of a user page, or NULL if there is no table for it.
uint64_t *space_entry(struct space *space, uint64_t address);
// The number of pages from this address on whose entries are in the same table.
static inline uint64_t entry_run(uint64_t address, uint64_t pages) {
    uint64_t run = TABLE_ENTRIES - (address >> PAGE_SHIFT & (TABLE_ENTRIES - 1));
    return run < pages ? run : pages;
}
// The same, and makes missing tables, which the account pays for. 0, -EDQUOT or -ENOMEM (tables made until then stay).
long space_make_entry(struct space *space, uint64_t address, uint64_t **entry);
// Makes and takes apart the top table. 0, -EDQUOT or -ENOMEM.
long space_make_root(struct space *space);
// Frees one table, after calling `drop` on each of its present entries; true if more is left. No processor uses the
// space any more.
bool space_free_step(struct space *space, void (*drop)(struct space *space, uint64_t entry));
// Flushes the TLB's entries of this range, whose present entries have changed.
void space_flush(struct space *space, uint64_t address, uint64_t pages);

#endif
