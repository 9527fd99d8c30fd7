// SPDX-License-Identifier: MIT
// Operations on names. A path's volume is asked for at the server of names; a volume that meets a symbolic link says
// so, and the path that the link's text makes is asked for anew. ".." is followed here, one by one, because only here
// it is known what lies above a volume.
#include "file.h"

#include "pipe.h"
#include "process.h"
#include "protocol/vfs.h"

#include <string.h>

#define MASK_FIRST 022u

// ---- Volumes ----

// A path's volume, and what of the path is for it.
struct resolved {
    long volume; // a handle
    uint32_t mount;
    size_t start;     // of the rest in the path
    const char *rest; // "/" for the volume's root
    size_t length;
};

static long vfs_ask(const struct vfs_request *request, size_t size, const char *path, size_t length, void *reply,
                    size_t reply_max) {
    static long vfs;
    struct attached attached = {.leases = {{(uint64_t)path, length}}, .lease_count = length != 0};
    pipe_open_once(&vfs, VFS_PIPE);
    return pipe_call_attached(vfs, request, size, &attached, reply, reply_max, DEADLINE_NONE);
}

static long name_resolve(const char *path, size_t length, struct resolved *resolved) {
    struct vfs_request request = {.operation = VFS_RESOLVE};
    struct vfs_found found = {0};
    long result = vfs_ask(&request, sizeof request, path, length, &found, sizeof found);
    if (result < 0)
        return result;
    if (pipe_received()->handle_count != 1 || found.length > length)
        return -PIPE_EPROTO;
    size_t start = found.length + (found.length < length && path[found.length] == '/');
    bool is_root = start == length;
    *resolved = (struct resolved){pipe_received()->handle[0], found.mount, start, is_root ? "/" : path + start,
                                  is_root ? 1 : length - start};
    return 0;
}

// ---- Asking a volume ----

struct ask {
    struct volume_request request;
    const char *paths[2]; // the second may be NULL
    void *text;           // lease 1 if there is no second path, or NULL
    size_t text_length;
    bool is_text_writable, pays;
    struct volume_reply reply;
    long handle; // that came with it
    char *real;  // NULL, or where the first path goes as it is without links
};

// Asks one volume about paths that are ready.
static long volume_ask(struct ask *ask, const struct resolved *names) {
    struct attached attached = {
        .leases = {{(uint64_t)names[0].rest, names[0].length}}, .lease_count = 1, .pays = ask->pays};
    if (ask->paths[1])
        attached.leases[1] = (struct lease){(uint64_t)names[1].rest, names[1].length};
    else if (ask->text)
        attached.leases[1] = (struct lease){(uint64_t)ask->text, ask->text_length};
    attached.lease_count = ask->paths[1] || ask->text ? 2 : 1;
    attached.writable_mask = ask->is_text_writable ? 2 : 0;
    long result = pipe_call_attached(names[0].volume, &ask->request, sizeof ask->request, &attached, &ask->reply,
                                     sizeof ask->reply, DEADLINE_NONE);
    ask->handle = result >= 0 && pipe_received()->handle_count ? (long)pipe_received()->handle[0] : 0;
    return result < 0 ? result : 0;
}

// Asks about the first `length` bytes of a path, in which there is no "..".
static long prefix_ask(struct ask *ask, const char *path, size_t length) {
    struct resolved resolved;
    long result = name_resolve(path, length, &resolved);
    if (result < 0)
        return result;
    result = volume_ask(ask, &resolved);
    pipe_close(resolved.volume);
    if (!result && ask->reply.link)
        ask->reply.count += resolved.start;
    return result;
}

// Follows the symbolic link at the end of the first `end` bytes of a path.
static long link_follow(char *path, size_t end, unsigned *links) {
    char text[FILE_PATH_MAX];
    struct ask ask = {
        .request = {.operation = VOLUME_READLINK}, .text = text, .text_length = sizeof text, .is_text_writable = true};
    if (++*links > LINKS_FOLLOWED_MAX)
        return -PIPE_ELOOP;
    long result = prefix_ask(&ask, path, end);
    if (result < 0)
        return result;
    if (ask.reply.link || ask.reply.count > sizeof text)
        return -PIPE_ELOOP; // it was changed meanwhile
    return path_link_apply(path, end, text, ask.reply.count);
}

