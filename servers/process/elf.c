// SPDX-License-Identifier: MIT
#include "elf.h"

#include "abi.h"
#include "page.h"
#include "protocol/memory.h"

#include <string.h>

#define PROGRAM_END HEAP_BASE // segments lie below

struct elf_head {
    uint8_t identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_offset, section_offset;
    uint32_t flags;
    uint16_t head_size, program_entry_size, program_count, section_entry_size, section_count, name_section;
};

struct elf_program_head {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, alignment;
};

_Static_assert(sizeof(struct elf_head) == 64 && sizeof(struct elf_program_head) == 56, "sizes of ELF-64");

#define IDENTITY_CLASS 4
#define IDENTITY_DATA 5
#define CLASS_64 2
#define DATA_LITTLE 1
#define TYPE_EXECUTABLE 2
#define MACHINE_X86_64 62
#define SEGMENT_LOAD 1
#define SEGMENT_INTERPRETER 3
#define FLAG_EXECUTE 1u
#define FLAG_WRITE 2u
#define FLAG_READ 4u

static const char *head_check(const struct elf_head *head, size_t length) {
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
    if (memcmp(head->identity, magic, sizeof magic) != 0)
        return "it is no ELF file";
    if (head->identity[IDENTITY_CLASS] != CLASS_64 || head->identity[IDENTITY_DATA] != DATA_LITTLE ||
        head->machine != MACHINE_X86_64)
        return "it is for another machine";
    if (head->type != TYPE_EXECUTABLE)
        return "it is no static executable";
    if (head->program_entry_size != sizeof(struct elf_program_head))
        return "its program headers have an unknown size";
    if (head->program_offset > length ||
        (uint64_t)head->program_count * sizeof(struct elf_program_head) > length - head->program_offset)
        return "its program headers lie after its end";
    return NULL;
}

static uint32_t protection_of(uint32_t flags) {
    return (flags & FLAG_READ ? PROTECT_READ : 0) | (flags & FLAG_WRITE ? PROTECT_WRITE : 0) |
           (flags & FLAG_EXECUTE ? PROTECT_EXECUTE : 0);
}

static const char *segment_check(const struct elf_program_head *head, size_t length) {
    if (head->offset > length || head->file_size > length - head->offset)
        return "a segment is cut off";
    if (head->memory_size < head->file_size)
        return "a segment is larger in the file than in memory";
    if (head->memory_size > PROGRAM_END || head->address < USER_BASE || head->address > PROGRAM_END - head->memory_size)
        return "a segment lies outside of the program's memory";
    if (head->address % PAGE_SIZE != head->offset % PAGE_SIZE)
        return "a segment is not aligned to pages";
    if ((head->flags & FLAG_WRITE && head->flags & FLAG_EXECUTE) || !(head->flags & FLAG_READ))
        return "a segment has rights that no memory may have";
    return NULL;
}

static uint64_t end_page(const struct elf_segment *segment) {
    return pages_of(segment->address + segment->memory_size);
}

// Adds a segment, begun at its page. Segments must ascend, and no two may share a page.
static const char *segment_add(struct elf_program *program, const struct elf_program_head *head) {
    if (program->segment_count == ELF_SEGMENTS_MAX)
        return "it has too many segments";
    uint64_t lead = head->address % PAGE_SIZE;
    struct elf_segment segment = {.address = head->address - lead,
                                  .memory_size = head->memory_size + lead,
                                  .offset = head->offset - lead,
                                  .file_size = head->file_size + lead,
                                  .protection = protection_of(head->flags)};
    if (program->segment_count &&
        segment.address / PAGE_SIZE < end_page(&program->segments[program->segment_count - 1]))
        return "its segments overlap or are out of order";
    program->segments[program->segment_count++] = segment;
    return NULL;
}

static const char *entry_check(const struct elf_program *program) {
    for (uint32_t number = 0; number < program->segment_count; number++) {
        const struct elf_segment *segment = &program->segments[number];
        if (segment->protection & PROTECT_EXECUTE && program->entry >= segment->address &&
            program->entry < segment->address + segment->file_size)
            return NULL;
    }
    return "it begins outside of its code";
}

const char *elf_check(const uint8_t *file, size_t length, struct elf_program *program) {
    struct elf_head head;
    if (length < sizeof head)
        return "it is too short for an ELF file";
    memcpy(&head, file, sizeof head);
    const char *wrong = head_check(&head, length);
    *program = (struct elf_program){.entry = head.entry};
    for (uint32_t number = 0; !wrong && number < head.program_count; number++) {
        struct elf_program_head segment;
        memcpy(&segment, file + head.program_offset + number * sizeof segment, sizeof segment);
        if (segment.type == SEGMENT_INTERPRETER)
            return "it needs a dynamic linker";
        if (segment.type != SEGMENT_LOAD || segment.memory_size == 0)
            continue;
        wrong = segment_check(&segment, length);
        if (!wrong)
            wrong = segment_add(program, &segment);
    }
    return wrong ? wrong : entry_check(program);
}
