// SPDX-License-Identifier: MIT
#include "frames.h"

#include "page.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_PAGES 256u // of a region: 1 MiB
#define CHUNKS_MAX 1024u
#define WINDOW (MAPPING_BASE + (1ull << 38)) // where the chunks are mapped in this process, one after the other

struct frame {
    uint32_t next; // the next free one, or FRAME_NONE
    uint16_t references;
    bool is_used; // it was taken before: its bytes are somebody's
};

static struct {
    long region;
    struct frame frames[CHUNK_PAGES];
} * chunks[CHUNKS_MAX];
static uint32_t chunk_count, first_free;

// Frame numbers begin at 1.
static struct frame *frame_of(uint32_t frame) {
    return &chunks[(frame - 1) / CHUNK_PAGES]->frames[(frame - 1) % CHUNK_PAGES];
}

uint8_t *frame_bytes(uint32_t frame) {
    return (uint8_t *)WINDOW + (uint64_t)(frame - 1) * PAGE_SIZE;
}

long frame_region(uint32_t frame, uint64_t *page) {
    *page = (frame - 1) % CHUNK_PAGES;
    return chunks[(frame - 1) / CHUNK_PAGES]->region;
}

bool frames_are_adjacent(uint32_t first, uint32_t second) {
    return second == first + 1 && (second - 1) % CHUNK_PAGES != 0;
}

// Gets one more region; its frames are free, in order.
static bool chunk_add(void) {
    if (chunk_count == CHUNKS_MAX)
        return false;
    long region = region_allocate(CHUNK_PAGES);
    if (region < 0)
        return false;
    uint64_t address = WINDOW + (uint64_t)chunk_count * CHUNK_PAGES * PAGE_SIZE;
    chunks[chunk_count] = calloc(1, sizeof *chunks[0]);
    if (!chunks[chunk_count] || process_map(region, 0, address, CHUNK_PAGES, PROTECT_READ | PROTECT_WRITE) < 0)
        return false;
    chunks[chunk_count]->region = region;
    uint32_t first = chunk_count++ * CHUNK_PAGES + 1;
    for (uint32_t frame = first + CHUNK_PAGES; frame-- > first;) {
        frame_of(frame)->next = first_free;
        first_free = frame;
    }
    return true;
}

uint32_t frame_take(void) {
    if (first_free == FRAME_NONE && !chunk_add())
        return FRAME_NONE;
    uint32_t number = first_free;
    struct frame *frame = frame_of(number);
    first_free = frame->next;
    frame->references = 1;
    if (frame->is_used)
        memset(frame_bytes(number), 0, PAGE_SIZE);
    frame->is_used = true;
    return number;
}

void frame_hold(uint32_t frame) {
    frame_of(frame)->references++;
}

void frame_release(uint32_t number) {
    struct frame *frame = frame_of(number);
    if (--frame->references)
        return;
    frame->next = first_free;
    first_free = number;
}

bool frame_is_shared(uint32_t frame) {
    return frame_of(frame)->references > 1;
}
