// SPDX-License-Identifier: MIT
#include "memory.h"

#include "frames.h"
#include "linux_abi.h"
#include "page.h"
#include "pipe.h"

#include <stdlib.h>
#include <string.h>

#define FAULT_AROUND 16u // pages that one fault maps, if their frames are there

static uint64_t smaller(uint64_t one, uint64_t other) {
    return one < other ? one : other;
}

static uint64_t larger(uint64_t one, uint64_t other) {
    return one > other ? one : other;
}

static uint64_t area_pages(const struct area *area) {
    return (area->end - area->start) / PAGE_SIZE;
}

// ---- What the process has mapped ----

static void pages_unmap(const struct memory *memory, uint64_t start, uint64_t end) {
    while (start < end) {
        uint64_t pages = smaller((end - start) / PAGE_SIZE, MAP_PAGES_MAX);
        struct control_range range = {.operation = CONTROL_UNMAP, .address = start, .pages = pages};
        pipe_call(memory->control, &range, sizeof range, NULL, 0, DEADLINE_NONE);
        start += pages * PAGE_SIZE;
    }
}

static long frames_map(const struct memory *memory, uint32_t first, uint64_t address, uint64_t pages, uint32_t flags) {
    uint64_t page;
    struct attached attached = {.handles = {(uint32_t)frame_region(first, &page)}, .handle_count = 1};
    struct control_map map = {
        .operation = CONTROL_MAP, .flags = flags, .offset = page * PAGE_SIZE, .address = address, .pages = pages};
    return pipe_call_attached(memory->control, &map, sizeof map, &attached, NULL, 0, DEADLINE_NONE);
}

// ---- Areas ----

static struct area *area_find(const struct memory *memory, uint64_t address) {
    struct area *area = memory->areas;
    while (area && area->end <= address)
        area = area->next;
    return area && area->start <= address ? area : NULL;
}

static struct area *area_make(uint64_t start, uint64_t end, uint32_t protection) {
    struct area *area = malloc(sizeof *area);
    uint32_t *frames = calloc((end - start) / PAGE_SIZE, sizeof *frames);
    if (area && frames) {
        *area = (struct area){.start = start, .end = end, .protection = protection, .frames = frames};
        return area;
    }
    free(area);
    free(frames);
    return NULL;
}

static void area_free(struct area *area) {
    for (uint64_t page = 0; page < area_pages(area); page++)
        if (area->frames[page])
            frame_release(area->frames[page]);
    free(area->frames);
    free(area);
}

bool memory_is_free(const struct memory *memory, uint64_t start, uint64_t end) {
    for (const struct area *area = memory->areas; area; area = area->next)
        if (area->start < end && area->end > start)
            return false;
    return true;
}

static bool is_in_bounds(uint64_t start, uint64_t end) {
    return start >= USER_BASE && start < end && end <= ADDRESS_END && !((start | end) & PAGE_MASK);
}

static void area_insert(struct memory *memory, struct area *area) {
    struct area **link = &memory->areas;
    while (*link && (*link)->start < area->start)
        link = &(*link)->next;
    area->next = *link;
    *link = area;
}

// An area that ends where the new one begins, and has its protection, grows instead.
static bool area_grow(struct memory *memory, uint64_t start, uint64_t end, uint32_t protection) {
    struct area *area = start > USER_BASE ? area_find(memory, start - 1) : NULL;
    if (!area || area->end != start || area->protection != protection)
        return false;
    uint64_t before = area_pages(area), after = (end - area->start) / PAGE_SIZE;
    uint32_t *frames = realloc(area->frames, after * sizeof *frames);
    if (!frames)
        return false;
    memset(frames + before, 0, (after - before) * sizeof *frames);
    area->frames = frames;
    area->end = end;
    return true;
}

long memory_add(struct memory *memory, uint64_t start, uint64_t end, uint32_t protection) {
    if (!is_in_bounds(start, end) || !memory_is_free(memory, start, end))
        return -LINUX_ENOMEM;
    if (area_grow(memory, start, end, protection))
        return 0;
    struct area *area = area_make(start, end, protection);
    if (!area)
        return -LINUX_ENOMEM;
    area_insert(memory, area);
    return 0;
}

// Splits the area that holds this address within, so that one begins there.
static bool area_split(struct memory *memory, uint64_t address) {
    struct area *area = area_find(memory, address);
    if (!area || area->start == address)
        return true;
    struct area *upper = area_make(address, area->end, area->protection);
    if (!upper)
        return false;
    memcpy(upper->frames, area->frames + (address - area->start) / PAGE_SIZE,
           area_pages(upper) * sizeof *upper->frames);
    area->end = address;
    upper->next = area->next;
    area->next = upper;
    return true;
}

