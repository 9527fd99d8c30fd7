// SPDX-License-Identifier: MIT
#include "pipe_walk.h"

#include "failure.h"
#include "pipe.h"

#include <string.h>

static void directory_walk(struct pipe_walk *walk, char *path, unsigned depth);

static void problem(struct pipe_walk *walk, const char *path, long error) {
    if (!walk->is_quiet)
        walk->status = fail(path, error);
}

// One name of a directory whose path has `length` bytes; `path` has room for any.
static void name_walk(struct pipe_walk *walk, char *path, size_t length, const char *name, unsigned depth) {
    struct pipe_stat stat;
    char *cursor = path + length;
    if (length > 1)
        *cursor++ = '/';
    strcpy(cursor, name);
    long error = pipe_stat_path(path, &stat);
    if (error == 0) {
        walk->visit(path, cursor, depth, &stat, walk->work);
        if (walk->is_recursive && stat.flow == FLOW_DIRECTORY)
            directory_walk(walk, path, depth + 1);
    } else if (error != -PIPE_ENOENT) { // gone since it was listed
        problem(walk, path, error);
    }
    path[length] = 0;
}

// The names of a page that pipe_list brought; the last goes to `last`.
static void page_walk(struct pipe_walk *walk, char *path, const uint8_t *page, long length, char *last,
                      unsigned depth) {
    size_t path_length = strlen(path);
    for (long index = 0; index < length;) {
        struct list_entry entry;
        memcpy(&entry, page + index, sizeof entry);
        memcpy(last, page + index + sizeof entry, entry.name_length);
        last[entry.name_length] = 0;
        name_walk(walk, path, path_length, last, depth);
        index += (long)sizeof entry + entry.name_length;
    }
}

static void directory_walk(struct pipe_walk *walk, char *path, unsigned depth) {
    char last[COMPONENT_MAX + 1] = "";
    uint8_t page[PAYLOAD_MAX];
    long directory = pipe_open(path, RIGHT_READ);
    long length = directory < 0 ? directory : pipe_list(directory, last);
    while (length > 0) {
        memcpy(page, pipe_payload(), (size_t)length);
        page_walk(walk, path, page, length, last, depth);
        length = pipe_list(directory, last);
    }
    bool is_private = depth > 0 && length == -PIPE_EACCES; // another process's own: it is named, but not entered
    if (length < 0 && !is_private)
        problem(walk, path, length);
    if (directory >= 0)
        pipe_close(directory);
}

void pipe_walk(struct pipe_walk *walk, const char *path) {
    char room[WALK_PATH_MAX];
    strcpy(room, path);
    directory_walk(walk, room, 0);
}
