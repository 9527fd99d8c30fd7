// SPDX-License-Identifier: MIT
// A table of places for objects of one size. A place that is given back is taken again first, so that memory which is
// filled as it is touched is only touched where it is used.
#ifndef LIB_PLACES_H
#define LIB_PLACES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct places {
    void *table;          // of zeroes
    size_t size;          // of a place; its first word, a pointer, is the list's while it is free
    uint32_t limit, used; // places that there are, and that were ever taken
    void *free;           // the one that was given back last: it begins with the address of the one before
};

// The place with a number below `limit`.
static inline void *place_at(const struct places *places, uint32_t number) {
    return (char *)places->table + number * places->size;
}

static inline uint32_t place_number(const struct places *places, const void *place) {
    return (uint32_t)((size_t)((const char *)place - (const char *)places->table) / places->size);
}

// A free place, which is as it was given back but for its first word, or zero; NULL if there is none.
static inline void *place_take(struct places *places) {
    void *place = places->free;
    if (place)
        memcpy(&places->free, place, sizeof places->free); // a place has another type: no pointer of its own is read
    else if (places->used < places->limit)
        place = place_at(places, places->used++);
    return place;
}

static inline void place_give(struct places *places, void *place) {
    memcpy(place, &places->free, sizeof places->free);
    places->free = place;
}

#endif
