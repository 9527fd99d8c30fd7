// SPDX-License-Identifier: MIT
// What newlib needs of the system ("Syscalls", newlib's manual): its stubs end in pipe calls. Descriptors 0, 1 and 2 are the
// program's handles HANDLE_INPUT, HANDLE_OUTPUT and HANDLE_ERRORS, queues of bytes.
#include "clock.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#define DESCRIPTORS 3

static long fail(long error) {
    errno = (int)-error;
    return -1;
}

static const uint32_t descriptor_handles[DESCRIPTORS] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};

// The longest payload of the descriptor's queue, or a negated error.
static long payload_max_of(int descriptor) {
    static long known[DESCRIPTORS];
    if (descriptor < 0 || descriptor >= DESCRIPTORS)
        return -PIPE_EBADF;
    if (!known[descriptor]) {
        struct pipe_stat stat;
        long result = pipe_stat(descriptor_handles[descriptor], &stat);
        known[descriptor] = result < 0 ? result : (long)stat.payload_max;
    }
    return known[descriptor];
}

_READ_WRITE_RETURN_TYPE write(int descriptor, const void *bytes, size_t length) {
    long most = payload_max_of(descriptor);
    if (most < 0)
        return (int)fail(most);
    for (size_t done = 0; done < length;) {
        size_t piece = length - done < (size_t)most ? length - done : (size_t)most;
        long result = pipe_send(descriptor_handles[descriptor], (const char *)bytes + done, piece, DEADLINE_NONE);
        if (result < 0)
            return (int)fail(result);
        done += piece;
    }
    return (_READ_WRITE_RETURN_TYPE)length;
}

// What the last message has brought and nobody has read.
static struct {
    uint8_t bytes[PAYLOAD_MAX];
    size_t place, length;
    bool is_hooked, has_ended;
} input;

// Waits for the next message of the standard input. Only for programs that hook nothing else.
static long input_fill(void) {
    if (!input.is_hooked) {
        long result = pipe_hook(HANDLE_INPUT, 0, 0);
        if (result < 0)
            return result;
        input.is_hooked = true;
    }
    long result = pipe_wait(DEADLINE_NONE);
    if (result < 0)
        return result;
    input.has_ended = pipe_received()->type == MESSAGE_GONE || result == 0;
    input.place = 0;
    input.length = input.has_ended ? 0 : (size_t)result;
    memcpy(input.bytes, pipe_payload(), input.length);
    return 0;
}

_READ_WRITE_RETURN_TYPE read(int descriptor, void *bytes, size_t length) {
    if (descriptor != 0)
        return (int)fail(-PIPE_EBADF);
    if (input.place == input.length && !input.has_ended) {
        long result = input_fill();
        if (result < 0)
            return (int)fail(result);
    }
    size_t left = input.length - input.place;
    if (length > left)
        length = left;
    memcpy(bytes, input.bytes + input.place, length);
    input.place += length;
    return (_READ_WRITE_RETURN_TYPE)length;
}

// ---- Memory ----

void *sbrk(ptrdiff_t amount) {
    static long handle;
    if (handle <= 0)
        handle = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    struct memory_request request = {.operation = MEMORY_GROW, .amount = (uint64_t)amount};
    struct memory_reply reply;
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    return result < 0 ? (void *)fail(result == -PIPE_EDQUOT ? -PIPE_ENOMEM : result) : (void *)reply.address;
}

// ---- Time ----

#define MICROSECOND 1000ull

int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    uint64_t now = clock_now();
    time->tv_sec = (time_t)(now / SECOND);
    time->tv_usec = (suseconds_t)(now % SECOND / MICROSECOND);
    return 0;
}

clock_t times(struct tms *buffer) {
    uint64_t now = clock_now() / (SECOND / CLOCKS_PER_SEC);
    *buffer = (struct tms){.tms_utime = (clock_t)now};
    return (clock_t)now;
}

// ---- The process ----

_Noreturn void _exit(int status) {
    process_exit((uint32_t)status & 0xff);
}

int getpid(void) {
    return (int)process_id();
}

int kill(int pid, int signal) {
    if ((uint32_t)pid == process_id())
        process_exit((uint32_t)signal);
    long result = process_kill((uint32_t)pid, (uint32_t)signal);
    return result < 0 ? (int)fail(result) : 0;
}

// ---- Files ----

int isatty(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS;
}

int fstat(int descriptor, struct stat *status) {
    if (descriptor < 0 || descriptor >= DESCRIPTORS)
        return (int)fail(-PIPE_EBADF);
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFCHR;
    return 0;
}

int open(const char *path, int flags, ...) {
    (void)path;
    (void)flags;
    return (int)fail(-PIPE_ENOSYS);
}

int close(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS ? 0 : (int)fail(-PIPE_EBADF);
}

off_t lseek(int descriptor, off_t offset, int whence) {
    (void)offset;
    (void)whence;
    return (off_t)fail(descriptor >= 0 && descriptor < DESCRIPTORS ? -PIPE_ESPIPE : -PIPE_EBADF);
}
