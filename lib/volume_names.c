// SPDX-License-Identifier: MIT
// Paths, and who may do what with them. Beside POSIX's modes, three rules protect who uses a directory that all may
// write, such as /tmp: its names are removed by their owners alone (the sticky bit); a symbolic link in it is followed,
// and a file in it opened with OPEN_CREATE, only if it is the caller's or the directory's owner's; and nobody makes a
// link to a file that is not theirs and that they could not write.
#include "volume_names.h"

#include <string.h>

enum { MAY_EXECUTE = 1, MAY_WRITE = 2, MAY_READ = 4 };

#define WRITABLE_BY_ALL 02u

struct found {
    struct node *directory; // NULL: the path is the root's
    struct node *node;      // NULL: no such name
    struct name last;
};

// ---- Rights ----

static uint32_t type_of(const struct volume_visit *visit, const struct node *node) {
    struct stream_stat stat;
    visit->volume->stat(node, &stat);
    return stat.mode & MODE_TYPE;
}

static bool may(const struct volume_visit *visit, const struct node *node, uint32_t wanted) {
    struct stream_stat stat;
    visit->volume->stat(node, &stat);
    uint32_t mode = stat.owner == visit->owner   ? stat.mode >> 6
                    : stat.group == visit->owner ? stat.mode >> 3
                                                 : stat.mode;
    return visit->owner == 0 || (mode & wanted) == wanted;
}

// Whether a name in a directory may be taken away from its node.
static bool may_unname(const struct volume_visit *visit, const struct node *directory, const struct node *node) {
    struct stream_stat stat, of_directory;
    visit->volume->stat(directory, &of_directory);
    visit->volume->stat(node, &stat);
    return !(of_directory.mode & MODE_STICKY) || visit->owner == 0 || visit->owner == stat.owner ||
           visit->owner == of_directory.owner;
}

// Whether a node was put by somebody else into a directory that all may write and nobody may tidy.
static bool is_planted(const struct volume_visit *visit, const struct node *directory, const struct node *node) {
    struct stream_stat stat, of_directory;
    visit->volume->stat(directory, &of_directory);
    visit->volume->stat(node, &stat);
    return of_directory.mode & MODE_STICKY && of_directory.mode & WRITABLE_BY_ALL && stat.owner != visit->owner &&
           stat.owner != of_directory.owner;
}

// ---- Walking ----

static long name_check(struct name name) {
    if (name.length > NAME_BYTES_MAX)
        return -PIPE_ENAMETOOLONG;
    bool is_none = name.length == 0 || (name.length <= 2 && memcmp(name.bytes, "..", name.length) == 0);
    return is_none || memchr(name.bytes, 0, name.length) ? -PIPE_EINVAL : 0;
}

static struct name name_at(const struct volume_path *path, size_t start) {
    const char *slash = memchr(path->bytes + start, '/', path->length - start);
    return (struct name){path->bytes + start, slash ? (size_t)(slash - path->bytes) - start : path->length - start};
}

// Says in the reply that the link at the end of the first `count` bytes of the path is in the way: 1.
static long link_tell(const struct volume_visit *visit, const struct volume_path *path, size_t count,
                      const struct found *found) {
    if (is_planted(visit, found->directory, found->node))
        return -PIPE_EACCES;
    visit->reply->link = 1;
    visit->reply->lease = path->lease;
    visit->reply->count = count;
    return 1;
}

// Goes from found->node to the name below it.
static long step(const struct volume_visit *visit, struct found *found, struct name name) {
    long error = name_check(name);
    if (error)
        return error;
    if (!found->node)
        return -PIPE_ENOENT;
    if (type_of(visit, found->node) != MODE_DIRECTORY)
        return -PIPE_ENOTDIR;
    if (!may(visit, found->node, MAY_EXECUTE))
        return -PIPE_EACCES;
    found->directory = found->node;
    found->last = name;
    error = visit->volume->find(found->directory, name, &found->node);
    if (error == -PIPE_ENOENT)
        found->node = NULL;
    return error == -PIPE_ENOENT ? 0 : error;
}

// Follows a path; its last name need not exist. 1: a link is in the way, which the reply tells.
static long walk(const struct volume_visit *visit, const struct volume_path *path, struct found *found) {
    *found = (struct found){.node = visit->volume->root()};
    for (size_t end = 0; end < path->length;) {
        size_t start = end ? end + 1 : 0;
        struct name name = name_at(path, start);
        long error = step(visit, found, name);
        if (error)
            return error;
        end = start + name.length;
        bool is_last = end == path->length;
        if (found->node && (!is_last || path->follows) && type_of(visit, found->node) == MODE_LINK)
            return link_tell(visit, path, end, found);
    }
    return 0;
}

