// SPDX-License-Identifier: MIT
// /kernel/memory: regions. The pool's owner splits regions from it. A process whose claims cover a range of physical
// addresses gets the range as a device's region, if the range has no RAM.
#include "kernel.h"

#include "denial.h"

#define DEVICE_PAGES_MAX 65536u

static struct region *region_at(const struct request *request, long *error) {
    const struct handle_entry *entry = request_handle(request, 0, HANDLE_REGION, error);
    return entry ? entry->object : NULL;
}

// Only its owner may change a region.
static struct region *own_region(const struct request *request, long *error) {
    struct region *region = region_at(request, error);
    if (!region || region->owner == request->waiter->principal)
        return region;
    *error = -PIPE_EPERM;
    return NULL;
}

// Gives the caller a handle to a new region.
static long region_give(const struct request *request, struct region *region) {
    struct attachment attachment = {.object = region, .type = HANDLE_REGION};
    request_reply(request, NULL, 0);
    request_give(request, &attachment);
    return 0;
}

static long split(const struct request *request) {
    const struct memory_range *range = request->asked;
    long error = 0;
    struct region *parent = own_region(request, &error);
    if (!parent)
        return error;
    if (range->offset & PAGE_MASK)
        return -PIPE_EINVAL;
    struct principal *principal = request->waiter->principal;
    error = handle_reserve(principal, 1);
    if (error)
        return error;
    struct region *child = region_split(parent, principal, range->offset >> PAGE_SHIFT, range->pages, &error);
    return child ? region_give(request, child) : error;
}

static long share(const struct request *request) {
    long error = 0;
    struct region *region = own_region(request, &error);
    if (!region)
        return error;
    if (region->flags & REGION_DMA)
        return -PIPE_EINVAL;
    region->flags |= REGION_SHARED;
    region->owner = NULL;
    return 0;
}

static long physical(const struct request *request) {
    const struct memory_range *range = request->asked;
    long error = 0;
    uint64_t end = machine_physical_end();
    if (range->offset & PAGE_MASK || range->pages == 0 || range->pages > DEVICE_PAGES_MAX || range->offset >= end ||
        range->pages > (end - range->offset) / PAGE_SIZE)
        return -PIPE_EINVAL;
    struct principal *principal = request->waiter->principal;
    uint64_t last = range->offset + range->pages * PAGE_SIZE - 1;
    bool is_memory = machine_is_memory(range->offset, last);
    if (is_memory || !claims_cover_range(principal, CLAIM_PHYSICAL, range->offset, last)) {
        pipens_denied(principal, NULL, -PIPE_EPERM);
        if (!is_memory) // which no claim covers
            denial_log_range(process_of(principal), "physical", range->offset, last);
        return -PIPE_EPERM;
    }
    error = handle_reserve(principal, 1);
    if (error)
        return error;
    struct region *region = region_make(principal, range->offset, range->pages, REGION_DEVICE, &error);
    return region ? region_give(request, region) : error;
}

static long info(const struct request *request) {
    long error = 0;
    const struct region *region = region_at(request, &error);
    if (!region)
        return error;
    const struct principal *principal = request->waiter->principal;
    uint64_t last = region->physical + region->pages * PAGE_SIZE - 1;
    bool may_know = region->flags & REGION_DMA ? region->owner == principal
                                               : claims_cover_range(principal, CLAIM_PHYSICAL, region->physical, last);
    struct memory_info info = {.flags = region->flags,
                               .owner = region->owner ? region->owner->pid : 0,
                               .pages = region->pages,
                               .physical = may_know ? region->physical : 0};
    return request_reply(request, &info, sizeof info);
}

static long returned(const struct request *request) {
    long error = 0;
    struct region *region = own_region(request, &error);
    if (!region)
        return error;
    struct memory_range range = {.operation = MEMORY_RETURNED};
    uint64_t page = 0;
    if (region_take_returned(region, &page, &range.pages))
        range.offset = page << PAGE_SHIFT;
    return request_reply(request, &range, sizeof range);
}

static long dma(const struct request *request) {
    long error = 0;
    struct region *region = own_region(request, &error);
    if (!region)
        return error;
    error = dma_add_region(process_of(request->waiter->principal), region);
    return error ? error : info(request);
}

static long device(const struct request *request) {
    const struct memory_device *wanted = request->asked;
    struct principal *principal = request->waiter->principal;
    struct claim_range ports = machine_device_ports();
    if (!claims_cover_range(principal, CLAIM_PORTS, ports.first, ports.last)) {
        pipens_denied(principal, NULL, -PIPE_EPERM);
        denial_log_range(process_of(principal), "ports", ports.first, ports.last);
        return -PIPE_EPERM;
    }
    struct process *process = process_find(wanted->pid);
    if (!process || process->principal.generation != wanted->generation || process_is_ending(process))
        return -PIPE_ESRCH;
    return dma_add_device(process, wanted->device);
}

static const struct operation operations[] = {[MEMORY_SPLIT] = {split, sizeof(struct memory_range)},
                                              [MEMORY_SHARE] = {share, 0},
                                              [MEMORY_PHYSICAL] = {physical, sizeof(struct memory_range)},
                                              [MEMORY_INFO] = {info, 0},
                                              [MEMORY_RETURNED] = {returned, 0},
                                              [MEMORY_DMA] = {dma, 0},
                                              [MEMORY_DEVICE] = {device, sizeof(struct memory_device)}};
struct service memory_service = {operations, sizeof operations / sizeof *operations};
