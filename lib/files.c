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

// Whether the path is one of a file that can be started.
static bool is_program(const char *path) {
    char whole[FILE_PATH_MAX + 1];
    return file_resolve(path, whole) == 0 && strncmp(whole, PROGRAMS_DIRECTORY, strlen(PROGRAMS_DIRECTORY)) == 0;
}

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
    long file = file_open(path, open_flags(flags));
    if (file < 0)
        return (int)fail(file);
    int descriptor = (int)descriptor_new(0, file, OPENED_FILE, flags);
    opened_of(descriptor)->is_program = is_program(path);
    return descriptor;
}

// Its file, 0: it leads to something else; a negated error: it is none.
static long file_of(int descriptor) {
    const struct opened *opened = opened_of(descriptor);
    return !opened ? -PIPE_EBADF : opened->kind == OPENED_FILE ? opened->handle : 0;
}

static long position_set(const struct opened *opened, off_t offset, int whence) {
    static const enum file_seek file_from[] = {
        [SEEK_SET] = SEEK_FROM_START, [SEEK_CUR] = SEEK_FROM_POSITION, [SEEK_END] = SEEK_FROM_END};
    static const enum stream_from stream_from[] = {
        [SEEK_SET] = STREAM_FROM_START, [SEEK_CUR] = STREAM_FROM_POSITION, [SEEK_END] = STREAM_FROM_END};
    if (whence < SEEK_SET || whence > SEEK_END)
        return -PIPE_EINVAL;
    return opened->kind == OPENED_DEVICE   ? 0
           : opened->kind == OPENED_FILE   ? file_seek(opened->handle, offset, file_from[whence])
           : opened->kind == OPENED_STREAM ? stream_seek(opened->handle, offset, stream_from[whence])
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

#define MODE_READ 0444
#define MODE_WRITE 0222
#define MODE_SEARCH 0111
#define MODE_RUN 0111
#define BLOCK 4096 // what the server gives at once, for stdio's buffers
#define UNIT 512   // of st_blocks

static void status_put(const struct file_stat *stat, struct stat *status) {
    bool is_directory = stat->type == FILE_TYPE_DIRECTORY;
    memset(status, 0, sizeof *status);
    status->st_mode = is_directory ? S_IFDIR | MODE_READ | MODE_SEARCH : S_IFREG | MODE_READ;
    if (!stat->is_read_only)
        status->st_mode |= MODE_WRITE;
    status->st_ino = (ino_t)stat->number;
    status->st_nlink = 1;
    status->st_size = (off_t)stat->size;
    status->st_mtime = (time_t)(wall_at(stat->modified) / SECOND);
    status->st_blksize = BLOCK;
    status->st_blocks = (blkcnt_t)(stat->space / UNIT);
}

static void device_put(struct stat *status) {
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFCHR | MODE_READ | MODE_WRITE;
    status->st_nlink = 1;
    status->st_blksize = BLOCK;
}

int fstat(int descriptor, struct stat *status) {
    const struct opened *opened = opened_of(descriptor);
    struct file_stat stat;
    if (opened && opened->kind == OPENED_DEVICE) {
        device_put(status);
        return 0;
    }
    if (opened && opened->kind != OPENED_FILE) {
        memset(status, 0, sizeof *status);
        status->st_mode = opened->kind != OPENED_QUEUE || is_terminal(opened) ? S_IFCHR : S_IFIFO;
        status->st_blksize = (blksize_t)opened->message_max;
        return 0;
    }
    long result = opened ? file_stat_open(opened->handle, &stat) : -PIPE_EBADF;
    if (result == 0)
        status_put(&stat, status);
    if (result == 0 && opened->is_program)
        status->st_mode |= MODE_RUN;
    return done_or_fail(result);
}

int stat(const char *path, struct stat *status) {
    struct file_stat found;
    if (device_of(path)) {
        device_put(status);
        return 0;
    }
    long result = file_stat(path, &found);
    if (result == 0)
        status_put(&found, status);
    if (result == 0 && found.type == FILE_TYPE_FILE && is_program(path))
        status->st_mode |= MODE_RUN;
    return done_or_fail(result);
}

int access(const char *path, int mode) {
    struct file_stat found;
    if (device_of(path))
        return mode & X_OK ? (int)fail(-PIPE_EACCES) : 0;
    long result = file_stat(path, &found);
    if (result == 0 && mode & W_OK && found.is_read_only)
        result = -PIPE_EROFS;
    if (result == 0 && mode & X_OK && found.type != FILE_TYPE_DIRECTORY && !is_program(path))
        result = -PIPE_EACCES;
    return done_or_fail(result);
}

// ---- Names ----

int unlink(const char *path) {
    return done_or_fail(file_remove(path));
}

int rename(const char *from, const char *to) {
    return done_or_fail(file_rename(from, to));
}

int mkdir(const char *path, mode_t mode) {
    (void)mode;
    return done_or_fail(file_make_directory(path));
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
    struct file_stat found;
    char *place = to ? to : malloc(FILE_PATH_MAX + 1);
    long result = place ? file_stat(path, &found) : -PIPE_ENOMEM;
    if (result >= 0)
        result = file_resolve(path, place);
    if (result >= 0)
        return place;
    if (!to)
        free(place);
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

// There are no links, users, or rights of files but that of the boot image.
int lstat(const char *path, struct stat *status) {
    return stat(path, status);
}

mode_t umask(mode_t mask) {
    (void)mask;
    return 0;
}

int fsync(int descriptor) {
    return done_or_fail(opened_of(descriptor) ? 0 : -PIPE_EBADF);
}