// Follows every ".." of a path.
static long parents_follow(char *path, unsigned *links) {
    for (long start; (start = path_parent_find(path)) >= 0;) {
        struct ask ask = {.request = {.operation = VOLUME_LOOKUP}};
        long result = start ? prefix_ask(&ask, path, (size_t)start) : 0;
        if (result < 0)
            return result;
        uint32_t type = ask.reply.stat.mode & MODE_TYPE;
        if (ask.reply.link || type == MODE_LINK)
            result = link_follow(path, ask.reply.link ? ask.reply.count : (size_t)start, links);
        else if (start && type != MODE_DIRECTORY)
            result = -PIPE_ENOTDIR;
        else
            path_parent_apply(path, (size_t)start);
        if (result < 0)
            return result;
    }
    return 0;
}

// Asks once about paths without "..". Where a link is in the way it is followed: *again.
static long paths_ask(struct ask *ask, char paths[][FILE_PATH_MAX + 1], unsigned *links, bool *again) {
    struct resolved names[2] = {0};
    unsigned count = ask->paths[1] ? 2 : 1;
    long result = 0;
    for (unsigned number = 0; number < count && !result; number++)
        result = name_resolve(paths[number], strlen(paths[number]), &names[number]);
    if (!result && count == 2 && names[0].mount != names[1].mount)
        result = -PIPE_EXDEV;
    if (!result)
        result = volume_ask(ask, names);
    for (unsigned number = 0; number < count; number++)
        if (names[number].volume > 0)
            pipe_close(names[number].volume);
    *again = !result && ask->reply.link;
    if (!*again)
        return result;
    unsigned lease = ask->reply.lease % count;
    size_t end = names[lease].start + ask->reply.count;
    return ask->reply.count && end <= strlen(paths[lease]) ? link_follow(paths[lease], end, links) : -PIPE_EPROTO;
}

static long file_ask(struct ask *ask) {
    char paths[2][FILE_PATH_MAX + 1];
    unsigned links = 0;
    bool again = true;
    long result = path_join(file_directory(), ask->paths[0], paths[0]);
    if (!result && ask->paths[1])
        result = path_join(file_directory(), ask->paths[1], paths[1]);
    while (!result && again) {
        result = parents_follow(paths[0], &links);
        if (!result && ask->paths[1])
            result = parents_follow(paths[1], &links);
        if (!result)
            result = paths_ask(ask, paths, &links, &again);
    }
    if (!result && ask->real)
        strcpy(ask->real, paths[0]);
    return result;
}

// ---- Names ----

static uint32_t mask = MASK_FIRST;

uint32_t file_mask(uint32_t new_mask) {
    uint32_t before = mask;
    mask = new_mask & 0777;
    return before;
}

long file_open_mode(const char *path, uint32_t flags, uint32_t mode) {
    struct ask ask = {.request = {.operation = VOLUME_OPEN,
                                  .flags = flags | (flags & OPEN_NEW ? 0 : PATH_FOLLOW),
                                  .mode = mode & ~mask},
                      .paths = {path},
                      .pays = true};
    long result = file_ask(&ask);
    return result ? result : ask.handle ? ask.handle : -PIPE_EPROTO;
}

long file_open(const char *path, uint32_t flags) {
    return file_open_mode(path, flags, 0666);
}

static long stat_ask(const char *path, uint32_t flags, struct stream_stat *stat) {
    struct ask ask = {.request = {.operation = VOLUME_LOOKUP, .flags = flags}, .paths = {path}};
    long result = file_ask(&ask);
    if (!result)
        *stat = ask.reply.stat;
    return result;
}

long file_stat(const char *path, struct stream_stat *stat) {
    return stat_ask(path, PATH_FOLLOW, stat);
}

long file_stat_link(const char *path, struct stream_stat *stat) {
    return stat_ask(path, 0, stat);
}

long file_real(const char *path, char *to) {
    struct ask ask = {.request = {.operation = VOLUME_LOOKUP, .flags = PATH_FOLLOW}, .paths = {path}, .real = to};
    return file_ask(&ask);
}

long file_change(const char *path, uint32_t wanted, const struct stream_stat *stat) {
    struct ask ask = {.request = {.operation = VOLUME_CHANGE,
                                  .flags = PATH_FOLLOW,
                                  .mask = wanted,
                                  .mode = stat->mode,
                                  .owner = stat->owner,
                                  .group = stat->group,
                                  .accessed = stat->accessed,
                                  .modified = stat->modified,
                                  .size = stat->size},
                      .paths = {path}};
    return file_ask(&ask);
}

static long remove_ask(const char *path, uint32_t flags) {
    struct ask ask = {.request = {.operation = VOLUME_REMOVE, .flags = flags}, .paths = {path}};
    return file_ask(&ask);
}

