// SPDX-License-Identifier: MIT
// Files as newlib wants them ("Syscalls", newlib's manual), by descriptors (descriptor.h) and by name.
#include "clock.h"
#include "descriptor.h"
#include "device.h"
#include "file.h"
#include "pipe.h"
#include "protocol/start.h"
#include "stream.h"
#include "terminal.h"
#include "wall.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long fail(long error) {
    errno = (int)-error;
    return -1;
}

static int done_or_fail(long result) {
    return result < 0 ? (int)fail(result) : 0;
}

// ---- Descriptors ----

static uint32_t open_flags(int flags) {
    int access = flags & O_ACCMODE;
    uint32_t wanted = access == O_WRONLY ? OPEN_WRITE : access == O_RDWR ? OPEN_READ | OPEN_WRITE : OPEN_READ;
    wanted |= flags & O_CREAT ? OPEN_CREATE : 0;
    wanted |= flags & O_CREAT && flags & O_EXCL ? OPEN_NEW : 0;
    wanted |= flags & O_TRUNC ? OPEN_TRUNCATE : 0;
    return wanted | (flags & O_APPEND ? OPEN_APPEND : 0);
}

int open(const char *path, int flags, ...) {
    long result = descriptor_free(0);
    if (result < 0)
        return (int)fail(result);
    enum device device = device_of(path);
    if (device && flags & O_CREAT && flags & O_EXCL)
        return (int)fail(-PIPE_EEXIST);
    if (device)
        return (int)descriptor_new(0, device, OPENED_DEVICE, flags);
    va_list arguments;
    va_start(arguments, flags);
    uint32_t mode = flags & O_CREAT ? (uint32_t)va_arg(arguments, int) : 0;
    va_end(arguments);
    long file = file_open_mode(path, open_flags(flags), mode & MODE_PERMISSIONS);
    return (int)(file < 0 ? fail(file) : descriptor_new(0, file, OPENED_FILE, flags));
}

// Its file, 0: it leads to something else; a negated error: it is none.
static long file_of(int descriptor) {
    const struct opened *opened = opened_of(descriptor);
    return !opened ? -PIPE_EBADF : opened->kind == OPENED_FILE ? opened->handle : 0;
}

static long position_set(const struct opened *opened, off_t offset, int whence) {
    static const enum stream_from from[] = {
        [SEEK_SET] = STREAM_FROM_START, [SEEK_CUR] = STREAM_FROM_POSITION, [SEEK_END] = STREAM_FROM_END};
    if (whence < SEEK_SET || whence > SEEK_END)
        return -PIPE_EINVAL;
    return opened->kind == OPENED_DEVICE   ? 0
           : opened->kind == OPENED_FILE   ? file_seek(opened->handle, offset, from[whence])
           : opened->kind == OPENED_STREAM ? stream_seek(opened->handle, offset, from[whence])
                                           : -PIPE_ESPIPE;
}

off_t lseek(int descriptor, off_t offset, int whence) {
    const struct opened *opened = opened_of(descriptor);
    long result = opened ? position_set(opened, offset, whence) : -PIPE_EBADF;
    return (off_t)(result < 0 ? fail(result) : result);
}

int ftruncate(int descriptor, off_t size) {
    long file = file_of(descriptor);
    if (size < 0 || file == 0)
        return (int)fail(-PIPE_EINVAL);
    return done_or_fail(file < 0 ? file : file_resize(file, (uint64_t)size));
}

static bool is_terminal(const struct opened *opened) {
    return opened->kind == OPENED_QUEUE && terminal_name(opened->handle, opened->flags & O_WRONLY ? "output" : "input");
}

int isatty(int descriptor) {
    const struct opened *opened = opened_of(descriptor);
    if (opened && is_terminal(opened))
        return 1;
    errno = opened ? ENOTTY : EBADF;
    return 0;
}

// ---- What files are ----

#define DEVICE_MODE 0666
#define BLOCK 4096 // what a volume gives at once, for stdio's buffers
#define UNIT 512   // of st_blocks

static time_t seconds_of(int64_t time) {
    return (time_t)(wall_at(time) / (int64_t)SECOND);
}

static void status_put(const struct stream_stat *stat, struct stat *status) {
    memset(status, 0, sizeof *status);
    status->st_dev = (dev_t)stat->volume;
    status->st_ino = (ino_t)stat->inode;
    status->st_mode = stat->mode;
    status->st_nlink = (nlink_t)(stat->links < SHRT_MAX ? stat->links : SHRT_MAX);
    status->st_uid = (uid_t)stat->owner;
    status->st_gid = (gid_t)stat->group;
    status->st_size = (off_t)stat->size;
    status->st_atime = seconds_of(stat->accessed);
    status->st_mtime = seconds_of(stat->modified);
    status->st_ctime = seconds_of(stat->changed);
    status->st_blksize = BLOCK;
    status->st_blocks = (blkcnt_t)(stat->space / UNIT);
}

static void device_put(struct stat *status) {
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFCHR | DEVICE_MODE;
    status->st_nlink = 1;
    status->st_blksize = BLOCK;
}

