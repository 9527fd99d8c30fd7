// SPDX-License-Identifier: MIT
// The processes that this server pages: their limits, and the areas that it fills as they are touched.
#ifndef MEMORY_CLIENTS_H
#define MEMORY_CLIENTS_H

#include "frames.h"

#include <stddef.h>

#define AREAS_MAX 8u

struct area {
    uint64_t start, end;
    uint64_t promised_from; // pages from here to the end are promised, those below come while there are any
    uint32_t protection;
};

struct client {
    long control, fault; // handles
    bool is_used;
    uint16_t use;         // how many had its slot before
    uint32_t pid;         // below PIDS_MAX
    uint64_t limit, used; // pages
    uint64_t committed; // pages of its limit that the kernel does not let it have as regions; used + promised at least
    uint64_t promised;  // pages that it has not touched yet, and will get when it does
    uint64_t faults;
    uint64_t heap_end; // of its heap, in bytes
    struct frame_list frames;
    unsigned area_count;
    struct area areas[AREAS_MAX];
};

// Makes a table of `limit` clients of memory that is zero. Its size in bytes.
size_t clients_size(uint32_t limit);
void clients_initialize(void *memory, uint32_t limit);
// A new client, or NULL if there is no slot.
struct client *client_make(uint32_t pid);
struct client *client_find(uint32_t pid);
struct client *client_at(uint32_t index);
uint16_t client_index(const struct client *client);
// What stands for the client once it may be gone, and the client, or NULL if it is gone.
struct owner client_owner(const struct client *client);
struct client *client_owning(struct owner owner);
void client_forget(struct client *client);
// The area that holds the address, or NULL.
const struct area *client_area(const struct client *client, uint64_t address);

// Whether there are so many more pages for the client: 0, EDQUOT over its limit, ENOMEM if they are promised to others.
long client_check(const struct client *client, uint64_t pages);
// Promises pages: from now on they are neither the pool's nor anyone else's. EDQUOT, ENOMEM.
long client_promise(struct client *client, uint64_t pages);
// One promised page has been given.
void client_redeem(struct client *client);

#endif
