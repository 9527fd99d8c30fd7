// SPDX-License-Identifier: MIT
// The system calls about descriptors and files.
#include "task.h"

#include "clock.h"
#include "device.h"
#include "file.h"
#include "wall.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

// ---- Opening ----

static uint32_t native_flags(uint64_t flags) {
    uint32_t access = flags & LINUX_O_ACCMODE;
    uint32_t wanted = access == LINUX_O_WRONLY ? OPEN_WRITE
                      : access == LINUX_O_RDWR ? OPEN_READ | OPEN_WRITE
                                               : OPEN_READ;
    wanted |= flags & LINUX_O_CREAT ? OPEN_CREATE : 0;
    wanted |= flags & LINUX_O_CREAT && flags & LINUX_O_EXCL ? OPEN_NEW : 0;
    wanted |= flags & LINUX_O_TRUNC && access ? OPEN_TRUNCATE : 0;
    return wanted | (flags & LINUX_O_APPEND ? OPEN_APPEND : 0);
}

// What is opened for reading and is a directory is known by its path alone.
static long directory_check(const char *path, uint64_t flags, bool *is_directory) {
    struct stream_stat stat;
    long error = flags & LINUX_O_NOFOLLOW ? file_stat_link(path, &stat) : file_stat(path, &stat);
    *is_directory = !error && stat_is_directory(&stat);
    if (error)
        return flags & LINUX_O_CREAT && error == -PIPE_ENOENT ? 0 : linux_result(error);
    if ((stat.mode & MODE_TYPE) == MODE_LINK)
        return -LINUX_ELOOP;
    if (!*is_directory)
        return flags & LINUX_O_DIRECTORY ? -LINUX_ENOTDIR : 0;
    return flags & (LINUX_O_ACCMODE | LINUX_O_CREAT) ? -LINUX_EISDIR : 0;
}

static struct description *describe(struct task *task, const char *path, uint64_t flags, uint64_t mode, long *error) {
    uint32_t kept = (uint32_t)flags & ~LINUX_O_CLOEXEC;
    enum device device = device_of(path);
    if (device)
        return description_make(DESCRIPTION_DEVICE, kept, device, NULL);
    bool is_directory;
    *error = directory_check(path, flags, &is_directory);
    if (*error)
        return NULL;
    if (is_directory)
        return description_make(DESCRIPTION_DIRECTORY, kept, 0, path);
    file_mask(task->mask);
    long handle = file_open_mode(path, native_flags(flags), (uint32_t)mode & MODE_PERMISSIONS);
    *error = handle < 0 ? linux_result(handle) : 0;
    struct description *description = *error ? NULL : description_make(DESCRIPTION_FILE, kept, handle, path);
    if (!description && !*error)
        file_close(handle);
    return description;
}

// Flags: those of LINUX_O_KNOWN; what else there is would change what a program gets.
static long open_at(struct task *task, int directory, uint64_t address, uint64_t flags, uint64_t mode) {
    char path[PATH_ROOM];
    if (flags & ~(uint64_t)LINUX_O_KNOWN || (flags & LINUX_O_ACCMODE) == LINUX_O_ACCMODE)
        return -LINUX_EINVAL;
    long error = path_of(task, directory, address, path);
    struct description *description = error ? NULL : describe(task, path, flags, mode, &error);
    if (!description)
        return error ? error : -LINUX_ENOMEM;
    long descriptor = descriptor_add(&task->files, 0, description, flags & LINUX_O_CLOEXEC);
    if (descriptor < 0)
        description_release(description);
    return descriptor;
}

long call_open(struct task *task, const uint64_t *arguments) {
    return open_at(task, LINUX_AT_FDCWD, arguments[0], arguments[1], arguments[2]);
}

long call_openat(struct task *task, const uint64_t *arguments) {
    return open_at(task, (int)arguments[0], arguments[1], arguments[2], arguments[3]);
}

// ---- Descriptors ----

long call_close(struct task *task, const uint64_t *arguments) {
    if (!description_at(&task->files, arguments[0]))
        return -LINUX_EBADF;
    descriptor_drop(&task->files, arguments[0]);
    return 0;
}

static long duplicate(struct task *task, uint64_t descriptor, uint64_t least, bool closes) {
    struct description *description = description_at(&task->files, descriptor);
    if (!description)
        return -LINUX_EBADF;
    long result = descriptor_add(&task->files, least, description, closes);
    description->references += result >= 0;
    return result;
}

long call_dup(struct task *task, const uint64_t *arguments) {
    return duplicate(task, arguments[0], 0, false);
}

static long duplicate_to(struct task *task, uint64_t from, uint64_t to, bool closes) {
    struct description *description = description_at(&task->files, from);
    if (!description || to >= DESCRIPTORS_MAX_LINUX)
        return -LINUX_EBADF;
    if (from == to)
        return (long)to;
    description->references++;
    descriptor_drop(&task->files, to);
    task->files.of[to] = description;
    task->files.closes[to] = closes;
    return (long)to;
}

