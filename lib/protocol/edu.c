// SPDX-License-Identifier: MIT
#include "protocol/edu.h"

#include "decode.h"

static const struct operation operations[EDU_OPERATIONS] = {
    [EDU_FACTORIAL] = {"EDU_FACTORIAL", FIELDS(FIELD(struct edu_request, number)),
                       FIELDS(FIELD(struct edu_reply, factorial))}};
const struct protocol protocol_edu = {(const char *const[]){EDU_PIPE, NULL}, operations, 0, EDU_OPERATIONS};
