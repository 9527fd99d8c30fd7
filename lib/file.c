// SPDX-License-Identifier: MIT
#include "file.h"

#include "file_path.h"
#include "pipe.h"

#include <stdlib.h>
#include <string.h>

static long file_pipe(void) {
    static long handle;
    return pipe_open_once(&handle, FILE_PIPE);
}

// ---- Sessions ----

static long file_ask(const struct file_request *request, void *reply, size_t size) {
    return pipe_call(file_pipe(), request, sizeof *request, reply, size, DEADLINE_NONE);
}

long file_close(long file) {
    struct file_request request = {.operation = FILE_CLOSE, .file = (uint32_t)file};
    return file_ask(&request, NULL, 0);
}

// Lends one piece: how many of its bytes were read or written.
static long piece_move(enum file_operation operation, long file, uint64_t address, size_t length) {
    struct file_request request = {.operation = (uint32_t)operation, .file = (uint32_t)file};
    struct parcel parcel = {.lends = {{address, length}}, .lend_count = 1, .writable_mask = operation == FILE_READ};
    struct file_position moved = {0};
    long result = pipe_call_parcel(file_pipe(), &request, sizeof request, &parcel, &moved, sizeof moved, DEADLINE_NONE);
    return result < 0 ? result : (long)moved.position;
}

// In pieces that may be lent, until one is cut short.
static long bytes_move(enum file_operation operation, long file, uint64_t address, size_t length) {
    size_t done = 0;
    while (done < length) {
        size_t piece = length - done < LEND_LENGTH_MAX ? length - done : LEND_LENGTH_MAX;
        long moved = piece_move(operation, file, address + done, piece);
        if (moved < 0)
            return done ? (long)done : moved;
        done += (size_t)moved;
        if ((size_t)moved < piece)
            break;
    }
    return (long)done;
}

long file_read(long file, void *bytes, size_t length) {
    return bytes_move(FILE_READ, file, (uint64_t)bytes, length);
}

long file_write(long file, const void *bytes, size_t length) {
    return bytes_move(FILE_WRITE, file, (uint64_t)bytes, length);
}

long file_seek(long file, int64_t offset, enum file_seek from) {
    struct file_request request = {
        .operation = FILE_SEEK, .file = (uint32_t)file, .from = (uint32_t)from, .offset = offset};
    struct file_position reply = {0};
    long result = file_ask(&request, &reply, sizeof reply);
    return result < 0 ? result : (long)reply.position;
}

long file_resize(long file, uint64_t size) {
    struct file_request request = {.operation = FILE_RESIZE, .file = (uint32_t)file, .offset = (int64_t)size};
    return file_ask(&request, NULL, 0);
}

long file_stat_open(long file, struct file_stat *stat) {
    struct file_request request = {.operation = FILE_STAT_OPEN, .file = (uint32_t)file};
    long result = file_ask(&request, stat, sizeof *stat);
    return result < 0 ? result : 0;
}

long file_space(struct file_space *space) {
    struct file_request request = {.operation = FILE_SPACE};
    long result = file_ask(&request, space, sizeof *space);
    return result < 0 ? result : 0;
}

// ---- Names ----

// Asks about one or two names that are ready as they are; the reply's length.
static long names_send(uint32_t operation, uint32_t flags, const char *first, const char *second, void *reply,
                       size_t size) {
    struct {
        struct file_name_request head;
        char names[2 * FILE_PATH_MAX];
    } request;
    size_t length = strlen(first), second_length = second ? strlen(second) : 0;
    request.head = (struct file_name_request){operation, flags, (uint32_t)length, (uint32_t)second_length};
    memcpy(request.names, first, length);
    if (second)
        memcpy(request.names + length, second, second_length);
    return pipe_call(file_pipe(), &request, sizeof request.head + length + second_length, reply, size, DEADLINE_NONE);
}

// The same for paths as a program gives them.
static long paths_send(uint32_t operation, uint32_t flags, const char *first, const char *second, void *reply,
                       size_t size) {
    char path[FILE_PATH_MAX + 1], second_path[FILE_PATH_MAX + 1];
    long error = file_resolve(first, path);
    if (!error && second)
        error = file_resolve(second, second_path);
    return error ? error : names_send(operation, flags, path, second ? second_path : NULL, reply, size);
}

long file_open(const char *path, uint32_t flags) {
    struct file_opened opened = {0};
    long result = paths_send(FILE_OPEN, flags, path, NULL, &opened, sizeof opened);
    return result < 0 ? result : (long)opened.file;
}

long file_stat(const char *path, struct file_stat *stat) {
    long result = paths_send(FILE_STAT, 0, path, NULL, stat, sizeof *stat);
    return result < 0 ? result : 0;
}

long file_remove(const char *path) {
    return paths_send(FILE_REMOVE, 0, path, NULL, NULL, 0);
}

long file_rename(const char *from, const char *to) {
    return paths_send(FILE_RENAME, 0, from, to, NULL, 0);
}

long file_make_directory(const char *path) {
    return paths_send(FILE_MAKE_DIRECTORY, 0, path, NULL, NULL, 0);
}

long file_remove_directory(const char *path) {
    return paths_send(FILE_REMOVE_DIRECTORY, 0, path, NULL, NULL, 0);
}

// ---- Listings ----

// Fetches the entries behind the last name.
static long walk_fetch(struct file_walk *walk) {
    long result = names_send(FILE_LIST, 0, walk->path, walk->name, walk->reply, sizeof walk->reply);
    walk->place = 0;
    walk->length = result < 0 ? 0 : (size_t)result;
    return result;
}

long file_walk_begin(struct file_walk *walk, const char *path) {
    walk->name[0] = 0;
    long error = file_resolve(path, walk->path);
    long result = error ? error : walk_fetch(walk);
    return result < 0 ? result : 0;
}

long file_walk_next(struct file_walk *walk) {
    long result = walk->place < walk->length ? 1 : walk_fetch(walk);
    if (result <= 0)
        return result;
    memcpy(&walk->entry, walk->reply + walk->place, sizeof walk->entry);
    walk->place += sizeof walk->entry;
    memcpy(walk->name, walk->reply + walk->place, walk->entry.name_length);
    walk->name[walk->entry.name_length] = 0;
    walk->place += walk->entry.name_length;
    return 1;
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
    struct file_stat stat = {0};
    long error = file_resolve(path, resolved);
    if (!error)
        error = file_stat(resolved, &stat);
    if (error)
        return error;
    if (stat.type != FILE_TYPE_DIRECTORY)
        return -PIPE_ENOTDIR;
    strcpy(directory, resolved);
    return setenv(FILE_DIRECTORY_VARIABLE, directory, 1) < 0 ? -PIPE_ENOMEM : 0;
}
