// SPDX-License-Identifier: MIT
// getentropy, on which newlib's arc4random stands. It gives what is good for keys, or nothing.
#include "pipe.h"
#include "protocol/random.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

// The bytes of one request, or a negated error; ENOSYS where the processor has no generator.
static long entropy_ask(void *bytes, uint32_t length) {
    static long handle;
    struct random_request request = {RANDOM_FILL, length};
    struct {
        struct random_head head;
        uint8_t bytes[RANDOM_LENGTH_MAX];
    } reply = {0};
    pipe_open_once(&handle, RANDOM_PIPE);
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    if (result < 0)
        return result;
    if (reply.head.source != RANDOM_PROCESSOR)
        return -PIPE_ENOSYS;
    memcpy(bytes, reply.bytes, length);
    return 0;
}

int getentropy(void *bytes, size_t length) {
    long result = 0;
    if (length > RANDOM_LENGTH_MAX)
        result = -PIPE_EIO; // so POSIX wants it
    else if (length)
        result = entropy_ask(bytes, (uint32_t)length);
    if (result < 0)
        errno = (int)-result;
    return result < 0 ? -1 : 0;
}
