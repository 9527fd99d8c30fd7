// SPDX-License-Identifier: MIT
// The header of this program's flat image. The addresses come from flat.ld.
#include "flat_image.h"

#define STACK_SIZE 65536u

extern char _start[], text_end[], constants_end[], data_end[], memory_end[];

extern const struct {
    uint64_t magic;
    const char *entry, *text_end, *constants_end, *data_end, *memory_end;
    uint64_t stack_size;
} flat_head;

__attribute__((section(".flat_head"), used)) const typeof(flat_head) flat_head = {
    FLAT_IMAGE_MAGIC, _start, text_end, constants_end, data_end, memory_end, STACK_SIZE};

_Static_assert(sizeof flat_head == sizeof(struct flat_image), "the header is that of boot/flat_image.h");