// The same for what must exist. `found` is then told in the reply.
static long walk_to(const struct volume_visit *visit, const struct volume_path *path, struct found *found) {
    long result = walk(visit, path, found);
    if (result)
        return result;
    if (!found->node)
        return -PIPE_ENOENT;
    visit->volume->stat(found->node, &visit->reply->stat);
    return 0;
}

// 0 where a link is in the way, as for who asked.
static long done(long result) {
    return result > 0 ? 0 : result;
}

long volume_lookup(const struct volume_visit *visit, const struct volume_path *path) {
    struct found found;
    return done(walk_to(visit, path, &found));
}

// ---- Making ----

// Whether a new name may be made where a walk has ended.
static long make_check(const struct volume_visit *visit, const struct found *found) {
    if (found->node)
        return -PIPE_EEXIST;
    if (!visit->volume->make)
        return -PIPE_EROFS;
    return may(visit, found->directory, MAY_WRITE) ? 0 : -PIPE_EACCES;
}

static long node_create(const struct volume_visit *visit, const struct found *found, uint32_t mode,
                        struct node **node) {
    const struct stream_stat stat = {.mode = mode, .owner = visit->owner, .group = visit->owner};
    long error = make_check(visit, found);
    if (!error)
        error = visit->volume->make(found->directory, found->last, &stat, node);
    if (!error)
        visit->volume->stat(*node, &visit->reply->stat);
    return error;
}

long volume_create(const struct volume_visit *visit, const struct volume_path *path, uint32_t mode) {
    struct found found;
    struct node *node;
    uint32_t type = mode & MODE_TYPE;
    if (type != MODE_FILE && type != MODE_DIRECTORY)
        return -PIPE_EINVAL;
    long result = walk(visit, path, &found);
    return done(result ? result : node_create(visit, &found, type | (mode & MODE_PERMISSIONS), &node));
}

long volume_symlink(const struct volume_visit *visit, const struct volume_path *path, const struct volume_bytes *text) {
    struct found found;
    struct node *node;
    if (text->length < 1)
        return -PIPE_ENOENT;
    if (text->length > PATH_BYTES_MAX)
        return -PIPE_ENAMETOOLONG;
    long result = walk(visit, path, &found);
    if (!result)
        result = node_create(visit, &found, MODE_LINK | 0777, &node);
    if (result)
        return done(result);
    long written = visit->volume->write(node, 0, text);
    if (written == (long)text->length)
        return 0;
    visit->volume->remove(found.directory, found.last);
    return written < 0 ? written : -PIPE_ENOSPC;
}

long volume_link(const struct volume_visit *visit, const struct volume_path *path, const struct volume_path *to) {
    struct found from, found;
    long result = walk_to(visit, path, &from);
    if (!result)
        result = walk(visit, to, &found);
    if (result)
        return done(result);
    if (type_of(visit, from.node) == MODE_DIRECTORY)
        return -PIPE_EISDIR;
    if (visit->owner != visit->reply->stat.owner && !may(visit, from.node, MAY_READ | MAY_WRITE))
        return -PIPE_EACCES;
    result = make_check(visit, &found);
    if (!result)
        result = visit->volume->link(found.directory, found.last, from.node);
    if (!result)
        visit->volume->stat(from.node, &visit->reply->stat);
    return result;
}

// ---- Opening ----

static long open_check(const struct volume_visit *visit, const struct found *found, uint32_t flags) {
    uint32_t type = type_of(visit, found->node);
    uint32_t wanted = (flags & OPEN_READ ? MAY_READ : 0) | (flags & OPEN_WRITE ? MAY_WRITE : 0);
    if (flags & OPEN_NEW)
        return -PIPE_EEXIST;
    if (type == MODE_LINK)
        return -PIPE_ELOOP;
    if (type == MODE_DIRECTORY && flags & (OPEN_WRITE | OPEN_CREATE))
        return -PIPE_EISDIR;
    if (flags & OPEN_WRITE && !visit->volume->write)
        return -PIPE_EROFS;
    bool is_allowed =
        may(visit, found->node, wanted) && !(flags & OPEN_CREATE && is_planted(visit, found->directory, found->node));
    return is_allowed ? 0 : -PIPE_EACCES;
}

