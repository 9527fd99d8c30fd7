// SPDX-License-Identifier: MIT
// The processes that this server pages: their limits, and the areas that it fills as they are touched.
#ifndef MEMORY_CLIENTS_H
#define MEMORY_CLIENTS_H

#include "frames.h"

#define CLIENTS_MAX 1100u
#define AREAS_MAX 8u

struct area {
    uint64_t start, end;
    uint32_t protection;
};

struct client {
    bool is_used;
    uint32_t pid;
    long control, fault;  // handles
    uint64_t limit, used; // pages
    uint64_t faults;
    uint64_t heap_end; // of its heap, in bytes
    struct frame_list frames;
    unsigned area_count;
    struct area areas[AREAS_MAX];
};

// A new client, or NULL if there is no place.
struct client *client_make(uint32_t pid);
struct client *client_find(uint32_t pid);
struct client *client_at(uint32_t index);
uint16_t client_index(const struct client *client);
void client_forget(struct client *client);
// The area that holds the address, or NULL.
const struct area *client_area(const struct client *client, uint64_t address);

#endif
