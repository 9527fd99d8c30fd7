// SPDX-License-Identifier: MIT
#include "protocol/log.h"

#include "decode.h"

#define ASKED FIELDS(FIELD(struct log_request, number))
#define ANSWERED FIELDS(FIELD(struct log_lines, next), FIELD(struct log_lines, count))

static const struct operation operations[LOG_OPERATIONS] = {[LOG_READ] = {"LOG_READ", ASKED, ANSWERED},
                                                            [LOG_DENIALS] = {"LOG_DENIALS", ASKED, ANSWERED},
                                                            [LOG_DROPPED] = {"LOG_DROPPED", NULL, NULL}};
const struct protocol protocol_log = {(const char *const[]){LOG_PIPE, NULL}, operations, 0, LOG_OPERATIONS};