long call_dup2(struct task *task, const uint64_t *arguments) {
    return duplicate_to(task, arguments[0], arguments[1], false);
}

// Flags: O_CLOEXEC.
long call_dup3(struct task *task, const uint64_t *arguments) {
    if (arguments[2] & ~(uint64_t)LINUX_O_CLOEXEC || arguments[0] == arguments[1])
        return -LINUX_EINVAL;
    return duplicate_to(task, arguments[0], arguments[1], arguments[2]);
}

// DUPFD, GETFD, SETFD, GETFL; SETFL of O_APPEND as it is, and O_NONBLOCK.
long call_fcntl(struct task *task, const uint64_t *arguments) {
    struct description *opened = description_at(&task->files, arguments[0]);
    if (!opened)
        return -LINUX_EBADF;
    switch (arguments[1]) {
    case LINUX_F_DUPFD:
    case LINUX_F_DUPFD_CLOEXEC:
        return arguments[2] >= DESCRIPTORS_MAX_LINUX
                   ? -LINUX_EINVAL
                   : duplicate(task, arguments[0], arguments[2], arguments[1] == LINUX_F_DUPFD_CLOEXEC);
    case LINUX_F_GETFD:
        return task->files.closes[arguments[0]];
    case LINUX_F_SETFD:
        task->files.closes[arguments[0]] = arguments[2] & 1;
        return 0;
    case LINUX_F_GETFL:
        return opened->flags & ~(LINUX_O_CREAT | LINUX_O_EXCL | LINUX_O_NOCTTY | LINUX_O_TRUNC);
    case LINUX_F_SETFL:
        if ((arguments[2] ^ opened->flags) & LINUX_O_APPEND)
            return -LINUX_EINVAL;
        opened->flags = (opened->flags & ~LINUX_O_NONBLOCK) | (uint32_t)(arguments[2] & LINUX_O_NONBLOCK);
        return 0;
    default:
        return -LINUX_EINVAL;
    }
}

// TCGETS and TIOCGWINSZ of a terminal. Its mode can't be set yet. Its size is told as not known, as that of a serial
// line on Linux: to ask the terminal takes half a second, and most programs ask at their start.
long call_ioctl(struct task *task, const uint64_t *arguments) {
    static const struct linux_termios termios = LINUX_TERMIOS;
    static const struct linux_window window;
    const struct description *opened = description_at(&task->files, arguments[0]);
    if (!opened)
        return -LINUX_EBADF;
    if (opened->kind != DESCRIPTION_STANDARD || !isatty((int)opened->handle))
        return -LINUX_ENOTTY;
    if (arguments[1] == LINUX_TCGETS)
        return memory_put(&task->memory, arguments[2], &termios, sizeof termios) ? 0 : -LINUX_EFAULT;
    if (arguments[1] == LINUX_TIOCGWINSZ)
        return memory_put(&task->memory, arguments[2], &window, sizeof window) ? 0 : -LINUX_EFAULT;
    return -LINUX_ENOTTY;
}

// ---- What files are ----

#define BLOCK_SIZE 4096
#define BLOCK_UNIT 512 // of `blocks`
#define MODE_PIPE 0010600u
#define MODE_DEVICE 0020666u
#define MODE_STANDARD 0020620u

static void time_split(int64_t time, int64_t *seconds, int64_t *nanoseconds) {
    int64_t wall = wall_at(time);
    *seconds = wall / (int64_t)SECOND;
    *nanoseconds = wall % (int64_t)SECOND;
}

static long stat_put(struct task *task, uint64_t address, const struct stream_stat *stat) {
    struct linux_stat status = {.device = stat->volume,
                                .inode = stat->inode,
                                .links = stat->links,
                                .mode = stat->mode,
                                .owner = stat->owner,
                                .group = stat->group,
                                .size = (int64_t)stat->size,
                                .block_size = BLOCK_SIZE,
                                .blocks = (int64_t)(stat->space / BLOCK_UNIT)};
    time_split(stat->accessed, &status.accessed, &status.accessed_nanoseconds);
    time_split(stat->modified, &status.modified, &status.modified_nanoseconds);
    time_split(stat->changed, &status.changed, &status.changed_nanoseconds);
    return memory_put(&task->memory, address, &status, sizeof status) ? 0 : -LINUX_EFAULT;
}

static long opened_stat(const struct description *opened, struct stream_stat *stat) {
    *stat = (struct stream_stat){.links = 1};
    switch (opened->kind) {
    case DESCRIPTION_FILE:
        return linux_result(file_stat_open(opened->handle, stat));
    case DESCRIPTION_DIRECTORY:
        return linux_result(file_stat(opened->path, stat));
    case DESCRIPTION_STANDARD:
        stat->mode = isatty((int)opened->handle) ? MODE_STANDARD : MODE_PIPE;
        return 0;
    default:
        stat->mode = opened->kind == DESCRIPTION_DEVICE ? MODE_DEVICE : MODE_PIPE;
        return 0;
    }
}

