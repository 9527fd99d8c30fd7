// SPDX-License-Identifier: MIT
// The system calls that move bytes: read, write and their relatives, on files, standard streams, devices and pipes.
#include "task.h"

#include "clock.h"
#include "device.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VECTORS_MAX 1024u

// ---- Pipes ----

static size_t smaller(size_t one, size_t other) {
    return one < other ? one : other;
}

static long pipe_take(struct byte_pipe *pipe, uint8_t *to, size_t length) {
    size_t taken = smaller(length, pipe->length), first = smaller(taken, PIPE_BYTES - pipe->start);
    memcpy(to, pipe->bytes + pipe->start, first);
    memcpy(to + first, pipe->bytes, taken - first);
    pipe->start = (pipe->start + taken) % PIPE_BYTES;
    pipe->length -= taken;
    may_go_on = may_go_on || taken;
    return taken || !pipe->writers ? (long)taken : -LINUX_EAGAIN;
}

static long pipe_add(struct byte_pipe *pipe, const uint8_t *from, size_t length) {
    size_t added = smaller(length, PIPE_BYTES - pipe->length), end = (pipe->start + pipe->length) % PIPE_BYTES;
    size_t first = smaller(added, PIPE_BYTES - end);
    if (!pipe->readers)
        return -LINUX_EPIPE;
    memcpy(pipe->bytes + end, from, first);
    memcpy(pipe->bytes, from + first, added - first);
    pipe->length += added;
    may_go_on = may_go_on || added;
    return added ? (long)added : -LINUX_EAGAIN;
}

static bool is_writer(const struct description *description) {
    return (description->flags & LINUX_O_ACCMODE) == LINUX_O_WRONLY;
}

// ---- One part of memory of this process ----

static long native(long result) {
    return result < 0 ? linux_result(-errno) : result;
}

static long part_read(struct description *opened, uint8_t *bytes, size_t length) {
    switch (opened->kind) {
    case DESCRIPTION_FILE:
        return linux_result(file_read(opened->handle, bytes, length));
    case DESCRIPTION_STANDARD:
        return native(read((int)opened->handle, bytes, length));
    case DESCRIPTION_DEVICE:
        return linux_result(device_read((enum device)opened->handle, bytes, length));
    case DESCRIPTION_PIPE:
        return is_writer(opened) ? -LINUX_EBADF : pipe_take(opened->pipe, bytes, length);
    default:
        return -LINUX_EISDIR;
    }
}

static long part_write(struct description *opened, uint8_t *bytes, size_t length) {
    switch (opened->kind) {
    case DESCRIPTION_FILE:
        return linux_result(file_write(opened->handle, bytes, length));
    case DESCRIPTION_STANDARD:
        return native(write((int)opened->handle, bytes, length));
    case DESCRIPTION_DEVICE:
        return (long)length;
    case DESCRIPTION_PIPE:
        return is_writer(opened) ? pipe_add(opened->pipe, bytes, length) : -LINUX_EBADF;
    default:
        return -LINUX_EBADF;
    }
}

// ---- Ranges of a program's memory ----

typedef long part_function(struct description *opened, uint8_t *bytes, size_t length);

// Moves from *done on until the range ends or a part is cut short: what was moved, or an error if it was nothing.
// RESULT_BLOCKED: a pipe has nothing, or no room, which *done outlives.
static long range_move(struct task *task, struct description *opened, uint64_t address, uint64_t length, uint64_t *done,
                       part_function *move) {
    enum reach reach = move == part_read ? REACH_WRITE : REACH_READ;
    while (*done < length) {
        uint8_t *bytes;
        size_t count = memory_reach(&task->memory, address + *done, length - *done, reach, &bytes);
        long moved = count ? move(opened, bytes, count) : -LINUX_EFAULT;
        if (moved == -LINUX_EAGAIN && opened->kind == DESCRIPTION_PIPE) {
            bool goes_on = move == part_write || !*done;
            if (goes_on && !(opened->flags & LINUX_O_NONBLOCK))
                return RESULT_BLOCKED;
            return *done ? (long)*done : moved;
        }
        if (moved < 0)
            return *done ? (long)*done : moved;
        *done += (uint64_t)moved;
        if ((size_t)moved < count && !(move == part_write && opened->kind == DESCRIPTION_PIPE))
            break;
        if (move == part_read && opened->kind != DESCRIPTION_FILE && opened->kind != DESCRIPTION_DEVICE)
            break; // what is there, and no wait for more
    }
    return (long)*done;
}

