// SPDX-License-Identifier: MIT
#include "service.h"

#include "host.h"
#include "kernel.h"

long request_reply(const struct request *request, const void *reply, size_t size) {
    struct message *page = request->waiter->page;
    page->received = (struct message_received){.length = (uint32_t)size, .type = MESSAGE_DATA, .kind = KIND_SERVER};
    host_copy(page->payload, reply, size);
    return (long)size;
}

struct handle_entry *request_handle(const struct request *request, uint32_t index, unsigned type, long *error) {
    struct handle_table *table = &request->waiter->principal->handles;
    if (index >= (request->flags & ATTACH_HANDLES_MASK)) {
        *error = -PIPE_EINVAL;
        return NULL;
    }
    uint32_t handle = request->waiter->page->sent.handle[index];
    struct handle_entry *entry = handle_find(table, handle);
    if (entry && entry->type == type)
        return entry;
    *error = handle_error(table, handle);
    return NULL;
}

void request_give(const struct request *request, const struct attachment *attachment) {
    struct message_received *head = &request->waiter->page->received;
    head->handle[0] = handle_install(request->waiter->principal, attachment);
    head->handle_count = 1;
}

long host_answer(struct node *node, struct waiter *waiter, uint32_t length, uint32_t flags) {
    struct service *service = node->host_data;
    uint64_t asked[REQUEST_WORDS];
    struct request request = {service, waiter, asked, length, flags, waiter->page->payload};
    if ((flags & ATTACH_HANDLES_MASK) > MESSAGE_HANDLES_MAX || flags & ATTACH_LEASES_MASK)
        return -PIPE_EINVAL;
    if (length < sizeof(uint32_t))
        return -PIPE_EMSGSIZE;
    // Once, in words and of one size (the page reaches as far): the operation and its struct are of one reading.
    machine_copy(asked, request.payload, sizeof asked);
    uint32_t number = (uint32_t)asked[0];
    if (number >= service->operation_count)
        return -PIPE_EPROTO;
    const struct operation *operation = &service->operations[number];
    if (length < operation->size)
        return -PIPE_EMSGSIZE;
    return operation->answer(&request);
}
