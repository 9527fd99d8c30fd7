// SPDX-License-Identifier: MIT
#include "boot_files.h"

#include "archive.h"
#include "protocol/process.h"
#include "spawn.h"

#include <string.h>

static const char program_folder[] = "bin/";

static struct boot_file file_describe(const struct archive_file *file) {
    return (struct boot_file){file->size, file->number,
                              strncmp(file->name, program_folder, sizeof program_folder - 1) == 0};
}

// The file that a request names.
static long file_find(const struct request *request, struct boot_request *boot, const struct archive_file **file) {
    char name[ARCHIVE_NAME_MAX + 1];
    if (!request_get(request, boot, sizeof *boot))
        return -PIPE_EMSGSIZE;
    if (boot->length > ARCHIVE_NAME_MAX)
        return -PIPE_ENAMETOOLONG;
    if (boot->length != request->head.length - sizeof *boot)
        return -PIPE_EMSGSIZE;
    memcpy(name, request->payload + sizeof *boot, boot->length);
    name[boot->length] = 0;
    *file = archive_find(&boot_image, name);
    return *file ? 0 : -PIPE_ENOENT;
}

static long file_stat(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct boot_request boot;
    const struct archive_file *file;
    long error = file_find(request, &boot, &file);
    if (error)
        return error;
    struct boot_file description = file_describe(file);
    memcpy(reply, &description, sizeof description);
    return sizeof description;
}

// As much as the lease holds, and the file has after the offset.
static long file_read(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct boot_request boot;
    const struct archive_file *file;
    long error = file_find(request, &boot, &file);
    if (error)
        return error;
    if (request->head.lease_count != 1)
        return -PIPE_EINVAL;
    uint32_t count = request->head.lease_length[0] & ~LEASE_WRITABLE;
    if (boot.offset >= file->size)
        count = 0;
    else if (count > file->size - boot.offset)
        count = (uint32_t)(file->size - boot.offset);
    long result = pipe_lease_write(request->head.token, 0, 0, file->bytes + boot.offset, count);
    if (result < 0)
        return result;
    memcpy(reply, &count, sizeof count);
    return sizeof count;
}

static long file_list(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct boot_request boot;
    if (!request_get(request, &boot, sizeof boot))
        return -PIPE_EMSGSIZE;
    const struct archive_file *file = archive_at(&boot_image, boot.offset);
    if (!file)
        return -PIPE_ENOENT;
    struct boot_file description = file_describe(file);
    size_t length = strlen(file->name);
    memcpy(reply, &description, sizeof description);
    memcpy((char *)reply + sizeof description, file->name, length);
    return (long)(sizeof description + length);
}

serve_function *const boot_operations[BOOT_OPERATIONS] = {
    [BOOT_STAT] = file_stat, [BOOT_READ] = file_read, [BOOT_LIST] = file_list};
