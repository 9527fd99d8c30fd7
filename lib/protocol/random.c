// SPDX-License-Identifier: MIT
#include "protocol/random.h"

#include "decode.h"

static const struct operation operations[RANDOM_OPERATIONS] = {
    [RANDOM_FILL] = {"RANDOM_FILL", FIELDS(FIELD(struct random_request, length)),
                     FIELDS(FIELD(struct random_head, source))}};
const struct protocol protocol_random = {(const char *const[]){RANDOM_PIPE, NULL}, operations, 0, RANDOM_OPERATIONS};
