// SPDX-License-Identifier: MIT
// Address spaces: the mappings of a process. The machine implements the tables (machine.h); this file decides what they
// may hold.
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H

#include "account.h"
#include "region.h"

#include <stdbool.h>
#include <stdint.h>

struct space {
    uint64_t root;          // physical address of the top table
    uint64_t *last_table;   // the table of the lowest level that was found last
    uint64_t last_index;    // its index among the space's tables; UINT64_MAX: none yet
    uint64_t pages;         // mapped, without message pages
    uint64_t leases;        // ranges that threads have leased
    uint64_t checked_start; // the range that space_check found last; reset by an unmap or a loss of rights
    uint64_t checked_end;   // 0: nothing
    bool checked_writable;
    struct account *account; // pays for the tables
    uint32_t tag;            // PCID of its TLB entries; 0: none of its own
    uint64_t enter;          // what the machine loads to enter it: says whether the TLB's entries of it are kept
};

// Makes an empty space that the account pays for. 0, -EDQUOT or -ENOMEM.
long space_make(struct space *space, struct account *account);
// Takes the space apart by one bounded step; true if more is left.
bool space_end_step(struct space *space);

// Maps pages of a region from `offset` (in pages) on. All or nothing: -EINVAL (outside the user's half or the region,
// WRITE and EXECUTE together), -EEXIST (something is mapped there), -EBUSY (a page is split off), -EDQUOT, -ENOMEM.
long space_map(struct space *space, struct region *region, uint64_t offset, uint64_t address, uint64_t pages,
               uint32_t protection);
// Unmaps the mapped pages of the range. -EINVAL; -EBUSY if a page is leased, and then nothing is unmapped.
long space_unmap(struct space *space, uint64_t address, uint64_t pages);
// Changes the rights of the mapped pages of the range. -EINVAL, -EBUSY as for unmap; -EPERM: a page that was mapped as
// text would become writable, or another one executable.
long space_protect(struct space *space, uint64_t address, uint64_t pages, uint32_t protection);
// Maps a page of the kernel's own for a thread's messages; frees it with the space. -EDQUOT, -ENOMEM.
long space_map_message_page(struct space *space, uint64_t address, void **page);
void space_unmap_message_page(struct space *space, uint64_t address);

#define SPACE_ABSENT (-2000L) // internal: *absent is an absent page

// Checks that a range is memory, not a device's, and readable (writable). 0, -EFAULT, or SPACE_ABSENT.
long space_check(struct space *space, uint64_t address, uint64_t length, bool writable, uint64_t *absent);
// Reads an aligned word. False if its page is absent or not readable.
bool space_read_word(struct space *space, uint64_t address, uint64_t *word);
// Whether a thread of the space's process has leased part of the range (host.c).
bool space_is_leased(struct space *space, uint64_t address, uint64_t pages);
// Copies between two ranges that space_check has accepted.
void space_copy(struct space *to, uint64_t to_address, struct space *from, uint64_t from_address, uint64_t length);

#endif