static bool areas_split(struct memory *memory, uint64_t start, uint64_t end) {
    return area_split(memory, start) && area_split(memory, end);
}

long memory_remove(struct memory *memory, uint64_t start, uint64_t end) {
    if (!is_in_bounds(start, end))
        return -LINUX_EINVAL;
    if (!areas_split(memory, start, end))
        return -LINUX_ENOMEM;
    for (struct area **link = &memory->areas; *link && (*link)->start < end;) {
        struct area *area = *link;
        if (area->end <= start) {
            link = &area->next;
            continue;
        }
        *link = area->next;
        pages_unmap(memory, area->start, area->end);
        area_free(area);
    }
    return 0;
}

// The pages are mapped again, with their new rights, when they are touched.
long memory_protect(struct memory *memory, uint64_t start, uint64_t end, uint32_t protection) {
    if (!is_in_bounds(start, end))
        return -LINUX_ENOMEM;
    for (uint64_t address = start; address < end;) {
        const struct area *area = area_find(memory, address);
        if (!area)
            return -LINUX_ENOMEM;
        address = area->end;
    }
    if (!areas_split(memory, start, end))
        return -LINUX_ENOMEM;
    for (struct area *area = memory->areas; area && area->start < end; area = area->next)
        if (area->end > start)
            area->protection = protection;
    pages_unmap(memory, start, end);
    return 0;
}

long memory_forget(struct memory *memory, uint64_t start, uint64_t end) {
    if (!is_in_bounds(start, end))
        return -LINUX_EINVAL;
    pages_unmap(memory, start, end);
    for (struct area *area = memory->areas; area; area = area->next) {
        uint64_t last = smaller(area->end, end);
        for (uint64_t address = larger(area->start, start); address < last; address += PAGE_SIZE) {
            uint32_t *frame = &area->frames[(address - area->start) / PAGE_SIZE];
            if (*frame)
                frame_release(*frame);
            *frame = FRAME_NONE;
        }
    }
    return 0;
}

uint64_t memory_find_free(const struct memory *memory, uint64_t length) {
    uint64_t lowest = USER_BASE, found = 0;
    for (const struct area *area = memory->areas;; area = area->next) {
        uint64_t end = area ? smaller(area->start, MMAP_END) : MMAP_END;
        if (end > lowest && end - lowest >= length)
            found = end - length;
        if (!area || area->start >= MMAP_END)
            return found;
        lowest = area->end;
    }
}

long memory_copy(struct memory *to, struct memory *from) {
    to->heap_start = from->heap_start;
    to->heap_end = from->heap_end;
    for (const struct area *area = from->areas; area; area = area->next) {
        struct area *copy = area_make(area->start, area->end, area->protection);
        if (!copy)
            return -LINUX_ENOMEM;
        area_insert(to, copy);
        for (uint64_t page = 0; page < area_pages(area); page++) {
            copy->frames[page] = area->frames[page];
            if (area->frames[page])
                frame_hold(area->frames[page]);
        }
        if (area->protection & LINUX_PROT_WRITE)
            pages_unmap(from, area->start, area->end);
    }
    return 0;
}

void memory_clear(struct memory *memory, bool is_mapped) {
    while (memory->areas) {
        struct area *area = memory->areas;
        memory->areas = area->next;
        if (is_mapped)
            pages_unmap(memory, area->start, area->end);
        area_free(area);
    }
    memory->heap_start = memory->heap_end = 0;
}

// ---- Frames of pages ----

// The page's frame, for writing one that is not shared. The process may have an old mapping: it goes. FRAME_NONE: no
// memory.
static uint32_t page_frame(struct memory *memory, struct area *area, uint64_t address, bool writes) {
    uint32_t *frame = &area->frames[(address - area->start) / PAGE_SIZE];
    if (!*frame)
        *frame = frame_take();
    if (!*frame || !writes || !frame_is_shared(*frame))
        return *frame;
    uint32_t copy = frame_take();
    if (!copy)
        return FRAME_NONE;
    memcpy(frame_bytes(copy), frame_bytes(*frame), PAGE_SIZE);
    pages_unmap(memory, address & ~PAGE_MASK, (address & ~PAGE_MASK) + PAGE_SIZE);
    frame_release(*frame);
    return *frame = copy;
}

// ---- Faults ----

static bool fault_is_allowed(const struct area *area, uint32_t access) {
    uint32_t needed = access & FAULT_ACCESS_WRITE     ? LINUX_PROT_WRITE
                      : access & FAULT_ACCESS_EXECUTE ? LINUX_PROT_EXEC
                                                      : LINUX_PROT_ALL; // any right lets a program read
    return area->protection & needed;
}