long file_remove(const char *path) {
    return remove_ask(path, REMOVE_FILE);
}

long file_remove_directory(const char *path) {
    return remove_ask(path, REMOVE_DIRECTORY);
}

long file_rename_flags(const char *from, const char *to, uint32_t flags) {
    struct ask ask = {.request = {.operation = VOLUME_RENAME, .flags = flags}, .paths = {from, to}};
    return file_ask(&ask);
}

long file_rename(const char *from, const char *to) {
    return file_rename_flags(from, to, 0);
}

long file_make_directory_mode(const char *path, uint32_t mode) {
    struct ask ask = {.request = {.operation = VOLUME_CREATE, .mode = MODE_DIRECTORY | (mode & ~mask)},
                      .paths = {path}};
    return file_ask(&ask);
}

long file_make_directory(const char *path) {
    return file_make_directory_mode(path, 0777);
}

long file_link(const char *path, const char *to) {
    struct ask ask = {.request = {.operation = VOLUME_LINK}, .paths = {path, to}};
    return file_ask(&ask);
}

long file_symlink(const char *text, const char *path) {
    struct ask ask = {.request = {.operation = VOLUME_SYMLINK},
                      .paths = {path},
                      .text = (void *)(uintptr_t)text,
                      .text_length = strlen(text)};
    if (!*text)
        return -PIPE_ENOENT;
    return file_ask(&ask);
}

long file_readlink(const char *path, char *text, size_t room) {
    struct ask ask = {.request = {.operation = VOLUME_READLINK},
                      .paths = {path},
                      .text = text,
                      .text_length = room,
                      .is_text_writable = true};
    long result = room ? file_ask(&ask) : -PIPE_EINVAL;
    return result ? result : (long)ask.reply.count;
}

// ---- Volumes and mounts ----

long file_space(const char *path, struct volume_space *space, uint64_t deadline) {
    char whole[FILE_PATH_MAX + 1];
    struct resolved resolved;
    struct volume_request request = {.operation = VOLUME_SPACE};
    long result = file_resolve(path, whole);
    if (!result)
        result = name_resolve(whole, strlen(whole), &resolved);
    if (result < 0)
        return result;
    result = pipe_call(resolved.volume, &request, sizeof request, space, sizeof *space, deadline);
    pipe_close(resolved.volume);
    return result < 0 ? result : 0;
}

long file_mount(const char *pipe, const char *path) {
    struct {
        struct vfs_request head;
        char pipe[PATH_LENGTH_MAX];
    } request = {.head = {.operation = VFS_MOUNT}};
    char whole[FILE_PATH_MAX + 1];
    size_t length = strlen(pipe);
    long result = file_resolve(path, whole);
    if (length > sizeof request.pipe)
        return -PIPE_ENAMETOOLONG;
    memcpy(request.pipe, pipe, length);
    return result < 0 ? result : vfs_ask(&request.head, sizeof request.head + length, whole, strlen(whole), NULL, 0);
}

long file_unmount(const char *path) {
    struct vfs_request request = {.operation = VFS_UMOUNT};
    char whole[FILE_PATH_MAX + 1];
    long result = file_resolve(path, whole);
    return result < 0 ? result : vfs_ask(&request, sizeof request, whole, strlen(whole), NULL, 0);
}

long file_mount_list(uint32_t index, struct vfs_mount *mount) {
    struct vfs_request request = {.operation = VFS_LIST, .index = index};
    long result = vfs_ask(&request, sizeof request, NULL, 0, mount, sizeof *mount);
    return result < 0 ? result : 0;
}

// ---- Rights ----

uint32_t file_owner(void) {
    static uint32_t owner;
    static bool is_known;
    struct pid_request request = {.operation = PROCESS_OWNER, .pid = process_id()};
    struct owner_reply reply = {0};
    if (is_known)
        return owner;
    long handle = pipe_open(PROCESS_PIPE, RIGHT_WRITE);
    is_known = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE) == sizeof reply;
    if (handle > 0)
        pipe_close(handle);
    owner = reply.owner;
    return owner;
}

bool stat_allows(const struct stream_stat *stat, uint32_t wanted) {
    uint32_t owner = file_owner();
    uint32_t mode = stat->owner == owner ? stat->mode >> 6 : stat->group == owner ? stat->mode >> 3 : stat->mode;
    if (owner == 0) // who may execute a file only if somebody may
        return !(wanted & 1) || stat_is_directory(stat) || stat->mode & 0111;
    return (mode & wanted) == wanted;
}
