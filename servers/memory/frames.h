// SPDX-License-Identifier: MIT
// The pool: all frames of memory that the kernel does not keep, which of them are free, and whose the others are.
#ifndef MEMORY_FRAMES_H
#define MEMORY_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define POOL_REGIONS_MAX 64u
#define NO_FRAME UINT32_MAX

// Takes the pool regions, handles from 2 on; the first `taken` pages of the last one are in use. Maps memory for its
// own tables. False if there is too little.
bool frames_initialize(unsigned regions, uint32_t taken);
uint32_t frames_total(void);
uint32_t frames_free(void);
// `count` frames side by side in one region, or NO_FRAME.
uint32_t frames_take(uint32_t count);
void frames_give(uint32_t first, uint32_t count);

// Where a frame is: the handle of its region, and the page in it.
struct pool_page {
    long region;
    uint64_t page;
};
struct pool_page frame_page(uint32_t frame);
// The frame of a page of the pool region with this number, from 0.
uint32_t frame_of(unsigned region, uint64_t page);
unsigned frames_regions(void);
long frames_region_handle(unsigned region);

// Frames of one process form a list.
struct frame_list {
    uint32_t first;
};
void frame_link(struct frame_list *list, uint32_t frame);
// Gives all frames of a list back, but for those that are part of a region of their own; they come back through the
// kernel.
void frames_release(struct frame_list *list);
// Whom frames are charged to: a client's slot, and which of those that had it.
struct owner {
    uint16_t client, use;
};
// Frames that were split off as a region: they stay in no list.
void frames_split(uint32_t first, uint32_t count, struct owner owner);
// They are back. The owner that was given.
struct owner frames_returned(uint32_t first, uint32_t count);

#endif