// SIGPIPE, for a pipe that nobody reads.
static long write_end(struct task *task, long result) {
    if (result == -LINUX_EPIPE && task_signal(task, LINUX_SIGPIPE))
        return RESULT_NONE;
    return result;
}

static struct description *opened_for(struct task *task, uint64_t descriptor, bool writes, long *error) {
    struct description *opened = description_at(&task->files, descriptor);
    uint32_t access = opened ? opened->flags & LINUX_O_ACCMODE : 0;
    *error = !opened || (access != LINUX_O_RDWR && (access == LINUX_O_WRONLY) != writes) ? -LINUX_EBADF : 0;
    return *error ? NULL : opened;
}

long call_read(struct task *task, const uint64_t *arguments) {
    long error;
    struct description *opened = opened_for(task, arguments[0], false, &error);
    return opened ? range_move(task, opened, arguments[1], arguments[2], &task->progress, part_read) : error;
}

long call_write(struct task *task, const uint64_t *arguments) {
    long error;
    struct description *opened = opened_for(task, arguments[0], true, &error);
    if (!opened)
        return error;
    return write_end(task, range_move(task, opened, arguments[1], arguments[2], &task->progress, part_write));
}

// The ranges of a vector, one after the other. `task->progress` counts the bytes of all.
static long vector_move(struct task *task, const uint64_t *arguments, part_function *move) {
    long error;
    struct description *opened = opened_for(task, arguments[0], move == part_write, &error);
    uint64_t before = 0;
    if (!opened || arguments[2] > VECTORS_MAX)
        return opened ? -LINUX_EINVAL : error;
    for (uint64_t index = 0; index < arguments[2]; index++) {
        struct linux_vector vector;
        if (!memory_get(&task->memory, arguments[1] + index * sizeof vector, &vector, sizeof vector))
            return -LINUX_EFAULT;
        uint64_t done = task->progress > before ? task->progress - before : 0;
        if (done < vector.length) {
            long result = range_move(task, opened, vector.address, vector.length, &done, move);
            task->progress = before + done;
            if (result == RESULT_BLOCKED && (move == part_write || !task->progress))
                return result;
            if (result < 0 || done < vector.length)
                return task->progress ? (long)task->progress : result;
        }
        before += vector.length;
    }
    return (long)before;
}

long call_readv(struct task *task, const uint64_t *arguments) {
    return vector_move(task, arguments, part_read);
}

long call_writev(struct task *task, const uint64_t *arguments) {
    return write_end(task, vector_move(task, arguments, part_write));
}

// At a position of a file, which stays where it is.
long call_pread64(struct task *task, const uint64_t *arguments) {
    long error;
    struct description *opened = opened_for(task, arguments[0], false, &error);
    if (!opened || opened->kind != DESCRIPTION_FILE)
        return opened ? -LINUX_ESPIPE : error;
    int64_t before = file_seek(opened->handle, 0, STREAM_FROM_POSITION);
    long result = linux_result(file_seek(opened->handle, (int64_t)arguments[3], STREAM_FROM_START));
    uint64_t done = 0;
    if (result >= 0)
        result = range_move(task, opened, arguments[1], arguments[2], &done, part_read);
    file_seek(opened->handle, before, STREAM_FROM_START);
    return result;
}

// Without an offset only, and not into a pipe: EINVAL, as where Linux can't; its callers read and write instead.
long call_sendfile(struct task *task, const uint64_t *arguments) {
    long error;
    static uint8_t bytes[16384];
    struct description *to = opened_for(task, arguments[0], true, &error);
    struct description *from = to ? opened_for(task, arguments[1], false, &error) : NULL;
    if (!from || arguments[2] || from->kind != DESCRIPTION_FILE || to->kind == DESCRIPTION_PIPE)
        return from ? -LINUX_EINVAL : error;
    uint64_t done = 0;
    while (done < arguments[3]) {
        long count = part_read(from, bytes, smaller(sizeof bytes, arguments[3] - done));
        long written = count > 0 ? part_write(to, bytes, (size_t)count) : count;
        if (written < 0 && !done)
            return write_end(task, written);
        if (written <= 0)
            break;
        done += (uint64_t)written;
    }
    return (long)done;
}

long call_lseek(struct task *task, const uint64_t *arguments) {
    static const enum stream_from from[] = {STREAM_FROM_START, STREAM_FROM_POSITION, STREAM_FROM_END};
    struct description *opened = description_at(&task->files, arguments[0]);
    if (!opened)
        return -LINUX_EBADF;
    if (arguments[2] > 2)
        return -LINUX_EINVAL;
    if (opened->kind == DESCRIPTION_DIRECTORY && arguments[2] == 0)
        return (long)(opened->cookie = (int64_t)arguments[1]);
    if (opened->kind != DESCRIPTION_FILE)
        return opened->kind == DESCRIPTION_DEVICE ? 0 : -LINUX_ESPIPE;
    return linux_result(file_seek(opened->handle, (int64_t)arguments[1], from[arguments[2]]));
}

