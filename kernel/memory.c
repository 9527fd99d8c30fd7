// SPDX-License-Identifier: MIT
// The reserve's pages, and slabs: a slab is a page of objects of one size, with its head at the page's start.
//
// 1. A slab is in its size's list if and only if it has a free object. A slab without objects in use is freed.
// 2. An object above the largest size class has a page of its own.
#include "memory.h"

#include "host.h"
#include "kernel.h"

struct slab {
    struct list of_class;
    void *free; // each free object holds the address of the next
    uint16_t used, size_class;
    uint32_t unused;
};

#define SLAB_HEAD 32u
_Static_assert(sizeof(struct slab) == SLAB_HEAD, "objects stay aligned to 16");

// Multiples of 16 that waste little of a page.
static const uint16_t class_sizes[SIZE_CLASSES] = {32, 48, 64, 96, 128, 192, 256, 336, 448, 576, 800, 1344, 2032};
#define OBJECT_MAX 2032u

static unsigned size_class(size_t size) {
    unsigned number = 0;
    while (class_sizes[number] < size)
        number++;
    return number;
}

void reserve_initialize(struct reserve *reserve, uint64_t physical, uint64_t pages) {
    for (unsigned number = 0; number < SIZE_CLASSES; number++)
        list_initialize(&reserve->slabs[number]);
    reserve->pages = pages;
    reserve->free_count = pages;
    for (uint64_t page = pages; page > 0; page--) {
        void **link = physical_pointer(physical + (page - 1) * PAGE_SIZE);
        *link = reserve->free_pages;
        reserve->free_pages = link;
    }
}

void *page_allocate(void) {
    void **page = kernel.reserve.free_pages;
    if (!page)
        return NULL;
    kernel.reserve.free_pages = *page;
    kernel.reserve.free_count--;
    return page;
}

void page_free(void *page) {
    *(void **)page = kernel.reserve.free_pages;
    kernel.reserve.free_pages = page;
    kernel.reserve.free_count++;
}

static struct slab *slab_make(unsigned number) {
    struct slab *slab = page_allocate();
    if (!slab)
        return NULL;
    uint32_t size = class_sizes[number];
    slab->free = NULL;
    slab->used = 0;
    slab->size_class = (uint16_t)number;
    for (uint32_t offset = SLAB_HEAD; offset + size <= PAGE_SIZE; offset += size) {
        void **object = (void **)(void *)((char *)slab + offset);
        *object = slab->free;
        slab->free = object;
    }
    list_append(&kernel.reserve.slabs[number], &slab->of_class);
    return slab;
}

void *host_allocate(size_t size) {
    if (size > OBJECT_MAX)
        return page_allocate();
    unsigned number = size_class(size);
    struct list *slabs = &kernel.reserve.slabs[number];
    struct slab *slab = list_is_empty(slabs) ? slab_make(number) : list_object(slabs->next, struct slab, of_class);
    if (!slab)
        return NULL;
    void **object = slab->free;
    slab->free = *object; // NOLINT(clang-analyzer-core.NullDereference): a slab of the list has a free object
    slab->used++;
    if (!slab->free)
        list_remove(&slab->of_class);
    return object;
}

void host_free(void *memory, size_t size) {
    if (size > OBJECT_MAX) {
        page_free(memory);
        return;
    }
    struct slab *slab = (struct slab *)((uint64_t)memory & ~PAGE_MASK);
    if (!slab->free)
        list_append(&kernel.reserve.slabs[slab->size_class], &slab->of_class);
    *(void **)memory = slab->free;
    slab->free = memory;
    slab->used--;
    if (slab->used)
        return;
    list_remove(&slab->of_class);
    page_free(slab);
}
