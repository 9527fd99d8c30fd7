// SPDX-License-Identifier: MIT
// A bit for each frame, set while it is free; searching begins where the last search ended.
#include "frames.h"

#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#define HANDLE_POOL 2
#define BITS 64u

struct pool_region {
    long handle;
    uint32_t first, count; // frames
};

struct frame {
    uint32_t next;      // in its process's list
    struct owner owner; // of a region that was split off
};

static struct pool_region regions[POOL_REGIONS_MAX];
static unsigned region_count;
static uint64_t *free_bits;
static struct frame *frames;
static uint32_t frame_count, free_count, next_search;

// ---- Bits ----

static bool is_free(uint32_t frame) {
    return free_bits[frame / BITS] >> (frame % BITS) & 1;
}

static void mark(uint32_t first, uint32_t count, bool free) {
    for (uint32_t frame = first; frame < first + count; frame++) {
        uint64_t bit = 1ull << (frame % BITS);
        if (free)
            free_bits[frame / BITS] |= bit;
        else
            free_bits[frame / BITS] &= ~bit;
    }
    free_count = free ? free_count + count : free_count - count;
}

static unsigned region_of(uint32_t frame) {
    unsigned number = 0;
    while (frame - regions[number].first >= regions[number].count)
        number++;
    return number;
}

// ---- Set-up ----

static void regions_describe(unsigned count) {
    for (unsigned number = 0; number < count; number++) {
        struct memory_info info = {0};
        regions[number].handle = HANDLE_POOL + (long)number;
        region_info(regions[number].handle, &info);
        regions[number].first = frame_count;
        regions[number].count = (uint32_t)info.pages;
        frame_count += (uint32_t)info.pages;
    }
    region_count = count;
}

bool frames_initialize(unsigned count, uint32_t taken) {
    regions_describe(count);
    const struct pool_region *last = &regions[count - 1];
    uint64_t bit_bytes = (frame_count + BITS - 1) / BITS * sizeof *free_bits;
    uint64_t pages = pages_of(bit_bytes + frame_count * sizeof *frames);
    if (taken + pages > last->count)
        return false;
    if (process_map(last->handle, taken, MAPPING_BASE, pages, PROTECT_READ | PROTECT_WRITE | MAP_ZERO) < 0)
        return false;
    free_bits = (uint64_t *)MAPPING_BASE;
    frames = (struct frame *)(MAPPING_BASE + bit_bytes);
    mark(0, frame_count, true);
    mark(last->first, taken + (uint32_t)pages, false);
    return true;
}

uint32_t frames_total(void) {
    return frame_count;
}

uint32_t frames_free(void) {
    return free_count;
}

// ---- Taking and giving ----

// The first frame at or after `from` that begins a free run within one region; NO_FRAME up to `end`.
static uint32_t run_find(uint32_t from, uint32_t end, uint32_t count) {
    uint32_t length = 0;
    for (uint32_t frame = from; frame < end; frame++) {
        if (frame % BITS == 0 && length == 0)
            while (frame + BITS <= end && free_bits[frame / BITS] == 0)
                frame += BITS;
        if (frame >= end)
            break;
        length = is_free(frame) ? length + 1 : 0;
        if (length == count) {
            uint32_t first = frame + 1 - count;
            if (count == 1 || region_of(first) == region_of(frame))
                return first;
            length--;
        }
    }
    return NO_FRAME;
}

uint32_t frames_take(uint32_t count) {
    if (count == 0 || count > free_count)
        return NO_FRAME;
    uint32_t first = run_find(next_search, frame_count, count);
    if (first == NO_FRAME)
        first = run_find(0, frame_count, count);
    if (first == NO_FRAME)
        return NO_FRAME;
    mark(first, count, false);
    next_search = first + count < frame_count ? first + count : 0;
    return first;
}

void frames_give(uint32_t first, uint32_t count) {
    mark(first, count, true);
}

struct pool_page frame_page(uint32_t frame) {
    const struct pool_region *region = &regions[region_of(frame)];
    return (struct pool_page){region->handle, frame - region->first};
}

uint32_t frame_of(unsigned region, uint64_t page) {
    return regions[region].first + (uint32_t)page;
}

unsigned frames_regions(void) {
    return region_count;
}

long frames_region_handle(unsigned region) {
    return regions[region].handle;
}

// ---- Whose they are ----

void frame_link(struct frame_list *list, uint32_t frame) {
    frames[frame].next = list->first;
    list->first = frame;
}

void frames_release(struct frame_list *list) {
    while (list->first != NO_FRAME) {
        uint32_t frame = list->first;
        list->first = frames[frame].next;
        frames_give(frame, 1);
    }
}

void frames_split(uint32_t first, uint32_t count, struct owner owner) {
    for (uint32_t frame = first; frame < first + count; frame++)
        frames[frame].owner = owner;
}

struct owner frames_returned(uint32_t first, uint32_t count) {
    frames_give(first, count);
    return frames[first].owner;
}
