// SPDX-License-Identifier: MIT
#include "protocol/log.h"

#include "decode.h"

static const struct operation operations[LOG_OPERATIONS] = {
    [LOG_READ] = {"LOG_READ", FIELDS(FIELD(struct log_request, number)),
                  FIELDS(FIELD(struct log_lines, first), FIELD(struct log_lines, count))}};
const struct protocol protocol_log = {(const char *const[]){LOG_PIPE, NULL}, operations, 0, LOG_OPERATIONS};
