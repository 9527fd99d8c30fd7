// SPDX-License-Identifier: MIT
// Checks and changes of runs of entries in a table of the lowest level (Intel SDM volume 3, 4.5.4).
#ifndef X86_64_ENTRIES_H
#define X86_64_ENTRIES_H

#include "paging.h"

#define ENTRIES_UNROLLED 4u

static inline bool entries_are_absent(const uint64_t *entry, uint64_t count) {
    uint64_t bits = 0;
    for (; count >= ENTRIES_UNROLLED; count -= ENTRIES_UNROLLED, entry += ENTRIES_UNROLLED)
        bits |= entry[0] | entry[1] | entry[2] | entry[3];
    while (count--)
        bits |= *entry++;
    return !entry_is_present(bits);
}

// The bits of an entry whose page is memory that the user may read, or write.
static inline uint64_t entry_needed(bool writable) {
    return ENTRY_PRESENT | ENTRY_MEMORY | (writable ? ENTRY_WRITABLE : 0);
}

static inline bool entries_allow(const uint64_t *entry, uint64_t count, bool writable) {
    uint64_t bits = ~0ull;
    for (; count >= ENTRIES_UNROLLED; count -= ENTRIES_UNROLLED, entry += ENTRIES_UNROLLED)
        bits &= entry[0] & entry[1] & entry[2] & entry[3];
    while (count--)
        bits &= *entry++;
    return (bits & entry_needed(writable)) == entry_needed(writable);
}

// The number of entries that allow it, before the first that does not.
static inline uint64_t entries_allowing(const uint64_t *entry, uint64_t count, bool writable) {
    uint64_t number = 0;
    while (number < count && entries_allow(&entry[number], 1, writable))
        number++;
    return number;
}

// Whether each present entry keeps to what its page was mapped as: text never becomes writable, data never executable.
static inline bool entries_may_become(const uint64_t *entry, uint64_t count, uint32_t protection) {
    for (const uint64_t *end = entry + count; entry < end; entry++) {
        uint32_t denied = *entry & ENTRY_TEXT ? PROTECT_WRITE : PROTECT_EXECUTE;
        if (entry_is_present(*entry) && protection & denied)
            return false;
    }
    return true;
}

// Changes the rights of the present entries.
static inline void entries_protect(uint64_t *entry, uint64_t count, uint32_t protection) {
    uint64_t bits = entry_make(0, protection, false) & ~ENTRY_MEMORY;
    for (const uint64_t *end = entry + count; entry < end; entry++)
        if (entry_is_present(*entry))
            *entry = bits | (*entry & (ENTRY_ADDRESS | ENTRY_UNCACHED | ENTRY_MEMORY | ENTRY_TEXT));
}

#endif
