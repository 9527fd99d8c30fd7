// SPDX-License-Identifier: MIT
// Regions. A split-off region that ends returns its range, which is in the parent's list until the parent's owner asks
// for it.
//
// 1. A frame of the pool names the last region that it was split into. That region counts the frame's mappings in
// `busy`.
// 2. A region with references, busy pages or children is not freed. Nor is one with returned ranges that its owner has
// not taken, unless the region ends itself.
#include "region.h"

#include "dma.h"
#include "host.h"
#include "kernel.h"

struct frame *frame_at(uint64_t physical) {
    uint64_t number = physical >> PAGE_SHIFT;
    return number < kernel.frame_count ? &kernel.frames[number] : NULL;
}

// Makes a run of frames name this region.
static void frames_join(const struct region *region, struct region *to) {
    for (uint64_t page = 0; page < region->pages; page++) {
        struct frame *frame = frame_at(region->physical + page * PAGE_SIZE);
        if (frame)
            frame->region = to;
    }
}

// Has another account pay for the region's pages; NULL: none.
static void region_charge(struct region *region, struct account *payer) {
    account_move_pages(region->payer, payer, region->pages);
    region->payer = payer;
}

struct region *region_make(struct principal *owner, uint64_t physical, uint64_t pages, uint32_t flags, long *error) {
    struct region *region = account_allocate(owner->account, sizeof *region, error);
    if (!region)
        return NULL;
    *region = (struct region){.physical = physical,
                              .pages = pages,
                              .owner = owner,
                              .account = owner->account,
                              .references = 1,
                              .flags = flags};
    list_initialize(&region->returned);
    list_initialize(&region->in_returned);
    if (flags & REGION_DEVICE)
        return region;
    frames_join(region, region);
    region_charge(region, owner->account);
    return region;
}

// Whether one of the pages is mapped or split off.
static bool pages_are_busy(const struct region *region, uint64_t page, uint64_t pages) {
    for (uint64_t number = 0; number < pages; number++) {
        const struct frame *frame = frame_at(region->physical + (page + number) * PAGE_SIZE);
        if (frame->mapped || frame->region != region)
            return true;
    }
    return false;
}

static long split_check(const struct region *parent, uint64_t page, uint64_t pages) {
    if (pages == 0 || page >= parent->pages || pages > parent->pages - page || parent->flags)
        return -PIPE_EINVAL;
    if (pages > SPLIT_PAGES_MAX)
        return -PIPE_EMSGSIZE;
    return pages_are_busy(parent, page, pages) ? -PIPE_EBUSY : 0;
}

struct region *region_split(struct region *parent, struct principal *owner, uint64_t page, uint64_t pages,
                            long *error) {
    *error = split_check(parent, page, pages);
    if (*error)
        return NULL;
    struct region *child = region_make(owner, parent->physical + page * PAGE_SIZE, pages, 0, error);
    if (!child)
        return NULL;
    child->parent = parent;
    parent->children++;
    return child;
}

bool region_take_returned(struct region *region, uint64_t *page, uint64_t *pages) {
    if (list_is_empty(&region->returned))
        return false;
    struct region *child = list_object(region->returned.next, struct region, in_returned);
    *page = (child->physical - region->physical) >> PAGE_SHIFT;
    *pages = child->pages;
    list_remove(&child->in_returned);
    account_free(child->account, child, sizeof *child);
    return true;
}

// Frees the returned ranges of a region that ends: their frames return with its own.
static void forget_returned(struct region *region) {
    uint64_t page, pages;
    while (region_take_returned(region, &page, &pages))
        continue;
}

// Returns a region without references and busy pages to its parent, or frees it.
static void region_end_if_unused(struct region *region) {
    while (region && region->references == 0 && region->busy == 0 && region->children == 0) {
        struct region *parent = region->parent;
        if (region->flags & REGION_DMA)
            dma_remove_region(region);
        forget_returned(region);
        region_charge(region, NULL);
        if (!parent) {
            account_free(region->account, region, sizeof *region);
            return;
        }
        region->owner = NULL;
        frames_join(region, parent);
        list_append(&parent->returned, &region->in_returned);
        if (kernel.returned)
            pipens_signal(kernel.returned, 0);
        parent->children--;
        region = parent;
    }
}

bool region_may_map(const struct region *region, uint64_t page, uint64_t pages) {
    if (region->children == 0)
        return true;
    const struct frame *frame = frame_at(region->physical + page * PAGE_SIZE);
    for (const struct frame *end = frame + pages; frame < end; frame++)
        if (frame->region != region)
            return false;
    return true;
}

void region_mapped(struct region *region, uint64_t page, uint64_t pages) {
    if (region->flags & REGION_DEVICE)
        return;
    struct frame *frame = frame_at(region->physical + page * PAGE_SIZE);
    for (const struct frame *end = frame + pages; frame < end; frame++)
        frame->mapped++;
    region->busy += pages;
}

// Mappings of a device's pages are not counted.
uint64_t pages_unmapped(const uint64_t *entries, uint64_t count) {
    uint64_t present = 0;
    char *frames = (void *)kernel.frames;
    for (const uint64_t *end = entries + count; entries < end; entries++) {
        if (!entry_is_memory(*entries)) {
            present += entry_is_present(*entries);
            continue;
        }
        present++;
        // A frame's struct has a power of two of bytes, so the index is one shift.
        struct frame *frame = (void *)(frames + entry_physical(*entries) / (PAGE_SIZE / sizeof *frame));
        frame->mapped--;
        if (--frame->region->busy == 0)
            region_end_if_unused(frame->region);
    }
    return present;
}

// ---- What pipens asks of regions (pipens/host.h) ----

long host_region_may_pass(void *object, struct principal *from, bool move) {
    const struct region *region = object;
    if (region->flags & REGION_SHARED)
        return move ? -PIPE_EINVAL : 0;
    if (!move || region->owner != from || region->flags & REGION_DMA)
        return -PIPE_EINVAL;
    return region->busy || region->references != 1 ? -PIPE_EBUSY : 0;
}

void host_region_retain(void *region) {
    ((struct region *)region)->references++;
}

void host_region_release(void *object) {
    struct region *region = object;
    region->references--;
    region_end_if_unused(region);
}

void host_region_set_owner(void *object, struct principal *owner, struct account *payer) {
    struct region *region = object;
    region->owner = owner;
    if (!(region->flags & REGION_DEVICE))
        region_charge(region, payer);
}

uint64_t host_region_pages(const void *object) {
    const struct region *region = object;
    return region->flags & REGION_DEVICE ? 0 : region->pages;
}
