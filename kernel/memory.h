// SPDX-License-Identifier: MIT
// The kernel's own memory: a reserve of pages that is set aside at boot, and the objects in them. The memory server has
// all other memory.
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include "list.h"

#include <stddef.h>
#include <stdint.h>

#define SIZE_CLASSES 13u

struct reserve {
    void *free_pages; // each holds the address of the next
    uint64_t pages, free_count;
    struct list slabs[SIZE_CLASSES]; // slabs with a free object, by size class
};

// Gives the reserve its memory: whole pages at this physical address.
void reserve_initialize(struct reserve *reserve, uint64_t physical, uint64_t pages);
// Allocates a page, which is not cleared. NULL if the reserve is empty.
void *page_allocate(void);
void page_free(void *page);

#endif
