// SPDX-License-Identifier: MIT
#include "region.h"

#include "page.h"
#include "pipe.h"
#include "protocol/memory.h"

static long kernel_memory(void) {
    static long handle;
    return pipe_open_once(&handle, "/kernel/memory");
}

// The handle that came with a reply, or its error.
static long handle_received(long result) {
    if (result < 0)
        return result;
    return pipe_received()->handle_count ? (long)pipe_received()->handle[0] : -PIPE_EPROTO;
}

// Asks about a region (0: none).
static long kernel_ask(enum memory_operation operation, long region, uint64_t offset, uint64_t pages, void *reply,
                       size_t reply_max) {
    struct memory_range request = {.operation = operation, .offset = offset, .pages = pages};
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = region != 0};
    return pipe_call_attached(kernel_memory(), &request, sizeof request, &attached, reply, reply_max, DEADLINE_NONE);
}

long region_allocate(uint64_t pages) {
    static long handle;
    pipe_open_once(&handle, MEMORY_PIPE);
    struct memory_request request = {.operation = MEMORY_ALLOCATE, .amount = pages};
    return handle_received(pipe_call(handle, &request, sizeof request, NULL, 0, DEADLINE_NONE));
}

long region_physical(uint64_t address, uint64_t pages) {
    return handle_received(kernel_ask(MEMORY_PHYSICAL, 0, address, pages, NULL, 0));
}

long region_split(long region, uint64_t page_offset, uint64_t pages) {
    return handle_received(kernel_ask(MEMORY_SPLIT, region, page_offset * PAGE_SIZE, pages, NULL, 0));
}

long region_share(long region) {
    return kernel_ask(MEMORY_SHARE, region, 0, 0, NULL, 0);
}

long region_info(long region, struct memory_info *info) {
    return kernel_ask(MEMORY_INFO, region, 0, 0, info, sizeof *info);
}

long region_dma(long region, struct memory_info *info) {
    return kernel_ask(MEMORY_DMA, region, 0, 0, info, sizeof *info);
}

long region_device(uint32_t device, uint32_t pid, uint32_t generation) {
    struct memory_device request = {.operation = MEMORY_DEVICE, .device = device, .pid = pid, .generation = generation};
    return pipe_call(kernel_memory(), &request, sizeof request, NULL, 0, DEADLINE_NONE);
}
