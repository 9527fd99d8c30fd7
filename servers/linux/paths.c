// SPDX-License-Identifier: MIT
#include "task.h"

#include "file_path.h"

#include <string.h>

#define SELF_PROGRAM "/proc/self/exe"

long path_of(struct task *task, int directory, uint64_t address, char *to) {
    char path[PATH_ROOM];
    const char *base = task->directory;
    long length = memory_get_string(&task->memory, address, path, sizeof path);
    if (length < 0)
        return length;
    if (length == 0)
        return -LINUX_ENOENT;
    if (strcmp(path, SELF_PROGRAM) == 0) {
        strcpy(to, task->program);
        return 0;
    }
    if (path[0] != '/' && directory != LINUX_AT_FDCWD) {
        const struct description *opened = description_at(&task->files, (uint64_t)directory);
        if (!opened || opened->kind != DESCRIPTION_DIRECTORY)
            return opened ? -LINUX_ENOTDIR : -LINUX_EBADF;
        base = opened->path;
    }
    return linux_result(path_join(base, path, to));
}