// The rights of a page that is touched so. No page is writable and executable at once: one whose area is both changes
// at each fault.
static uint32_t mapping_flags(const struct area *area, uint32_t frame, uint32_t access) {
    if (area->protection & LINUX_PROT_EXEC && !(access & FAULT_ACCESS_WRITE))
        return PROTECT_READ | PROTECT_EXECUTE;
    bool may_write = area->protection & LINUX_PROT_WRITE && !frame_is_shared(frame);
    return PROTECT_READ | (may_write ? PROTECT_WRITE : 0);
}

// How many pages from this one on can be mapped in one request with the same rights.
static uint64_t run_length(const struct area *area, uint64_t address, uint32_t access) {
    const uint32_t *frame = &area->frames[(address - area->start) / PAGE_SIZE];
    uint64_t most = smaller((area->end - address) / PAGE_SIZE, FAULT_AROUND), pages = 1;
    uint32_t flags = mapping_flags(area, *frame, access);
    while (pages < most && frames_are_adjacent(frame[pages - 1], frame[pages]) &&
           mapping_flags(area, frame[pages], access) == flags)
        pages++;
    return pages;
}

bool memory_fault(struct memory *memory, const struct fault_message *fault) {
    uint64_t address = fault->address & ~PAGE_MASK;
    struct area *area = area_find(memory, address);
    if (fault->vector != FAULT_PAGE || !area || !fault_is_allowed(area, fault->access))
        return false;
    uint32_t frame = page_frame(memory, area, address, fault->access & FAULT_ACCESS_WRITE);
    if (!frame)
        return false;
    if (fault->access & FAULT_ACCESS_PRESENT)
        pages_unmap(memory, address, address + PAGE_SIZE);
    uint32_t flags = mapping_flags(area, frame, fault->access);
    uint64_t pages = run_length(area, address, fault->access);
    long result = frames_map(memory, frame, address, pages, flags);
    if (result == -PIPE_EEXIST && pages > 1) // one of the others is mapped already
        result = frames_map(memory, frame, address, 1, flags);
    return result >= 0 || result == -PIPE_EEXIST;
}

// ---- Reaching the memory of a program ----

static bool reach_is_allowed(const struct area *area, enum reach reach) {
    return reach == REACH_FORCE || area->protection & (reach == REACH_WRITE ? LINUX_PROT_WRITE : LINUX_PROT_ALL);
}

size_t memory_reach(struct memory *memory, uint64_t address, size_t length, enum reach reach, uint8_t **bytes) {
    struct area *area = area_find(memory, address);
    if (!area || !reach_is_allowed(area, reach))
        return 0;
    uint32_t frame = page_frame(memory, area, address, reach != REACH_READ);
    if (!frame)
        return 0;
    *bytes = frame_bytes(frame) + (address & PAGE_MASK);
    size_t reached = PAGE_SIZE - (address & PAGE_MASK);
    while (reached < length && address + reached < area->end) {
        uint32_t next = page_frame(memory, area, address + reached, reach != REACH_READ);
        if (next != frame + 1)
            break;
        frame = next;
        reached += PAGE_SIZE;
    }
    return reached < length ? reached : length;
}

bool memory_get(struct memory *memory, uint64_t address, void *to, size_t length) {
    for (size_t done = 0, count; done < length; done += count) {
        uint8_t *bytes;
        count = memory_reach(memory, address + done, length - done, REACH_READ, &bytes);
        if (!count)
            return false;
        memcpy((uint8_t *)to + done, bytes, count);
    }
    return true;
}

bool memory_put(struct memory *memory, uint64_t address, const void *from, size_t length) {
    for (size_t done = 0, count; done < length; done += count) {
        uint8_t *bytes;
        count = memory_reach(memory, address + done, length - done, REACH_WRITE, &bytes);
        if (!count)
            return false;
        memcpy(bytes, (const uint8_t *)from + done, count);
    }
    return true;
}

long memory_get_string(struct memory *memory, uint64_t address, char *to, size_t room) {
    for (size_t done = 0, count; done < room; done += count) {
        uint8_t *bytes;
        count = memory_reach(memory, address + done, PAGE_SIZE - ((address + done) & PAGE_MASK), REACH_READ, &bytes);
        if (!count)
            return -LINUX_EFAULT;
        count = smaller(count, room - done);
        const uint8_t *end = memchr(bytes, 0, count);
        memcpy(to + done, bytes, end ? (size_t)(end - bytes) + 1 : count);
        if (end)
            return (long)(done + (size_t)(end - bytes));
    }
    return -LINUX_ENAMETOOLONG;
}
