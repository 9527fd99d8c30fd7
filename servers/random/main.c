// SPDX-License-Identifier: MIT
// The server of random bytes.
#include "error.h"
#include "process.h"
#include "report.h"
#include "serve.h"
#include "source.h"

#include <string.h>

#define KEY_SERVICE 1u

static long fill_operation(struct request *request, void *reply, struct attached *attached) {
    struct random_request wanted;
    (void)attached;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    if (wanted.length < 1 || wanted.length > RANDOM_LENGTH_MAX)
        return -PIPE_ERANGE;
    struct random_head head = {source_fill((uint8_t *)reply + sizeof head, wanted.length)};
    memcpy(reply, &head, sizeof head);
    return (long)(sizeof head + wanted.length);
}

static serve_function *const operations[] = {[RANDOM_FILL] = fill_operation};

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = RANDOM_OPERATIONS}};
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    long service = pipe_create(RANDOM_PIPE, FLOW_CALL, rules, 0, 0);
    long result = pipe_hook(service, KEY_SERVICE, 0);
    if (result < 0) {
        report("%s: %s (%s)", RANDOM_PIPE, error_sentence(result), error_name(result));
        return 1;
    }
    process_ready();
    serve(services, 1, NULL);
}
