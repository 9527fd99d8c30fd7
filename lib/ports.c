// SPDX-License-Identifier: MIT
#include "ports.h"

#include "pipe.h"

#include <string.h>

long ports_access(struct io_access *accesses, uint32_t count) {
    static long handle;
    struct {
        struct io_request head;
        struct io_access access[IO_ACCESSES_MAX];
    } request;
    if (count > IO_ACCESSES_MAX)
        return -PIPE_EINVAL;
    size_t size = count * sizeof *accesses;
    request.head = (struct io_request){.count = count};
    memcpy(request.access, accesses, size);
    pipe_open_once(&handle, "/kernel/io");
    long result = pipe_call(handle, &request, sizeof request.head + size, accesses, size, DEADLINE_NONE);
    return result < 0 ? result : 0;
}