long volume_open(const struct volume_visit *visit, const struct volume_path *path, uint32_t flags, uint32_t mode,
                 struct node **node, bool *is_made) {
    struct found found;
    *node = NULL;
    *is_made = false;
    if (!(flags & (OPEN_READ | OPEN_WRITE)) || flags & ~OPEN_ALL)
        return -PIPE_EINVAL;
    long result = walk(visit, path, &found);
    *is_made = !result && !found.node && flags & OPEN_CREATE;
    if (*is_made)
        result = node_create(visit, &found, MODE_FILE | (mode & MODE_PERMISSIONS), &found.node);
    else if (!result)
        result = found.node ? open_check(visit, &found, flags) : -PIPE_ENOENT;
    if (result)
        return done(result);
    visit->volume->stat(found.node, &visit->reply->stat);
    *node = found.node;
    return 0;
}

long volume_readlink(const struct volume_visit *visit, const struct volume_path *path, const struct volume_bytes *to) {
    struct found found;
    long result = walk_to(visit, path, &found);
    if (result)
        return done(result);
    if (type_of(visit, found.node) != MODE_LINK)
        return -PIPE_EINVAL;
    long count = visit->volume->read(found.node, 0, to);
    visit->reply->count = count > 0 ? (uint64_t)count : 0;
    return count < 0 ? count : 0;
}

// ---- Removing and renaming ----

// Whether the name that a walk has found may go.
static long unname_check(const struct volume_visit *visit, const struct found *found) {
    if (!found->node)
        return -PIPE_ENOENT;
    if (!found->directory)
        return -PIPE_EBUSY;
    bool is_allowed = may(visit, found->directory, MAY_WRITE) && may_unname(visit, found->directory, found->node);
    return is_allowed ? 0 : -PIPE_EACCES;
}

long volume_remove(const struct volume_visit *visit, const struct volume_path *path, uint32_t flags) {
    struct found found;
    long result = walk_to(visit, path, &found);
    if (!result && !visit->volume->remove)
        result = -PIPE_EROFS;
    if (!result)
        result = unname_check(visit, &found);
    if (result)
        return done(result);
    bool is_directory = type_of(visit, found.node) == MODE_DIRECTORY;
    if (!(flags & (is_directory ? REMOVE_DIRECTORY : REMOVE_FILE)))
        return is_directory ? -PIPE_EISDIR : -PIPE_ENOTDIR;
    return visit->volume->remove(found.directory, found.last);
}

long volume_rename(const struct volume_visit *visit, const struct volume_path *path, const struct volume_path *to,
                   uint32_t flags) {
    struct found from, found;
    long result = walk_to(visit, path, &from);
    if (!result)
        result = walk(visit, to, &found);
    if (!result && !visit->volume->rename)
        result = -PIPE_EROFS;
    if (!result && (flags & ~(RENAME_NEW | RENAME_SWAP | PATH_FOLLOW) || !found.directory))
        result = found.directory ? -PIPE_EINVAL : -PIPE_EBUSY;
    if (!result)
        result = unname_check(visit, &from);
    if (!result)
        result = found.node ? unname_check(visit, &found) : may(visit, found.directory, MAY_WRITE) ? 0 : -PIPE_EACCES;
    if (result)
        return done(result);
    bool is_directory =
        type_of(visit, from.node) == MODE_DIRECTORY || (found.node && type_of(visit, found.node) == MODE_DIRECTORY);
    if (is_directory && !visit->moves_directories)
        return -PIPE_EPERM;
    return visit->volume->rename(from.directory, from.last, found.directory, found.last, flags);
}

// ---- Changing ----

long volume_change_node(const struct volume_visit *visit, struct node *node, bool can_write, uint32_t mask,
                        const struct stream_stat *stat) {
    struct stream_stat before;
    visit->volume->stat(node, &before);
    if (!visit->volume->change)
        return -PIPE_EROFS;
    bool is_owner = visit->owner == 0 || visit->owner == before.owner;
    if ((mask & (CHANGE_OWNER | CHANGE_GROUP) && visit->owner != 0) ||
        (mask & (CHANGE_MODE | CHANGE_ACCESSED | CHANGE_MODIFIED) && !is_owner) || (mask & CHANGE_SIZE && !can_write))
        return -PIPE_EACCES;
    if (mask & CHANGE_SIZE && (before.mode & MODE_TYPE) == MODE_LINK)
        return -PIPE_EINVAL;
    long error = visit->volume->change(node, mask, stat);
    if (!error)
        visit->volume->stat(node, &visit->reply->stat);
    return error;
}

long volume_change(const struct volume_visit *visit, const struct volume_path *path, uint32_t mask,
                   const struct stream_stat *stat) {
    struct found found;
    long result = walk_to(visit, path, &found);
    if (!result)
        result = volume_change_node(visit, found.node, may(visit, found.node, MAY_WRITE), mask, stat);
    return done(result);
}
