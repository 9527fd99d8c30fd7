// SPDX-License-Identifier: MIT
#include "protocol/memory.h"

#include "decode.h"

#define RANGE                                                                                                          \
    FIELDS(FIELD(struct memory_request, pid), FIELD_AS(struct memory_request, address, FORM_HEX),                      \
           FIELD(struct memory_request, amount))
#define PID FIELDS(FIELD(struct memory_request, pid))
#define AMOUNT FIELDS(FIELD(struct memory_request, amount))

static const struct operation operations[MEMORY_OPERATIONS] = {
    [MEMORY_ADOPT] = {"MEMORY_ADOPT", AMOUNT, NULL},
    [MEMORY_LOAD] = {"MEMORY_LOAD", RANGE, NULL},
    [MEMORY_LAZY] = {"MEMORY_LAZY", RANGE, NULL},
    [MEMORY_RELEASE] = {"MEMORY_RELEASE", PID, NULL},
    [MEMORY_GROW] = {"MEMORY_GROW", AMOUNT, FIELDS(FIELD_AS(struct memory_reply, address, FORM_HEX))},
    [MEMORY_ALLOCATE] = {"MEMORY_ALLOCATE", AMOUNT, NULL},
    [MEMORY_STATISTICS] = {"MEMORY_STATISTICS", PID,
                           FIELDS(FIELD(struct memory_stats, used_pages), FIELD(struct memory_stats, limit))}};
const struct protocol protocol_memory = {(const char *const[]){MEMORY_PIPE, NULL}, operations, 0, MEMORY_OPERATIONS};
