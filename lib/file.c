// SPDX-License-Identifier: MIT
// Open files, and the working directory. Names are in file_names.c.
#include "file.h"

#include "pipe.h"

#include <stdlib.h>
#include <string.h>

// ---- Open files ----

// A handle that is none, or whose file went with its volume, is no open file.
static long file_error(long result) {
    return result == -PIPE_ESTALE || result == -PIPE_EPIPE ? -PIPE_EBADF : result;
}

static long stream_ask(long file, const struct stream_request *request, const struct attached *attached, void *reply,
                       size_t size) {
    return file_error(pipe_call_attached(file, request, sizeof *request, attached, reply, size, DEADLINE_NONE));
}

long file_close(long file) {
    return file_error(pipe_close(file));
}

// Leases one chunk: how many of its bytes were read or written.
static long chunk_move(enum stream_operation operation, long file, uint64_t address, size_t length) {
    struct stream_request request = {.operation = operation};
    struct attached attached = {
        .leases = {{address, length}}, .lease_count = 1, .writable_mask = operation == STREAM_READ};
    struct stream_moved moved = {0};
    long result = stream_ask(file, &request, &attached, &moved, sizeof moved);
    return result < 0 ? result : (long)moved.count;
}

// In chunks that may be leased, until one is cut short.
static long bytes_move(enum stream_operation operation, long file, uint64_t address, size_t length) {
    size_t done = 0;
    while (done < length) {
        size_t chunk = length - done < LEASE_LENGTH_MAX ? length - done : LEASE_LENGTH_MAX;
        long moved = chunk_move(operation, file, address + done, chunk);
        if (moved < 0)
            return done ? (long)done : moved;
        done += (size_t)moved;
        if ((size_t)moved < chunk)
            break;
    }
    return (long)done;
}

long file_read(long file, void *bytes, size_t length) {
    return bytes_move(STREAM_READ, file, (uint64_t)bytes, length);
}

long file_write(long file, const void *bytes, size_t length) {
    return bytes_move(STREAM_WRITE, file, (uint64_t)bytes, length);
}

long file_seek(long file, int64_t offset, enum stream_from from) {
    struct stream_request request = {.operation = STREAM_SEEK, .flags = from, .offset = offset};
    struct stream_moved reply = {0};
    long result = stream_ask(file, &request, &(struct attached){0}, &reply, sizeof reply);
    return result < 0 ? result : (long)reply.count;
}

long file_stat_open(long file, struct stream_stat *stat) {
    struct stream_request request = {.operation = STREAM_STAT};
    long result = stream_ask(file, &request, &(struct attached){0}, stat, sizeof *stat);
    return result < 0 ? result : 0;
}

long file_sync(long file) {
    struct stream_request request = {.operation = FILE_SYNC};
    return stream_ask(file, &request, &(struct attached){0}, NULL, 0);
}

long file_change_open(long file, uint32_t mask, const struct stream_stat *stat) {
    struct volume_request request = {.operation = FILE_CHANGE,
                                     .mask = mask,
                                     .mode = stat->mode,
                                     .owner = stat->owner,
                                     .group = stat->group,
                                     .accessed = stat->accessed,
                                     .modified = stat->modified,
                                     .size = stat->size};
    long result = pipe_call(file, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    return result < 0 ? file_error(result) : 0;
}

long file_resize(long file, uint64_t size) {
    return file_change_open(file, CHANGE_SIZE, &(struct stream_stat){.size = size});
}

// ---- The working directory ----

static char directory[FILE_PATH_MAX + 1];

const char *file_directory(void) {
    const char *given = directory[0] ? NULL : getenv(FILE_DIRECTORY_VARIABLE);
    if (!directory[0] && (!given || path_resolve("/", given, directory) < 0))
        strcpy(directory, "/");
    return directory;
}

long file_resolve(const char *path, char *to) {
    return path_resolve(file_directory(), path, to);
}

long file_change_directory(const char *path) {
    char resolved[FILE_PATH_MAX + 1];
    struct stream_stat stat = {0};
    long error = file_resolve(path, resolved);
    if (!error)
        error = file_stat(resolved, &stat);
    if (error)
        return error;
    if (!stat_is_directory(&stat))
        return -PIPE_ENOTDIR;
    if (!stat_allows(&stat, 1))
        return -PIPE_EACCES;
    strcpy(directory, resolved);
    return setenv(FILE_DIRECTORY_VARIABLE, directory, 1) < 0 ? -PIPE_ENOMEM : 0;
}
