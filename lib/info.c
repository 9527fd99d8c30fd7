// SPDX-License-Identifier: MIT
#include "info.h"

#include "pipe.h"

#include <string.h>

static long ask(const struct info_request *request, void *reply, size_t size) {
    static long handle;
    memset(reply, 0, size);
    long result = pipe_open_once(&handle, "/kernel/info");
    if (result >= 0)
        result = pipe_call(handle, request, sizeof *request, reply, size, DEADLINE_NONE);
    return result < 0 ? result : 0;
}

long info_ask(enum info_operation operation, uint32_t number, void *reply, size_t size) {
    return ask(&(struct info_request){.operation = operation, .number = number}, reply, size);
}

long info_ask_thread(uint32_t pid, uint32_t index, struct info_thread *thread) {
    return ask(&(struct info_request){INFO_THREAD, pid, index}, thread, sizeof *thread);
}

long info_ask_handles(uint32_t pid, uint32_t cursor, struct info_handles *handles) {
    return ask(&(struct info_request){INFO_HANDLES, pid, cursor}, handles, sizeof *handles);
}
