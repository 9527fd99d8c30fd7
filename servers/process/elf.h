// SPDX-License-Identifier: MIT
// The ELF files that Sluice runs: static x86-64 executables (System V ABI, AMD64 supplement; ELF-64 object file format
// 1.5). Pure functions: they only look at bytes.
#ifndef PROCESS_ELF_H
#define PROCESS_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 8u

struct elf_segment {
    uint64_t address, memory_size; // bytes; the address is that of a page
    uint64_t offset, file_size;    // where its bytes stand in the file; what is after them is zero
    uint32_t protection;           // PROTECT_*
};

struct elf_program {
    uint64_t entry;
    uint32_t segment_count;
    struct elf_segment segments[ELF_SEGMENTS_MAX]; // ascending, no two in one page
};

// Checks a file whole, and describes it. NULL, or a sentence that says what is wrong with it.
const char *elf_check(const uint8_t *file, size_t length, struct elf_program *program);

#endif
