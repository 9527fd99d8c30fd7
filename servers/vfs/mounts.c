// SPDX-License-Identifier: MIT
#include "mounts.h"

#include <string.h>

// A point's length: the root's is 0, so that every path begins with it.
static size_t point_length(const char *path, size_t length) {
    return length == 1 && path[0] == '/' ? 0 : length;
}

bool mount_path_is_valid(const char *path, size_t length) {
    if (length == 0 || path[0] != '/' || memchr(path, 0, length))
        return false;
    for (size_t start = 1; length > 1 && start <= length;) {
        const char *slash = memchr(path + start, '/', length - start);
        size_t name = slash ? (size_t)(slash - path) - start : length - start;
        bool is_none = name == 0 || (name <= 2 && memcmp(path + start, "..", name) == 0);
        if (is_none)
            return false;
        start += name + 1;
    }
    return true;
}

static bool leads_into(const struct mount *mount, const char *path, size_t length) {
    return mount->number && mount->length <= length && memcmp(mount->point, path, mount->length) == 0 &&
           (mount->length == length || path[mount->length] == '/');
}

struct mount *mounts_find(struct mounts *mounts, const char *path, size_t length) {
    struct mount *found = NULL;
    for (struct mount *mount = mounts->table; mount < mounts->table + MOUNTS_MAX; mount++) {
        bool is_better = !found || mount->length > found->length ||
                         (mount->length == found->length && mount->number > found->number);
        if (leads_into(mount, path, length) && is_better)
            found = mount;
    }
    return found;
}

struct mount *mounts_at(struct mounts *mounts, const char *path, size_t length) {
    struct mount *found = mounts_find(mounts, path, length);
    return found && found->length == point_length(path, length) ? found : NULL;
}

struct mount *mounts_add(struct mounts *mounts, const char *path, size_t length, const char *pipe) {
    struct mount *mount = mounts->table;
    while (mount < mounts->table + MOUNTS_MAX && mount->number)
        mount++;
    if (mount == mounts->table + MOUNTS_MAX)
        return NULL;
    *mount = (struct mount){.number = ++mounts->numbers, .length = (uint32_t)point_length(path, length)};
    memcpy(mount->point, path, mount->length);
    strcpy(mount->pipe, pipe);
    return mount;
}
