// SPDX-License-Identifier: MIT
// Names that match a path's pattern: of files, or of pipes where the pattern begins with a directory of these.
#include "glob.h"

#include "file.h"
#include "pipe.h"
#include "streams.h"

#include <stdlib.h>
#include <string.h>

// A pattern that is being matched from its front on: `path` is what has matched so far.
struct walk {
    char path[FILE_PATH_MAX + 1];
    bool are_pipes;
    bool (*add)(void *context, const char *name);
    void *context;
};

static bool rest_walk(struct walk *walk, const char *pattern);

static bool has_meaning(const char *component, size_t length) {
    for (size_t index = 0; index < length; index++) {
        if (strchr("*?", component[index]) ||
            (component[index] == '[' && memchr(component + index, ']', length - index)))
            return true;
        index += component[index] == '\\';
    }
    return false;
}

// ---- What is there ----

static bool is_there(const struct walk *walk) {
    struct stream_stat file;
    struct pipe_stat pipe;
    return walk->are_pipes ? pipe_stat_path(walk->path, &pipe) == 0 : file_stat(walk->path, &file) == 0;
}

// The names of a directory, one after the other.
struct names {
    long directory; // of pipes
    struct file_walk files;
    char bytes[PAYLOAD_MAX]; // of a listing of pipes
    size_t cursor, length;
    char name[FILE_NAME_MAX + 1];
};

static struct names *names_open(const struct walk *walk) {
    struct names *names = calloc(1, sizeof *names);
    size_t length = strlen(walk->path);
    char *path = length > 1 ? strndup(walk->path, length - 1) : strdup(length ? "/" : "."); // without the last slash
    if (names && path && walk->are_pipes)
        names->directory = pipe_open(path, RIGHT_READ);
    bool is_open =
        names && path && (walk->are_pipes ? names->directory > 0 : file_walk_begin(&names->files, path) == 0);
    free(path);
    if (is_open)
        return names;
    free(names);
    return NULL;
}

static bool pipe_name_next(struct names *names) {
    struct list_entry entry;
    if (names->cursor == names->length) {
        long length = pipe_list(names->directory, names->name);
        names->cursor = 0;
        names->length = length > 0 ? (size_t)length : 0;
        memcpy(names->bytes, pipe_payload(), names->length);
    }
    if (names->cursor == names->length)
        return false;
    memcpy(&entry, names->bytes + names->cursor, sizeof entry);
    memcpy(names->name, names->bytes + names->cursor + sizeof entry, entry.name_length);
    names->name[entry.name_length] = 0;
    names->cursor += sizeof entry + entry.name_length;
    return true;
}

static bool name_next(struct names *names) {
    if (names->directory)
        return pipe_name_next(names);
    if (file_walk_next(&names->files) != 1)
        return false;
    strcpy(names->name, names->files.name);
    return true;
}

static void names_close(struct names *names) {
    if (names->directory)
        pipe_close(names->directory);
    else
        file_walk_end(&names->files);
    free(names);
}

// ---- Walking ----

// Goes on below the path with one more component, of which a backslash is no part.
static bool component_walk(struct walk *walk, const char *name, size_t length, const char *rest) {
    size_t before = strlen(walk->path), end = before;
    if (before + length + 1 > FILE_PATH_MAX)
        return true;
    for (size_t index = 0; index < length; index++) {
        index += name[index] == '\\' && index + 1 < length;
        walk->path[end++] = name[index];
    }
    walk->path[end] = 0;
    bool goes_on = rest_walk(walk, rest);
    walk->path[before] = 0;
    return goes_on;
}

static bool pattern_walk(struct walk *walk, const char *pattern, size_t length, const char *rest) {
    struct names *names = names_open(walk);
    char *component = names ? strndup(pattern, length) : NULL;
    bool goes_on = true;
    while (component && goes_on && name_next(names)) {
        bool is_hidden = names->name[0] == '.' && component[0] != '.';
        if (is_hidden || !glob_matches(component, names->name, strlen(names->name)))
            continue;
        size_t before = strlen(walk->path), size = strlen(names->name);
        if (before + size > FILE_PATH_MAX)
            continue;
        memcpy(walk->path + before, names->name, size + 1);
        goes_on = rest_walk(walk, rest);
        walk->path[before] = 0;
    }
    free(component);
    if (names)
        names_close(names);
    return goes_on;
}

// What is left of the pattern begins with slashes or a component.
static bool rest_walk(struct walk *walk, const char *pattern) {
    size_t before = strlen(walk->path), slashes = strspn(pattern, "/");
    size_t length = strcspn(pattern + slashes, "/");
    if (!*pattern)
        return !is_there(walk) || walk->add(walk->context, walk->path);
    if (slashes && before + 1 <= FILE_PATH_MAX)
        strcpy(walk->path + before, "/");
    pattern += slashes;
    bool goes_on;
    if (!length)
        goes_on = !is_there(walk) || walk->add(walk->context, walk->path);
    else if (has_meaning(pattern, length))
        goes_on = pattern_walk(walk, pattern, length, pattern + length);
    else
        goes_on = component_walk(walk, pattern, length, pattern + length);
    walk->path[before] = 0;
    return goes_on;
}

bool glob_walk(const char *pattern, bool (*add)(void *context, const char *name), void *context) {
    if (!has_meaning(pattern, strlen(pattern)))
        return true;
    struct walk walk = {.are_pipes = path_is_pipe(pattern), .add = add, .context = context};
    return rest_walk(&walk, pattern);
}
