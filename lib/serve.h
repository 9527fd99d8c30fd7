// SPDX-License-Identifier: MIT
// The loop of a server: every operation of a call pipe has a function, which gets the request and writes the reply.
#ifndef LIB_SERVE_H
#define LIB_SERVE_H

#include "pipe.h"

// A request as its function gets it: a copy.
struct request {
    struct message_received head;
    uint8_t payload[PAYLOAD_MAX];
};

// A function that keeps a handle of the request sets it to 0 in `head`; the others are closed. So `head` is not const
// there. What the function returns beside a reply's length or a negated error: the reply comes later, by pipe_reply.
#define SERVE_LATER INT32_MIN

// Writes up to PAYLOAD_MAX bytes of reply; returns their number, a negated error, or SERVE_LATER. To reply with handles
// it fills `attached`.
typedef long serve_function(struct request *request, void *reply, struct attached *attached);

// A service has one pipe, or many: the lower half of their hooks' keys is the service's key, the upper half tells its
// pipes apart.
#define SERVE_KEY(service, pipe) ((uint64_t)(pipe) << 32 | (service))
#define SERVE_PIPE(key) ((uint32_t)((key) >> 32))
struct service {
    uint32_t key;                      // of the hooks of its pipes
    uint32_t operation_count;          // of `operations`
    serve_function *const *operations; // by the number that begins the request; NULL: EPROTO
    void (*closed)(uint64_t key);      // nobody holds the transient pipe of this key any more; NULL: `other` is told
};

// Serves for ever. Messages that are no calls go to `other` (may be NULL), as do calls of keys that no service has.
_Noreturn void serve(const struct service *services, unsigned count, void (*other)(const struct request *message));
// Whether the request is at least as long as the struct; then its bytes are copied.
bool request_get(const struct request *request, void *to, size_t size);

#endif
