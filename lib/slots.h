// SPDX-License-Identifier: MIT
// A table of slots for objects of one size. A slot that is given back is taken again first, so that memory which is
// filled as it is touched is only touched where it is used.
#ifndef LIB_SLOTS_H
#define LIB_SLOTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slots {
    void *table;          // of zeroes
    size_t size;          // of a slot; its first word, a pointer, is the list's while it is free
    uint32_t limit, used; // slots that there are, and that were ever taken
    void *free;           // the one that was given back last: it begins with the address of the one before
};

// The slot with a number below `limit`.
static inline void *slot_at(const struct slots *slots, uint32_t number) {
    return (char *)slots->table + number * slots->size;
}

static inline uint32_t slot_number(const struct slots *slots, const void *cursor) {
    return (uint32_t)((size_t)((const char *)cursor - (const char *)slots->table) / slots->size);
}

// A free slot, which is as it was given back but for its first word, or zero; NULL if there is none.
static inline void *slot_take(struct slots *slots) {
    void *cursor = slots->free;
    if (cursor)
        memcpy(&slots->free, cursor, sizeof slots->free); // a slot has another type: no pointer of its own is read
    else if (slots->used < slots->limit)
        cursor = slot_at(slots, slots->used++);
    return cursor;
}

static inline void slot_give(struct slots *slots, void *cursor) {
    memcpy(cursor, &slots->free, sizeof slots->free);
    slots->free = cursor;
}

#endif
