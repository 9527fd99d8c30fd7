// SPDX-License-Identifier: MIT
// The log server: it keeps the lines of the kernel's log, the oldest going first, and reads them out.
#include "pipe.h"
#include "process.h"
#include "protocol/log.h"
#include "serve.h"

#include <string.h>

#define LINES_MAX 2048u
#define LINE_MAX 192u
#define KEY_SERVICE 1u
#define KEY_LOG 2u

struct line {
    uint8_t length;
    char text[LINE_MAX];
};

// Line n stands at slot n % LINES_MAX.
static struct line lines[LINES_MAX];
static uint32_t line_count;

static void line_keep(const char *text, size_t length) {
    struct line *line = &lines[line_count++ % LINES_MAX];
    line->length = (uint8_t)(length < LINE_MAX ? length : LINE_MAX);
    memcpy(line->text, text, line->length);
}

static long log_read(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct log_request wanted;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    uint32_t oldest = line_count > LINES_MAX ? line_count - LINES_MAX : 0;
    struct log_lines head = {.first = wanted.number > oldest ? wanted.number : oldest};
    size_t length = sizeof head;
    char *cursor = reply;
    for (uint32_t number = head.first; number < line_count; number++) {
        const struct line *line = &lines[number % LINES_MAX];
        if (length + line->length + 1 > PAYLOAD_MAX)
            break;
        memcpy(cursor + length, line->text, line->length);
        length += line->length;
        cursor[length++] = '\n';
        head.count++;
    }
    memcpy(reply, &head, sizeof head);
    return (long)length;
}

static void other(const struct request *message) {
    static const char lost[] = "(lines were lost here)";
    if (message->head.lost)
        line_keep(lost, sizeof lost - 1);
    if (message->head.type == MESSAGE_DATA)
        line_keep((const char *)message->payload, message->head.length);
}

static serve_function *const operations[] = {[LOG_READ] = log_read};

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
