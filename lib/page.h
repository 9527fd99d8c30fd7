// SPDX-License-Identifier: MIT
// The page that the ABI means: memory is mapped, split, moved and paid for in whole ones.
#ifndef LIB_PAGE_H
#define LIB_PAGE_H

#define PAGE_SIZE 4096ul // bytes
#define PAGE_MASK (PAGE_SIZE - 1)

#endif
