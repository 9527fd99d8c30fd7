// SPDX-License-Identifier: MIT
#include "file_path.h"

#include "abi.h"

#include <stdbool.h>
#include <string.h>

// Appends the names of a path to `to`, which is absolute and without an end slash: empty is the root.
static long names_append(char *to, size_t *length, const char *path, bool keeps_parents) {
    while (*path) {
        size_t name = strcspn(path, "/");
        bool is_parent = name == 2 && path[0] == '.' && path[1] == '.';
        if (is_parent && !keeps_parents) {
            while (*length > 0 && to[--*length] != '/')
                continue;
        } else if (name > 1 || (name == 1 && path[0] != '.')) {
            if (*length + 1 + name > FILE_PATH_MAX)
                return -PIPE_ENAMETOOLONG;
            to[(*length)++] = '/';
            memcpy(to + *length, path, name);
            *length += name;
        }
        path += name + (path[name] == '/');
    }
    return 0;
}

static long path_make(const char *directory, const char *path, bool keeps_parents, char *to) {
    size_t length = 0;
    if (!*path)
        return -PIPE_ENOENT;
    long error = *path == '/' ? 0 : names_append(to, &length, directory, keeps_parents);
    if (!error)
        error = names_append(to, &length, path, keeps_parents);
    if (error)
        return error;
    if (length == 0)
        to[length++] = '/';
    to[length] = 0;
    return 0;
}

long path_resolve(const char *directory, const char *path, char *to) {
    return path_make(directory, path, false, to);
}

long path_join(const char *directory, const char *path, char *to) {
    return path_make(directory, path, true, to);
}

long path_parent_find(const char *path) {
    for (const char *slash = path; slash; slash = strchr(slash + 1, '/'))
        if (slash[0] == '/' && slash[1] == '.' && slash[2] == '.' && (slash[3] == '/' || !slash[3]))
            return (long)(slash - path);
    return -1;
}

void path_parent_apply(char *path, size_t start) {
    const char *rest = path + start + 3; // after "/.."
    size_t end = start;
    while (end > 0 && path[--end] != '/')
        continue;
    memmove(path + end, rest, strlen(rest) + 1);
    if (!path[0])
        strcpy(path, "/");
}

long path_link_apply(char *path, size_t end, const char *text, size_t length) {
    char joined[2 * FILE_PATH_MAX + 2];
    size_t start = end;
    while (text[0] != '/' && start > 0 && path[start - 1] != '/')
        start--;
    if (text[0] == '/')
        start = 0;
    if (length > FILE_PATH_MAX)
        return -PIPE_ENAMETOOLONG;
    memcpy(joined, path, start);
    memcpy(joined + start, text, length);
    strcpy(joined + start + length, path + end);
    return path_join("/", joined, path);
}

const char *path_last(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}
