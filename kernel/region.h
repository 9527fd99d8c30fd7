// SPDX-License-Identifier: MIT
// Regions: runs of physical pages as objects. A region has exactly one owner, unless it was made shared. It lives while
// it has a handle, a mapped page, or a child: a region that was split from it.
#ifndef KERNEL_REGION_H
#define KERNEL_REGION_H

#include "account.h"
#include "list.h"

#include <stdbool.h>
#include <stdint.h>

struct principal;

// A frame of RAM.
struct frame {
    struct region *region; // the last region that it was split into
    uint64_t mapped;       // entries in page tables
};

struct region {
    uint64_t physical, pages;
    struct principal *owner; // NULL: the region is shared, or its owner ended
    struct account *account; // pays for this struct
    struct account *payer;   // pays for the pages; NULL: a device's, or back in its parent
    struct region *parent;   // from which it was split, or NULL
    struct list returned;    // children that have ended, by in_returned
    struct list in_returned;
    uint64_t busy;       // page table entries of the frames that name it
    uint32_t references; // handles and messages
    uint32_t children;   // regions split from it that have not ended
    uint32_t flags;      // REGION_*
};

// Makes a region that `owner` owns and its account pays for, with one reference. Frames of RAM become its own: only for
// the pool, at boot. NULL with *error set: -EDQUOT, -ENOMEM.
struct region *region_make(struct principal *owner, uint64_t physical, uint64_t pages, uint32_t flags, long *error);
// Splits up to SPLIT_PAGES_MAX pages off, of which none may be mapped: they leave the parent. -EINVAL, -EMSGSIZE,
// -EBUSY (also for what was split off before), -EDQUOT, -ENOMEM.
#define SPLIT_PAGES_MAX 16384u
struct region *region_split(struct region *parent, struct principal *owner, uint64_t page, uint64_t pages, long *error);
// Takes the next range that returned to this region: true with its first page and length.
bool region_take_returned(struct region *region, uint64_t *page, uint64_t *pages);

// The frame of a physical address, or NULL if the address is not RAM.
struct frame *frame_at(uint64_t physical);
// Whether these pages of the region may be mapped: none is split off.
bool region_may_map(const struct region *region, uint64_t page, uint64_t pages);
// Counts one more mapping of each page.
void region_mapped(struct region *region, uint64_t page, uint64_t pages);
// Counts one mapping less of the page of each present entry; returns the number of those entries.
uint64_t pages_unmapped(const uint64_t *entries, uint64_t count);

#endif