long call_ftruncate(struct task *task, const uint64_t *arguments) {
    long error;
    struct description *opened = opened_for(task, arguments[0], true, &error);
    if (!opened || opened->kind != DESCRIPTION_FILE || arguments[1] > INT64_MAX)
        return opened ? -LINUX_EINVAL : error;
    return linux_result(file_resize(opened->handle, arguments[1]));
}

// ---- Pipes and waiting ----

static long pipe_make(struct task *task, uint64_t address, uint64_t flags) {
    struct byte_pipe *pipe = calloc(1, sizeof *pipe);
    struct description *ends[2] = {NULL, NULL};
    int32_t numbers[2] = {-1, -1};
    for (unsigned end = 0; pipe && end < 2; end++) {
        ends[end] = description_make(DESCRIPTION_PIPE,
                                     (uint32_t)(flags & LINUX_O_NONBLOCK) | (end ? LINUX_O_WRONLY : 0), 0, NULL);
        if (!ends[end])
            break;
        ends[end]->pipe = pipe;
        *(end ? &pipe->writers : &pipe->readers) += 1;
        numbers[end] = (int32_t)descriptor_add(&task->files, 0, ends[end], flags & LINUX_O_CLOEXEC);
    }
    bool is_told = numbers[0] >= 0 && numbers[1] >= 0 && memory_put(&task->memory, address, numbers, sizeof numbers);
    if (is_told)
        return 0;
    for (unsigned end = 0; end < 2; end++)
        if (numbers[end] >= 0)
            descriptor_drop(&task->files, (uint64_t)numbers[end]);
        else if (ends[end])
            description_release(ends[end]);
    if (!ends[0])
        free(pipe);
    return numbers[0] >= 0 && numbers[1] >= 0 ? -LINUX_EFAULT : -LINUX_EMFILE;
}

long call_pipe(struct task *task, const uint64_t *arguments) {
    return pipe_make(task, arguments[0], 0);
}

// Flags: O_CLOEXEC, O_NONBLOCK.
long call_pipe2(struct task *task, const uint64_t *arguments) {
    if (arguments[1] & ~(uint64_t)(LINUX_O_CLOEXEC | LINUX_O_NONBLOCK))
        return -LINUX_EINVAL;
    return pipe_make(task, arguments[0], arguments[1]);
}

// What is ready. A standard stream always is: the read of one waits for the whole server.
static int16_t events_of(const struct description *opened) {
    if (!opened)
        return LINUX_POLLNVAL;
    if (opened->kind != DESCRIPTION_PIPE)
        return LINUX_POLLIN | LINUX_POLLOUT;
    const struct byte_pipe *pipe = opened->pipe;
    if (is_writer(opened))
        return (int16_t)((pipe->length < PIPE_BYTES ? LINUX_POLLOUT : 0) | (pipe->readers ? 0 : LINUX_POLLHUP));
    return (int16_t)((pipe->length ? LINUX_POLLIN : 0) | (pipe->writers ? 0 : LINUX_POLLHUP));
}

long call_poll(struct task *task, const uint64_t *arguments) {
    int32_t wait = (int32_t)arguments[2];
    long ready = 0;
    if (arguments[1] > DESCRIPTORS_MAX_LINUX)
        return -LINUX_EINVAL;
    for (uint64_t index = 0; index < arguments[1]; index++) {
        struct linux_poll poll;
        uint64_t address = arguments[0] + index * sizeof poll;
        if (!memory_get(&task->memory, address, &poll, sizeof poll))
            return -LINUX_EFAULT;
        int16_t always = LINUX_POLLHUP | LINUX_POLLNVAL;
        const struct description *opened = description_at(&task->files, (uint64_t)poll.descriptor);
        poll.returned = poll.descriptor < 0 ? 0 : (int16_t)(events_of(opened) & (poll.events | always));
        ready += poll.returned != 0;
        if (!memory_put(&task->memory, address, &poll, sizeof poll))
            return -LINUX_EFAULT;
    }
    if (ready || wait == 0)
        return ready;
    if (wait > 0 && !task->deadline)
        task->deadline = clock_now() + (uint64_t)(uint32_t)wait * MILLISECOND;
    return task->deadline && clock_now() >= task->deadline ? 0 : RESULT_BLOCKED;
}
