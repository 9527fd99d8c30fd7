// SPDX-License-Identifier: MIT
// The page that the ABI means: memory is mapped, split, moved and paid for in whole ones.
#ifndef LIB_PAGE_H
#define LIB_PAGE_H

#include <stdint.h>

#define PAGE_SIZE 4096ul          // bytes
#define PAGE_MASK (PAGE_SIZE - 1) // the bits of an offset within a page

// How many pages hold so many bytes.
static inline uint64_t pages_of(uint64_t bytes) {
    return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0);
}

// The end of the last page of what ends there.
static inline uint64_t page_end(uint64_t address) {
    return (address + PAGE_MASK) & ~PAGE_MASK;
}

#endif
