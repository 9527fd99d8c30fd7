// SPDX-License-Identifier: MIT
#include "files.h"

#include "file.h"
#include "linux_abi.h"
#include "task.h"

#include <stdlib.h>
#include <string.h>

struct description *description_make(enum description_kind kind, uint32_t flags, long handle, const char *path) {
    struct description *description = calloc(1, sizeof *description);
    if (!description)
        return NULL;
    *description = (struct description){.references = 1, .kind = kind, .flags = flags, .handle = handle};
    description->path = path ? strdup(path) : NULL;
    if (!path || description->path)
        return description;
    free(description);
    return NULL;
}

static bool is_writer(const struct description *description) {
    return (description->flags & LINUX_O_ACCMODE) == LINUX_O_WRONLY;
}

static void pipe_release(const struct description *end) {
    struct byte_pipe *pipe = end->pipe;
    *(is_writer(end) ? &pipe->writers : &pipe->readers) -= 1;
    may_go_on = true;
    if (!pipe->readers && !pipe->writers)
        free(pipe);
}

void description_release(struct description *description) {
    if (--description->references)
        return;
    if (description->kind == DESCRIPTION_FILE)
        file_close(description->handle);
    if (description->kind == DESCRIPTION_PIPE)
        pipe_release(description);
    free(description->path);
    free(description);
}

struct description *description_at(const struct files *files, uint64_t descriptor) {
    return descriptor < DESCRIPTORS_MAX_LINUX ? files->of[descriptor] : NULL;
}

long descriptor_add(struct files *files, uint64_t least, struct description *description, bool closes) {
    for (; least < DESCRIPTORS_MAX_LINUX; least++)
        if (!files->of[least]) {
            files->of[least] = description;
            files->closes[least] = closes;
            return (long)least;
        }
    return -LINUX_EMFILE;
}

void descriptor_drop(struct files *files, uint64_t descriptor) {
    struct description *description = files->of[descriptor];
    files->of[descriptor] = NULL;
    if (description)
        description_release(description);
}

void files_copy(struct files *to, const struct files *from) {
    *to = *from;
    for (uint32_t descriptor = 0; descriptor < DESCRIPTORS_MAX_LINUX; descriptor++)
        if (to->of[descriptor])
            to->of[descriptor]->references++;
}

void files_close(struct files *files, bool all) {
    for (uint32_t descriptor = 0; descriptor < DESCRIPTORS_MAX_LINUX; descriptor++)
        if (files->of[descriptor] && (all || files->closes[descriptor]))
            descriptor_drop(files, descriptor);
}
