// SPDX-License-Identifier: MIT
// The log server: it keeps lines of the kernel's log, and reads them out. Denials are kept once more by themselves, so
// that no other lines push them out.
#include "pipe.h"
#include "process.h"
#include "protocol/log.h"
#include "serve.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

#define LINES_MAX 2048u
#define BOOT_LINES 128u // are kept for ever; a boot prints about 40
#define DENIALS_MAX 512u
#define KEY_SERVICE 1u
#define KEY_LOG 2u

static struct line lines[LINES_MAX], denials[DENIALS_MAX];
static struct store all = {.lines = lines, .limit = LINES_MAX, .forever = BOOT_LINES};
static struct store denied = {.lines = denials, .limit = DENIALS_MAX};

_Static_assert(SOURCE_NAME_MAX < LOG_NAME_SIZE && SOURCES_MAX * sizeof(struct log_dropped) <= PAYLOAD_MAX,
               "all sources fit a reply");

static void line_keep(const char *text, size_t length) {
    store_keep(&all, text, length);
    if (line_is_denial(text, length))
        store_keep(&denied, text, length);
}

static long lines_reply(const struct store *store, const struct request *request, void *reply) {
    struct log_request wanted;
    struct log_lines head;
    size_t length;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    head.count =
        store_read(store, wanted.number, (char *)reply + sizeof head, PAYLOAD_MAX - sizeof head, &head.next, &length);
    memcpy(reply, &head, sizeof head);
    return (long)(sizeof head + length);
}

static long read_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return lines_reply(&all, request, reply);
}

static long denials_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return lines_reply(&denied, request, reply);
}

static long dropped_operation(struct request *request, void *reply, struct attached *attached) {
    size_t length = 0;
    (void)request, (void)attached;
    for (uint32_t number = 0; number < all.source_count; number++) {
        struct log_dropped dropped = {.lines = all.sources[number].dropped};
        if (!dropped.lines)
            continue;
        strcpy(dropped.name, all.sources[number].name);
        memcpy((char *)reply + length, &dropped, sizeof dropped);
        length += sizeof dropped;
    }
    return (long)length;
}

static void other(const struct request *message) {
    char lost[48];
    if (message->head.lost) {
        int length = snprintf(lost, sizeof lost, "(%lu lines were lost here)", (unsigned long)message->head.lost);
        line_keep(lost, (size_t)length);
    }
    if (message->head.type == MESSAGE_DATA)
        line_keep((const char *)message->payload, message->head.length);
}

static serve_function *const operations[] = {
    [LOG_READ] = read_operation, [LOG_DENIALS] = denials_operation, [LOG_DROPPED] = dropped_operation};

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = LOG_OPERATIONS}};
    long log = pipe_open("/kernel/log", RIGHT_READ);
    long service = pipe_create(LOG_PIPE, FLOW_CALL, RULES_SERVICE, 0, 0);
    if (log < 0 || service < 0 || pipe_hook(log, KEY_LOG, 0) < 0 || pipe_hook(service, KEY_SERVICE, 0) < 0)
        return 1;
    process_ready();
    serve(services, 1, other);
}
