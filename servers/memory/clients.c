// SPDX-License-Identifier: MIT
#include "clients.h"

#include "abi.h"
#include "slots.h"
#include "protocol/memory.h"

static struct slots clients = {.size = sizeof(struct client)};
static uint16_t by_pid[PIDS_MAX]; // the slot of the client that had it last
static uint64_t promised;         // pages, to all clients

_Static_assert(PIDS_MAX <= UINT16_MAX, "a slot has 16 bits");

size_t clients_size(uint32_t limit) {
    return limit * clients.size;
}

void clients_initialize(void *memory, uint32_t limit) {
    clients.table = memory;
    clients.limit = limit;
}

struct client *client_make(uint32_t pid) {
    struct client *client = slot_take(&clients);
    if (!client)
        return NULL;
    uint16_t use = (uint16_t)(client->use + 1);
    *client = (struct client){.is_used = true, .use = use, .pid = pid, .heap_end = HEAP_BASE, .frames = {NO_FRAME}};
    by_pid[pid] = client_index(client);
    return client;
}

struct client *client_at(uint32_t index) {
    struct client *client = index < clients.used ? slot_at(&clients, index) : NULL;
    return client && client->is_used ? client : NULL;
}

struct client *client_find(uint32_t pid) {
    struct client *client = pid < PIDS_MAX ? client_at(by_pid[pid]) : NULL;
    return client && client->pid == pid ? client : NULL;
}

uint16_t client_index(const struct client *client) {
    return (uint16_t)slot_number(&clients, client);
}

struct owner client_owner(const struct client *client) {
    return (struct owner){client_index(client), client->use};
}

struct client *client_owning(struct owner owner) {
    struct client *client = client_at(owner.client);
    return client && client->use == owner.use ? client : NULL;
}

void client_forget(struct client *client) {
    promised -= client->promised;
    client->is_used = false;
    slot_give(&clients, client);
}

const struct area *client_area(const struct client *client, uint64_t address) {
    for (unsigned number = 0; number < client->area_count; number++)
        if (address >= client->areas[number].start && address < client->areas[number].end)
            return &client->areas[number];
    return NULL;
}

long client_check(const struct client *client, uint64_t pages) {
    if (client->used + client->promised + pages > client->limit)
        return -PIPE_EDQUOT;
    return promised + pages > frames_free() ? -PIPE_ENOMEM : 0;
}

long client_promise(struct client *client, uint64_t pages) {
    long error = client_check(client, pages);
    if (error)
        return error;
    client->promised += pages;
    promised += pages;
    return 0;
}

void client_redeem(struct client *client) {
    client->promised--;
    promised--;
}
