// SPDX-License-Identifier: MIT
// Address spaces: what is mapped where in a process. The tables are the machine's (machine.h); this is what may be in
// them.
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H

#include "account.h"
#include "region.h"

#include <stdbool.h>
#include <stdint.h>

struct space {
    uint64_t root;          // physical address of the top table
    uint64_t *last_table;   // of the lowest level, that was found last
    uint64_t last_index;    // which of the space's tables it is; UINT64_MAX: none yet
    uint64_t pages;         // mapped, without message pages
    uint64_t leases;        // ranges that threads lend
    uint64_t checked_start; // what space_check found last, until something is unmapped or loses rights
    uint64_t checked_end;   // 0: nothing
    bool checked_writable;
    struct account *account; // who pays for tables
    uint32_t tag;            // of its entries in the processor's buffer; 0: none of its own
    uint64_t enter;          // what the processor is told to enter it, by whether the buffer holds old entries of it
};

// Makes an empty space that the account pays for. 0, -EDQUOT or -ENOMEM.
long space_make(struct space *space, struct account *account);
// Takes it apart by a bounded piece; true if more is left.
bool space_end_step(struct space *space);

// Maps pages of a region from `offset` (in pages) on. All or nothing: -EINVAL (outside the user's half or the region,
// WRITE and EXECUTE together), -EEXIST (something is mapped there), -EBUSY (a page is split off), -EDQUOT, -ENOMEM.
long space_map(struct space *space, struct region *region, uint64_t offset, uint64_t address, uint64_t pages,
               uint32_t protection);
// Unmaps what is mapped in the range. -EINVAL; -EBUSY if a page is lent, and then nothing is unmapped.
long space_unmap(struct space *space, uint64_t address, uint64_t pages);
// Changes the rights of what is mapped in the range. -EINVAL, -EBUSY as for unmap.
long space_protect(struct space *space, uint64_t address, uint64_t pages, uint32_t protection);
// Maps a page of the kernel's own for a thread's messages; frees it with the space. -EDQUOT, -ENOMEM.
long space_map_message_page(struct space *space, uint64_t address, void **page);
void space_unmap_message_page(struct space *space, uint64_t address);

#define SPACE_ABSENT (-2000L) // internal: *absent names a page that is not there

// Checks that a range of memory, not of a device, may be read (written). 0, -EFAULT, or SPACE_ABSENT.
long space_check(struct space *space, uint64_t address, uint64_t length, bool writable, uint64_t *absent);
// Reads an aligned word. False if it may not be read or its page is absent.
bool space_read_word(struct space *space, uint64_t address, uint64_t *word);
// Whether a thread of the space's process lends something of the range (host.c).
bool space_is_leased(struct space *space, uint64_t address, uint64_t pages);
// Copies between two ranges that were checked.
void space_copy(struct space *to, uint64_t to_address, struct space *from, uint64_t from_address, uint64_t length);

#endif
