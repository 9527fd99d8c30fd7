// SPDX-License-Identifier: MIT
// The boot image as a volume, read only. Its names are read once; its bytes stay with the process server.
#include "error.h"
#include "pipe.h"
#include "process.h"
#include "protocol/process.h"
#include "report.h"
#include "tree.h"

#include <string.h>

#define VOLUME "/svc/bootfs"
#define BATCH (64u << 10) // bytes that are fetched at once

static long boot_pipe;

// ---- Names ----

// File `number` of the boot image. ENOENT after the last.
static long file_add(uint32_t number) {
    struct boot_request request = {.operation = BOOT_LIST, .offset = number};
    struct {
        struct boot_file file;
        char name[TREE_NAME_MAX];
    } reply;
    long length = pipe_call(boot_pipe, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    if (length < 0)
        return length;
    return tree_add(reply.name, (size_t)length - sizeof reply.file, reply.file.size, reply.file.is_program);
}

static long tree_make(void) {
    long error = 0;
    tree_begin();
    boot_pipe = pipe_open(BOOT_PIPE, RIGHT_WRITE);
    if (boot_pipe < 0)
        return boot_pipe;
    for (uint32_t number = 0; !error; number++)
        error = file_add(number);
    return error == -PIPE_ENOENT ? 0 : error;
}

// ---- Bytes ----

static long chunk_fetch(const struct node *node, uint64_t offset, void *bytes, size_t length) {
    struct {
        struct boot_request head;
        char name[TREE_NAME_MAX];
    } request = {.head = {.operation = BOOT_READ, .offset = offset, .length = node->length}};
    struct attached attached = {.leases = {{(uint64_t)bytes, length}}, .lease_count = 1, .writable_mask = 1};
    uint32_t count = 0;
    memcpy(request.name, node->path, node->length);
    long result = pipe_call_attached(boot_pipe, &request, sizeof request.head + request.head.length, &attached, &count,
                                     sizeof count, DEADLINE_NONE);
    return result < 0 ? result : (long)count;
}

static long read_bytes(struct node *node, uint64_t offset, const struct volume_bytes *to) {
    static uint8_t chunk[BATCH];
    uint64_t left = offset < node->size ? node->size - offset : 0;
    uint64_t length = to->length < left ? to->length : left;
    for (uint64_t done = 0; done < length;) {
        size_t wanted = length - done < sizeof chunk ? (size_t)(length - done) : sizeof chunk;
        long count = chunk_fetch(node, offset + done, chunk, wanted);
        if (count > 0)
            count = volume_bytes_put(to, done, chunk, (size_t)count);
        if (count <= 0)
            return done ? (long)done : count;
        done += (uint64_t)count;
    }
    return (long)length;
}

// ---- The volume ----

static void keep(struct node *node) { // nodes stay
    (void)node;
}

static long sync_nothing(void) {
    return 0;
}

static const struct volume_operations bootfs = {.type = "bootfs",
                                                .root = tree_root,
                                                .find = tree_find,
                                                .stat = tree_stat,
                                                .read = read_bytes,
                                                .next = tree_next,
                                                .hold = keep,
                                                .release = keep,
                                                .space = tree_space,
                                                .sync = sync_nothing};

// Its argument is where it is mounted first.
int main(int count, char **arguments) {
    long error = tree_make();
    if (error >= 0)
        error = volume_begin(&bootfs, VOLUME, count > 1 ? arguments[1] : "/");
    if (error < 0) {
        report("the boot image is no volume: %s (%s)", error_sentence(error), error_name(error));
        return 1;
    }
    process_ready();
    volume_serve();
}
