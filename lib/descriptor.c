// SPDX-License-Identifier: MIT
#include "descriptor.h"

#include "device.h"
#include "file.h"
#include "pipe.h"
#include "protocol/start.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#define STANDARD_STREAMS 3

static struct opened table[DESCRIPTORS_MAX];
static struct opened *descriptors[DESCRIPTORS_MAX];
static bool is_begun;

// ---- The table ----

long descriptor_free(int least) {
    while (least < DESCRIPTORS_MAX && opened_of(least))
        least++;
    return least < DESCRIPTORS_MAX ? least : -PIPE_EMFILE;
}

// There are as many slots as descriptors.
static struct opened *slot_take(void) {
    struct opened *opened = table;
    while (opened->references)
        opened++;
    return opened;
}

long descriptor_share(int descriptor, struct opened *opened) {
    opened->references++;
    descriptors[descriptor] = opened;
    return descriptor;
}

long descriptor_new(int least, long handle, enum opened_kind kind, int flags) {
    long descriptor = descriptor_free(least);
    if (descriptor < 0)
        return descriptor;
    struct opened *opened = slot_take();
    *opened = (struct opened){.handle = handle, .kind = kind, .flags = flags};
    if (kind == OPENED_QUEUE || kind == OPENED_TOPIC) {
        long message_max = queue_message_max(handle);
        opened->message_max = message_max < 1 ? 1 : (size_t)message_max;
    }
    return descriptor_share((int)descriptor, opened);
}

// A standard handle that is none leaves its descriptor free.
static void begin(void) {
    static const uint32_t handles[STANDARD_STREAMS] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    is_begun = true;
    for (int descriptor = 0; descriptor < STANDARD_STREAMS; descriptor++) {
        struct pipe_stat stat;
        if (pipe_stat(handles[descriptor], &stat) < 0)
            continue;
        enum opened_kind kind = stat.flow == FLOW_CALL    ? OPENED_STREAM
                                : stat.flow == FLOW_TOPIC ? OPENED_TOPIC
                                                          : OPENED_QUEUE;
        descriptor_new(descriptor, handles[descriptor], kind, descriptor ? O_WRONLY : O_RDONLY);
    }
}

struct opened *opened_of(int descriptor) {
    if (!is_begun)
        begin();
    return descriptor >= 0 && descriptor < DESCRIPTORS_MAX ? descriptors[descriptor] : NULL;
}

long descriptor_close(int descriptor) {
    struct opened *opened = opened_of(descriptor);
    if (!opened)
        return -PIPE_EBADF;
    descriptors[descriptor] = NULL;
    if (--opened->references)
        return 0;
    if (opened->kind == OPENED_DEVICE)
        return 0;
    return opened->kind == OPENED_FILE ? file_close(opened->handle) : pipe_close(opened->handle);
}

// ---- Bytes ----

static long taken_read(struct opened *opened, uint8_t *bytes, size_t length) {
    bool is_byte = opened->taken == TAKEN_BYTE;
    if (is_byte && !length)
        return 0;
    if (is_byte)
        *bytes = opened->byte;
    opened->taken = TAKEN_NOTHING;
    return is_byte;
}

long opened_read(struct opened *opened, void *bytes, size_t length) {
    switch (opened->kind) {
    case OPENED_QUEUE:
        if (opened->taken)
            return taken_read(opened, bytes, length);
        return queue_read(opened->handle, bytes, length, opened->flags & O_NONBLOCK ? DEADLINE_NOW : DEADLINE_NONE);
    case OPENED_STREAM:
        return stream_read(opened->handle, bytes, length);
    case OPENED_FILE:
        return file_read(opened->handle, bytes, length);
    case OPENED_DEVICE:
        return device_read((enum device)opened->handle, bytes, length);
    default:
        return -PIPE_EBADF;
    }
}

long opened_write(struct opened *opened, const void *bytes, size_t length) {
    if (opened->kind == OPENED_DEVICE)
        return (long)length;
    long result = opened->kind == OPENED_FILE     ? file_write(opened->handle, bytes, length)
                  : opened->kind == OPENED_STREAM ? stream_write(opened->handle, bytes, length)
                                                  : queue_write(opened->handle, bytes, length, opened->message_max);
    if (result == -PIPE_EPIPE) // nobody reads any more
        raise(SIGPIPE);
    return result;
}

// ---- POSIX's ----

static long fail(long error) {
    errno = (int)-error;
    return -1;
}

static int done_or_fail(long result) {
    return result < 0 ? (int)fail(result) : (int)result;
}

int close(int descriptor) {
    return done_or_fail(descriptor_close(descriptor));
}

_READ_WRITE_RETURN_TYPE read(int descriptor, void *bytes, size_t length) {
    struct opened *opened = opened_of(descriptor);
    long result = opened ? opened_read(opened, bytes, length) : -PIPE_EBADF;
    return (_READ_WRITE_RETURN_TYPE)(result < 0 ? fail(result) : result);
}

_READ_WRITE_RETURN_TYPE write(int descriptor, const void *bytes, size_t length) {
    struct opened *opened = opened_of(descriptor);
    long result = opened ? opened_write(opened, bytes, length) : -PIPE_EBADF;
    return (_READ_WRITE_RETURN_TYPE)(result < 0 ? fail(result) : result);
}

// A descriptor from `least` on that leads to the same.
static int copy(int descriptor, int least) {
    struct opened *opened = opened_of(descriptor);
    long result = opened ? descriptor_free(least) : -PIPE_EBADF;
    return done_or_fail(result < 0 ? result : descriptor_share((int)result, opened));
}

int dup(int descriptor) {
    return copy(descriptor, 0);
}

int dup2(int descriptor, int wanted) {
    struct opened *opened = opened_of(descriptor);
    if (!opened || wanted < 0 || wanted >= DESCRIPTORS_MAX)
        return (int)fail(-PIPE_EBADF);
    if (wanted == descriptor)
        return wanted;
    if (opened_of(wanted))
        descriptor_close(wanted);
    return (int)descriptor_share(wanted, opened);
}

int pipe(int ends[2]) {
    long reader, writer, error = queue_pair(&reader, &writer, 0);
    if (error)
        return (int)fail(error);
    long first = descriptor_new(0, reader, OPENED_QUEUE, O_RDONLY);
    long second = first < 0 ? first : descriptor_new(0, writer, OPENED_QUEUE, O_WRONLY);
    if (second >= 0) {
        ends[0] = (int)first;
        ends[1] = (int)second;
        return 0;
    }
    if (first < 0)
        pipe_close(reader);
    else
        descriptor_close((int)first);
    pipe_close(writer);
    return (int)fail(second);
}

// Descriptors are no program's that is started: nothing is to be closed then.
int fcntl(int descriptor, int command, ...) {
    struct opened *opened = opened_of(descriptor);
    va_list arguments;
    va_start(arguments, command);
    int value = command == F_GETFL || command == F_GETFD ? 0 : va_arg(arguments, int);
    va_end(arguments);
    if (!opened)
        return (int)fail(-PIPE_EBADF);
    switch (command) {
    case F_DUPFD:
        return value < 0 || value >= DESCRIPTORS_MAX ? (int)fail(-PIPE_EINVAL) : copy(descriptor, value);
    case F_GETFL:
        return opened->flags;
    case F_SETFL:
        opened->flags = (opened->flags & ~O_NONBLOCK) | (value & O_NONBLOCK);
        return 0;
    case F_GETFD:
    case F_SETFD:
        return 0;
    default:
        return (int)fail(-PIPE_EINVAL);
    }
}
