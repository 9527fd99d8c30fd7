// SPDX-License-Identifier: MIT
#include "boot_files.h"

#include "pipe.h"
#include "protocol/process.h"

#include <string.h>

#define BOOT_FOLDER "/boot"

static long boot_pipe;

// ---- Names ----

// Makes the directories that lead to a path.
static long directories_make(struct files *files, char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        struct node *node;
        *slash = 0;
        long error = files_make_fixed(files, path, FILE_TYPE_DIRECTORY, &node);
        *slash = '/';
        if (error && error != -PIPE_EEXIST)
            return error;
    }
    return 0;
}

static long file_make(struct files *files, const char *name, size_t length, uint64_t size) {
    char path[FILE_PATH_MAX + 1] = BOOT_FOLDER "/";
    struct node *node;
    size_t place = strlen(path);
    if (length > FILE_PATH_MAX - place)
        return -PIPE_ENAMETOOLONG;
    memcpy(path + place, name, length);
    long error = directories_make(files, path);
    if (!error)
        error = files_make_fixed(files, path, FILE_TYPE_FILE, &node);
    if (!error)
        node->size = size;
    return error;
}

// File `number` of the boot image. ENOENT behind the last.
static long file_add(struct files *files, uint32_t number) {
    struct boot_request request = {.operation = BOOT_LIST, .offset = number};
    struct {
        struct boot_file file;
        char name[FILE_PATH_MAX];
    } reply;
    long length = pipe_call(boot_pipe, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    if (length < 0)
        return length;
    return file_make(files, reply.name, (size_t)length - sizeof reply.file, reply.file.size);
}

long boot_files_make(struct files *files) {
    struct node *folder;
    boot_pipe = pipe_open(BOOT_PIPE, RIGHT_WRITE);
    long error = boot_pipe < 0 ? boot_pipe : files_make_fixed(files, BOOT_FOLDER, FILE_TYPE_DIRECTORY, &folder);
    for (uint32_t number = 0; !error; number++)
        error = file_add(files, number);
    return error == -PIPE_ENOENT ? 0 : error;
}

// ---- Bytes ----

// Writes the name that the boot image has for a node: its path below /boot, without a slash in front. Its length.
static size_t name_put(const struct node *node, char *to) {
    size_t length = 0;
    if (node->parent && node->parent->parent && node->parent->parent->parent) {
        length = name_put(node->parent, to);
        to[length++] = '/';
    }
    memcpy(to + length, node->name, node->name_length);
    return length + node->name_length;
}

long boot_file_read(const struct node *node, uint64_t offset, void *bytes, size_t length) {
    struct {
        struct boot_request head;
        char name[FILE_PATH_MAX];
    } request = {.head = {.operation = BOOT_READ, .offset = offset}};
    struct parcel parcel = {.lends = {{(uint64_t)bytes, length}}, .lend_count = 1, .writable_mask = 1};
    uint32_t count = 0;
    request.head.length = (uint32_t)name_put(node, request.name);
    long result = pipe_call_parcel(boot_pipe, &request, sizeof request.head + request.head.length, &parcel, &count,
                                   sizeof count, DEADLINE_NONE);
    return result < 0 ? result : (long)count;
}
