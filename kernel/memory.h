// SPDX-License-Identifier: MIT
// The kernel's own memory: a reserve of pages that is set aside at boot, and objects cut from them. Everything else is
// the memory server's.
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include "list.h"

#include <stddef.h>
#include <stdint.h>

#define SIZE_CLASSES 13u

struct reserve {
    void *free_pages; // each holds the address of the next
    uint64_t pages, free_count;
    struct list slabs[SIZE_CLASSES]; // those with a free object, by size
};

// Gives the reserve its memory: whole pages at this physical address.
void reserve_initialize(struct reserve *reserve, uint64_t physical, uint64_t pages);
// A page that is not cleared, or NULL.
void *page_allocate(void);
void page_free(void *page);

#endif
