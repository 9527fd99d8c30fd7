// SPDX-License-Identifier: MIT
// The flat image of the first process: this header, then its bytes as they are in memory from FLAT_IMAGE_BASE on.
// Cleared memory follows them. The linker script servers/process/flat.ld makes it. Each part begins with a page.
#ifndef BOOT_FLAT_IMAGE_H
#define BOOT_FLAT_IMAGE_H

#include <stdint.h>

#define FLAT_IMAGE_MAGIC 0x31657369756c53ull // "Sluise1"
#define FLAT_IMAGE_BASE 0x400000ull          // where the header stands

struct flat_image {
    uint64_t magic;
    uint64_t entry;
    uint64_t text_end;      // from the base to here: may be executed
    uint64_t constants_end; // to here: may be read
    uint64_t data_end;      // to here: may be written; the end of what is in the file
    uint64_t memory_end;    // to here: cleared
    uint64_t stack_size;    // bytes below FLAT_IMAGE_STACK
};

#define FLAT_IMAGE_STACK 0x7f0000000000ull

#endif
