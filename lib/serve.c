// SPDX-License-Identifier: MIT
#include "serve.h"

#include <string.h>

bool request_get(const struct request *request, void *to, size_t size) {
    if (request->head.length < size)
        return false;
    memcpy(to, request->payload, size);
    return true;
}

static const struct service *service_of(const struct service *services, unsigned count, uint64_t key) {
    for (unsigned number = 0; number < count; number++)
        if (services[number].key == (uint32_t)key)
            return &services[number];
    return NULL;
}

static long answer(const struct service *service, struct request *request, void *reply, struct attached *attached) {
    uint32_t operation;
    if (!request_get(request, &operation, sizeof operation))
        return -PIPE_EMSGSIZE;
    if (operation >= service->operation_count || !service->operations[operation])
        return -PIPE_EPROTO;
    return service->operations[operation](request, reply, attached);
}

// Handles that came with a request and that no function has kept.
static void handles_close(const struct request *request) {
    for (unsigned index = 0; index < request->head.handle_count; index++)
        if (request->head.handle[index])
            pipe_close(request->head.handle[index]);
}

// What was moved is the caller's now; but if there was no room for it, or no caller any more, it is still here.
static void moved_close(const struct attached *attached) {
    for (unsigned index = 0; index < attached->handle_count; index++)
        if (attached->move_mask >> index & 1)
            pipe_close(attached->handles[index]);
}

// Answers one call. The token that is still to be replied to with what stands in `reply`, or 0.
static uint64_t serve_call(const struct service *service, struct request *request, void *reply, long *length) {
    struct attached attached = {0};
    *length = answer(service, request, reply, &attached);
    handles_close(request);
    if (*length == SERVE_LATER)
        return 0;
    if (*length < 0 || !attached.handle_count)
        return request->head.token;
    if (pipe_reply_attached(request->head.token, reply, *length, &attached) < 0)
        pipe_reply(request->head.token, NULL, -PIPE_EIO);
    moved_close(&attached);
    return 0;
}

_Noreturn void serve(const struct service *services, unsigned count, void (*other)(const struct request *message)) {
    static struct request request;
    static uint8_t reply[PAYLOAD_MAX];
    uint64_t token = 0;
    long length = 0;
    for (;;) {
        long result = pipe_reply_wait(token, reply, length, DEADLINE_NONE);
        token = 0;
        if (result < 0)
            continue;
        memcpy(&request.head, pipe_received(), sizeof request.head);
        memcpy(request.payload, pipe_payload(), (size_t)result);
        const struct service *service = service_of(services, count, request.head.key);
        if (service && request.head.type == MESSAGE_CALL)
            token = serve_call(service, &request, reply, &length);
        else if (service && request.head.type == MESSAGE_CLOSED && service->closed)
            service->closed(request.head.key);
        else {
            if (other)
                other(&request);
            handles_close(&request);
        }
    }
}
