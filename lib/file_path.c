// SPDX-License-Identifier: MIT
#include "file_path.h"

#include <string.h>

// Appends the names of a path to `to`, which is absolute and without an end slash: empty is the root.
static long names_append(char *to, size_t *length, const char *path) {
    while (*path) {
        size_t name = strcspn(path, "/");
        if (name == 2 && path[0] == '.' && path[1] == '.') {
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

long path_resolve(const char *directory, const char *path, char *to) {
    size_t length = 0;
    if (!*path)
        return -PIPE_ENOENT;
    long error = *path == '/' ? 0 : names_append(to, &length, directory);
    if (!error)
        error = names_append(to, &length, path);
    if (error)
        return error;
    if (length == 0)
        to[length++] = '/';
    to[length] = 0;
    return 0;
}

const char *path_last(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}
