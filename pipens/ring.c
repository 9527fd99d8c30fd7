// SPDX-License-Identifier: MIT
// Rings of messages. Slots have a power of two of bytes, so that they fill pages without a rest; the last page is only
// as long as its slots.
//
//   ring_make --> empty -- head++ (ring_put, hook_record) --> holds some
//   holds some -- tail++ (queue_take, record_take; topic_put, hook_record of a full one) --> holds some or none
//   any -- ring_destroy --> freed
//
// 1. tail <= head <= tail + capacity.
// 2. Slot n is at index n % capacity, for tail <= n <= head while the ring is not full.
#include "ring.h"

#include "host.h"

#define RING_PAGE_SHIFT 12u
#define SLOT_SHIFT_MIN 6u
#define SLOT_SHIFT_MAX RING_PAGE_SHIFT

// Room for the payload and, as long as a page holds them, for all attachments.
static uint32_t slot_shift_for(uint32_t payload_max) {
    uint32_t attachments = MESSAGE_HANDLES_MAX * (uint32_t)sizeof(struct attachment);
    uint32_t wanted = (uint32_t)sizeof(struct slot) + payload_max + attachments;
    uint32_t shift = SLOT_SHIFT_MIN;
    while (shift < SLOT_SHIFT_MAX && (1u << shift) < wanted)
        shift++;
    return shift;
}

static uint32_t ring_page_count(const struct ring *ring) {
    uint32_t slots_per_page_shift = RING_PAGE_SHIFT - ring->slot_shift;
    return (ring->capacity + (1u << slots_per_page_shift) - 1) >> slots_per_page_shift;
}

// Bytes of the page at `index`: all but the last are whole.
static size_t ring_page_size(const struct ring *ring, uint32_t index) {
    uint32_t slots_per_page_shift = RING_PAGE_SHIFT - ring->slot_shift;
    uint32_t first = index << slots_per_page_shift;
    uint32_t slots = ring->capacity - first;
    if (slots > 1u << slots_per_page_shift)
        slots = 1u << slots_per_page_shift;
    return (size_t)slots << ring->slot_shift;
}

// Frees the first `count` pages and the array that points to them.
static void free_pages(struct ring *ring, struct account *account, uint32_t count) {
    uint32_t all = ring_page_count(ring);
    for (uint32_t index = 0; index < count; index++)
        account_free(account, ring->pages[index], ring_page_size(ring, index));
    account_free(account, ring->pages, all * sizeof *ring->pages);
}

long ring_make(struct ring *ring, struct account *account, uint32_t capacity, uint32_t payload_max) {
    ring->capacity = capacity;
    ring->slot_shift = slot_shift_for(payload_max);
    ring->head = 0;
    ring->tail = 0;
    uint32_t count = ring_page_count(ring);
    if (count > RING_PAGES_MAX)
        return -PIPE_EINVAL;
    long error = 0;
    ring->pages = account_allocate(account, count * sizeof *ring->pages, &error);
    if (!ring->pages)
        return error;
    for (uint32_t index = 0; index < count; index++) {
        ring->pages[index] = account_allocate(account, ring_page_size(ring, index), &error);
        if (!ring->pages[index]) {
            free_pages(ring, account, index);
            return error;
        }
    }
    return 0;
}

void ring_destroy(struct ring *ring, struct account *account) {
    free_pages(ring, account, ring_page_count(ring));
}

uint32_t ring_payload_max(const struct ring *ring, uint32_t attachments) {
    uint32_t attached = attachments * (uint32_t)sizeof(struct attachment);
    uint32_t room = (1u << ring->slot_shift) - (uint32_t)sizeof(struct slot) - attached;
    return room < PAYLOAD_MAX ? room : PAYLOAD_MAX;
}

struct slot *ring_slot(const struct ring *ring, uint64_t sequence) {
    uint32_t index = (uint32_t)(sequence % ring->capacity);
    uint32_t slots_per_page_shift = RING_PAGE_SHIFT - ring->slot_shift;
    uint8_t *page = ring->pages[index >> slots_per_page_shift];
    uint32_t in_page = index & ((1u << slots_per_page_shift) - 1);
    return (struct slot *)(void *)(page + ((size_t)in_page << ring->slot_shift));
}