long call_fstat(struct task *task, const uint64_t *arguments) {
    const struct description *opened = description_at(&task->files, arguments[0]);
    struct stream_stat stat;
    long error = opened ? opened_stat(opened, &stat) : -LINUX_EBADF;
    return error ? error : stat_put(task, arguments[1], &stat);
}

static long path_stat(struct task *task, int directory, uint64_t address, bool follows, uint64_t to) {
    char path[PATH_ROOM];
    struct stream_stat stat = {.links = 1, .mode = MODE_DEVICE};
    long error = path_of(task, directory, address, path);
    if (!error && !device_of(path))
        error = linux_result(follows ? file_stat(path, &stat) : file_stat_link(path, &stat));
    return error ? error : stat_put(task, to, &stat);
}

long call_stat(struct task *task, const uint64_t *arguments) {
    return path_stat(task, LINUX_AT_FDCWD, arguments[0], true, arguments[1]);
}

long call_lstat(struct task *task, const uint64_t *arguments) {
    return path_stat(task, LINUX_AT_FDCWD, arguments[0], false, arguments[1]);
}

// Flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_NO_AUTOMOUNT (nothing is mounted by itself).
long call_newfstatat(struct task *task, const uint64_t *arguments) {
    char first = 0;
    if (arguments[3] & ~(uint64_t)(LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH | LINUX_AT_NO_AUTOMOUNT))
        return -LINUX_EINVAL;
    if (arguments[3] & LINUX_AT_EMPTY_PATH && memory_get(&task->memory, arguments[1], &first, 1) && !first) {
        const uint64_t opened[] = {arguments[0], arguments[2]};
        return call_fstat(task, opened);
    }
    return path_stat(task, (int)arguments[0], arguments[1], !(arguments[3] & LINUX_AT_SYMLINK_NOFOLLOW), arguments[2]);
}

static long access_check(struct task *task, int directory, uint64_t address, uint64_t mode) {
    char path[PATH_ROOM];
    if (mode & ~7ull)
        return -LINUX_EINVAL;
    long error = path_of(task, directory, address, path);
    if (error)
        return error;
    return access(path, (int)mode) == 0 ? 0 : linux_result(-errno);
}

long call_access(struct task *task, const uint64_t *arguments) {
    return access_check(task, LINUX_AT_FDCWD, arguments[0], arguments[1]);
}

long call_faccessat(struct task *task, const uint64_t *arguments) {
    return access_check(task, (int)arguments[0], arguments[1], arguments[2]);
}

// ---- Directories ----

// Writes one entry at `used` of the buffer: false: it does not fit.
static bool entry_put(struct task *task, const uint64_t *arguments, size_t *used, uint64_t inode, int64_t next,
                      uint32_t mode, const char *name) {
    size_t length = (LINUX_ENTRY_HEAD + strlen(name) + 1 + 7) & ~(size_t)7;
    uint8_t bytes[LINUX_ENTRY_HEAD + FILE_NAME_MAX + 9] = {0};
    struct linux_entry head = {inode, next, (uint16_t)length, (uint8_t)(mode >> 12)};
    if (*used + length > arguments[2])
        return false;
    memcpy(bytes, &head, LINUX_ENTRY_HEAD);
    memcpy(bytes + LINUX_ENTRY_HEAD, name, strlen(name));
    if (!memory_put(&task->memory, arguments[1] + *used, bytes, length))
        return false;
    *used += length;
    return true;
}

// "." and "..", then the names in order; the cookie is their number.
static long entries_put(struct task *task, struct description *opened, const uint64_t *arguments,
                        struct file_walk *walk) {
    size_t used = 0;
    bool fits = true;
    for (int64_t number = 0; fits; number++) {
        bool is_dot = number < 2;
        if (!is_dot && file_walk_next(walk) <= 0)
            break;
        if (number < opened->cookie)
            continue;
        fits = is_dot ? entry_put(task, arguments, &used, 1, number + 1, MODE_DIRECTORY, number ? ".." : ".")
                      : entry_put(task, arguments, &used, walk->entry.inode, number + 1, walk->entry.type, walk->name);
        opened->cookie += fits;
    }
    return used || fits ? (long)used : -LINUX_EINVAL;
}

long call_getdents64(struct task *task, const uint64_t *arguments) {
    struct description *opened = description_at(&task->files, arguments[0]);
    static struct file_walk walk;
    if (!opened || opened->kind != DESCRIPTION_DIRECTORY)
        return opened ? -LINUX_ENOTDIR : -LINUX_EBADF;
    long error = linux_result(file_walk_begin(&walk, opened->path));
    if (error)
        return error;
    long result = entries_put(task, opened, arguments, &walk);
    file_walk_end(&walk);
    return result;
}