int fstat(int descriptor, struct stat *status) {
    const struct opened *opened = opened_of(descriptor);
    struct stream_stat stat;
    bool is_stream = opened && (opened->kind == OPENED_FILE || opened->kind == OPENED_STREAM);
    if (opened && opened->kind == OPENED_DEVICE) {
        device_put(status);
        return 0;
    }
    if (opened && !is_stream) {
        memset(status, 0, sizeof *status);
        status->st_mode = opened->kind != OPENED_QUEUE || is_terminal(opened) ? S_IFCHR : S_IFIFO;
        status->st_blksize = (blksize_t)opened->message_max;
        return 0;
    }
    long result = opened ? file_stat_open(opened->handle, &stat) : -PIPE_EBADF;
    if (result == 0)
        status_put(&stat, status);
    return done_or_fail(result);
}

int stat(const char *path, struct stat *status) {
    struct stream_stat found;
    if (device_of(path)) {
        device_put(status);
        return 0;
    }
    long result = file_stat(path, &found);
    if (result == 0)
        status_put(&found, status);
    return done_or_fail(result);
}

int lstat(const char *path, struct stat *status) {
    struct stream_stat found;
    if (device_of(path))
        return stat(path, status);
    long result = file_stat_link(path, &found);
    if (result == 0)
        status_put(&found, status);
    return done_or_fail(result);
}

int access(const char *path, int mode) {
    struct stream_stat found;
    struct volume_space space;
    if (device_of(path))
        return mode & X_OK ? (int)fail(-PIPE_EACCES) : 0;
    long result = file_stat(path, &found);
    if (result == 0 && mode & W_OK && file_space(path, &space, DEADLINE_NONE) == 0 && space.is_read_only)
        result = -PIPE_EROFS;
    if (result == 0 && !stat_allows(&found, (uint32_t)mode & (R_OK | W_OK | X_OK)))
        result = -PIPE_EACCES;
    return done_or_fail(result);
}

int chmod(const char *path, mode_t mode) {
    return done_or_fail(file_change(path, CHANGE_MODE, &(struct stream_stat){.mode = mode}));
}

int fchmod(int descriptor, mode_t mode) {
    long file = file_of(descriptor);
    if (file == 0)
        return (int)fail(-PIPE_EINVAL);
    return done_or_fail(file < 0 ? file : file_change_open(file, CHANGE_MODE, &(struct stream_stat){.mode = mode}));
}

int chown(const char *path, uid_t owner, gid_t group) {
    struct stream_stat wanted = {.owner = (uint32_t)owner, .group = (uint32_t)group};
    uint32_t changed = (owner == (uid_t)-1 ? 0 : CHANGE_OWNER) | (group == (gid_t)-1 ? 0 : CHANGE_GROUP);
    return done_or_fail(file_change(path, changed, &wanted));
}

mode_t umask(mode_t mask) {
    return file_mask(mask);
}

// ---- Names ----

int unlink(const char *path) {
    return done_or_fail(file_remove(path));
}

int rename(const char *from, const char *to) {
    return done_or_fail(file_rename(from, to));
}

int link(const char *path, const char *to) {
    return done_or_fail(file_link(path, to));
}

int symlink(const char *text, const char *path) {
    return done_or_fail(file_symlink(text, path));
}

ssize_t readlink(const char *path, char *text, size_t room) {
    long result = file_readlink(path, text, room);
    return result < 0 ? fail(result) : result;
}

int mkdir(const char *path, mode_t mode) {
    return done_or_fail(file_make_directory_mode(path, mode & MODE_PERMISSIONS));
}

int rmdir(const char *path) {
    return done_or_fail(file_remove_directory(path));
}

int chdir(const char *path) {
    return done_or_fail(file_change_directory(path));
}

char *getcwd(char *to, size_t size) {
    const char *directory = file_directory();
    if (!to && size == 0)
        return strdup(directory); // as glibc and the BSDs do
    if (to && strlen(directory) < size)
        return strcpy(to, directory);
    fail(-PIPE_ERANGE);
    return NULL;
}

char *realpath(const char *path, char *to) {
    char *real = to ? to : malloc(FILE_PATH_MAX + 1);
    long result = real ? file_real(path, real) : -PIPE_ENOMEM;
    if (result >= 0)
        return real;
    if (!to)
        free(real);
    fail(result);
    return NULL;
}

int remove(const char *path) {
    int result = unlink(path);
    return result < 0 && errno == EISDIR ? rmdir(path) : result;
}

int _remove_r(struct _reent *state, const char *path) { // newlib's tmpfile
    (void)state;
    return remove(path);
}

int truncate(const char *path, off_t size) {
    int descriptor = open(path, O_WRONLY);
    int result = descriptor < 0 ? -1 : ftruncate(descriptor, size), error = errno;
    if (descriptor >= 0)
        close(descriptor);
    errno = error;
    return result;
}

int fsync(int descriptor) {
    long file = file_of(descriptor);
    return done_or_fail(file > 0 ? file_sync(file) : file);
}
