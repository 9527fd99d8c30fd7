// SPDX-License-Identifier: MIT
// The system calls about names.
#include "task.h"

#include "clock.h"
#include "file.h"
#include "wall.h"

#include <string.h>

long call_getcwd(struct task *task, const uint64_t *arguments) {
    size_t length = strlen(task->directory) + 1;
    if (arguments[1] < length)
        return -LINUX_ERANGE;
    return memory_put(&task->memory, arguments[0], task->directory, length) ? (long)length : -LINUX_EFAULT;
}

long call_chdir(struct task *task, const uint64_t *arguments) {
    char path[PATH_ROOM], real[PATH_ROOM];
    struct stream_stat stat;
    long error = path_of(task, LINUX_AT_FDCWD, arguments[0], path);
    if (!error)
        error = linux_result(file_real(path, real));
    if (error >= 0)
        error = linux_result(file_stat(real, &stat));
    if (error < 0)
        return error;
    if (!stat_is_directory(&stat))
        return -LINUX_ENOTDIR;
    strcpy(task->directory, real);
    return 0;
}

long call_umask(struct task *task, const uint64_t *arguments) {
    uint32_t before = task->mask;
    task->mask = (uint32_t)arguments[0] & 0777;
    return before;
}

static long directory_make(struct task *task, int directory, uint64_t address, uint64_t mode) {
    char path[PATH_ROOM];
    long error = path_of(task, directory, address, path);
    file_mask(task->mask);
    return error ? error : linux_result(file_make_directory_mode(path, (uint32_t)mode & MODE_PERMISSIONS));
}

long call_mkdir(struct task *task, const uint64_t *arguments) {
    return directory_make(task, LINUX_AT_FDCWD, arguments[0], arguments[1]);
}

long call_mkdirat(struct task *task, const uint64_t *arguments) {
    return directory_make(task, (int)arguments[0], arguments[1], arguments[2]);
}

static long name_remove(struct task *task, int directory, uint64_t address, bool is_directory) {
    char path[PATH_ROOM];
    long error = path_of(task, directory, address, path);
    return error ? error : linux_result(is_directory ? file_remove_directory(path) : file_remove(path));
}

long call_unlink(struct task *task, const uint64_t *arguments) {
    return name_remove(task, LINUX_AT_FDCWD, arguments[0], false);
}

long call_rmdir(struct task *task, const uint64_t *arguments) {
    return name_remove(task, LINUX_AT_FDCWD, arguments[0], true);
}

// Flags: AT_REMOVEDIR.
long call_unlinkat(struct task *task, const uint64_t *arguments) {
    if (arguments[2] & ~(uint64_t)LINUX_AT_REMOVEDIR)
        return -LINUX_EINVAL;
    return name_remove(task, (int)arguments[0], arguments[1], arguments[2]);
}

static long two_paths(struct task *task, const uint64_t *arguments, char *from, char *to) {
    long error = path_of(task, LINUX_AT_FDCWD, arguments[0], from);
    return error ? error : path_of(task, LINUX_AT_FDCWD, arguments[1], to);
}

long call_rename(struct task *task, const uint64_t *arguments) {
    char from[PATH_ROOM], to[PATH_ROOM];
    long error = two_paths(task, arguments, from, to);
    return error ? error : linux_result(file_rename(from, to));
}

long call_link(struct task *task, const uint64_t *arguments) {
    char from[PATH_ROOM], to[PATH_ROOM];
    long error = two_paths(task, arguments, from, to);
    return error ? error : linux_result(file_link(from, to));
}

long call_symlink(struct task *task, const uint64_t *arguments) {
    char text[PATH_ROOM], path[PATH_ROOM];
    long length = memory_get_string(&task->memory, arguments[0], text, sizeof text);
    long error = length < 0 ? length : path_of(task, LINUX_AT_FDCWD, arguments[1], path);
    return error ? error : linux_result(file_symlink(text, path));
}

static long link_read(struct task *task, int directory, uint64_t address, uint64_t to, uint64_t room) {
    char path[PATH_ROOM], text[PATH_ROOM], named[PATH_ROOM];
    long length = path_of(task, directory, address, path);
    if (length)
        return length;
    memory_get_string(&task->memory, address, named, sizeof named);
    if (strcmp(named, "/proc/self/exe") == 0)
        length = (long)strlen(strcpy(text, path));
    else
        length = linux_result(file_readlink(path, text, sizeof text));
    if (length > 0 && (uint64_t)length > room)
        length = (long)room;
    return length <= 0 || memory_put(&task->memory, to, text, (size_t)length) ? length : -LINUX_EFAULT;
}

long call_readlink(struct task *task, const uint64_t *arguments) {
    return link_read(task, LINUX_AT_FDCWD, arguments[0], arguments[1], arguments[2]);
}

long call_readlinkat(struct task *task, const uint64_t *arguments) {
    return link_read(task, (int)arguments[0], arguments[1], arguments[2], arguments[3]);
}

long call_chmod(struct task *task, const uint64_t *arguments) {
    char path[PATH_ROOM];
    struct stream_stat stat = {.mode = (uint32_t)arguments[1] & MODE_PERMISSIONS};
    long error = path_of(task, LINUX_AT_FDCWD, arguments[0], path);
    return error ? error : linux_result(file_change(path, CHANGE_MODE, &stat));
}

// ---- Times ----

// A time of a file, of the kernel's clock: as given, UTIME_NOW, or (false) UTIME_OMIT.
static bool time_take(const struct linux_time *time, int64_t *to) {
    if (time->nanoseconds == LINUX_UTIME_OMIT)
        return false;
    int64_t boot = (int64_t)(wall_now() - clock_now());
    *to = time->nanoseconds == LINUX_UTIME_NOW ? (int64_t)clock_now()
                                               : time->seconds * (int64_t)SECOND + time->nanoseconds - boot;
    return true;
}

static long times_change(struct task *task, const uint64_t *arguments, uint32_t mask, const struct stream_stat *stat) {
    char path[PATH_ROOM];
    if (!arguments[1]) {
        const struct description *opened = description_at(&task->files, arguments[0]);
        if (!opened || opened->kind != DESCRIPTION_FILE)
            return -LINUX_EBADF;
        return linux_result(file_change_open(opened->handle, mask, stat));
    }
    long error = path_of(task, (int)arguments[0], arguments[1], path);
    return error ? error : linux_result(file_change(path, mask, stat));
}

// Flags: none.
long call_utimensat(struct task *task, const uint64_t *arguments) {
    struct linux_time times[2] = {{0, LINUX_UTIME_NOW}, {0, LINUX_UTIME_NOW}};
    struct stream_stat stat = {0};
    if (arguments[3])
        return -LINUX_EINVAL;
    if (arguments[2] && !memory_get(&task->memory, arguments[2], times, sizeof times))
        return -LINUX_EFAULT;
    uint32_t mask = time_take(&times[0], &stat.accessed) ? CHANGE_ACCESSED : 0;
    mask |= time_take(&times[1], &stat.modified) ? CHANGE_MODIFIED : 0;
    return times_change(task, arguments, mask, &stat);
}
