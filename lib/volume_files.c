// SPDX-License-Identifier: MIT
// An open file:
//
//   free -- open_file_make --> open -- open_file_closed, open_file_unmake --> free
//
// An open file holds its node, and its index in the table is its hook's key.
#include "volume_files.h"

#include "page.h"
#include "slots.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "volume_caller.h"
#include "volume_names.h"

#include <stdio.h>
#include <string.h>

#define LIST_BYTES 16384u                           // of entries in one reply
#define PAGES_SCRATCH (MAPPING_BASE + (1ull << 40)) // where a region is filled

struct open_file {
    struct node *node; // its first word is the table's own while it is free
    uint64_t position; // bytes; of a directory: a cookie
    uint32_t flags;    // OPEN_*; 0: free
    uint32_t leader;   // of the tree of programs that has opened it
    long handle;
};

static struct open_file files[OPEN_FILES_MAX];
static struct slots slots = {.table = files, .size = sizeof *files, .limit = OPEN_FILES_MAX};
static const struct volume_operations *volume;
static uint32_t volume_number;
static char directory[PATH_LENGTH_MAX + 1]; // of their pipes
static uint64_t last_number;                // of a pipe's name
static uint16_t opened[PIDS_MAX];           // open files, by the leader of who has opened them

// ---- Opening and closing ----

long open_file_make(uint64_t token, struct node *node, uint32_t flags, uint32_t leader) {
    char path[sizeof directory + 24];
    if (opened[leader % PIDS_MAX] >= OPEN_FILES_OF_TREE)
        return -PIPE_EMFILE;
    struct open_file *file = slot_take(&slots);
    if (!file)
        return -PIPE_ENFILE;
    snprintf(path, sizeof path, "%s/%llu", directory, (unsigned long long)++last_number);
    long handle = pipe_create_transient(path, FLOW_CALL, RULES_DEFAULT, 0, 0, token);
    long error = handle < 0 ? handle : pipe_hook(handle, SERVE_KEY(KEY_OPEN_FILES, slot_number(&slots, file)), 0);
    if (error < 0) {
        if (handle >= 0)
            pipe_close(handle);
        slot_give(&slots, file);
        return error;
    }
    *file = (struct open_file){.node = node, .flags = flags, .leader = leader % PIDS_MAX, .handle = handle};
    opened[file->leader]++;
    volume->hold(node);
    return handle;
}

static void file_end(struct open_file *file) {
    volume->release(file->node);
    opened[file->leader]--;
    file->flags = 0;
    slot_give(&slots, file);
}

void open_file_closed(uint64_t key) {
    file_end(&files[SERVE_PIPE(key) % OPEN_FILES_MAX]);
}

void open_file_unmake(long handle) {
    struct open_file *file = files;
    while (!file->flags || file->handle != handle)
        file++;
    pipe_close(handle);
    file_end(file);
}

// The state of what a predecessor had open died with it: whoever holds such a pipe gets EPIPE from now on.
static void predecessors_remove(long open_directory) {
    char name[COMPONENT_MAX + 1] = "", path[sizeof directory + COMPONENT_MAX + 1];
    while (pipe_next_name(open_directory, name)) {
        snprintf(path, sizeof path, "%s/%s", directory, name);
        long handle = pipe_create_transient(path, FLOW_CALL, RULES_DEFAULT, 0, 0, 0);
        pipe_remove(path);
        if (handle >= 0)
            pipe_close(handle);
    }
}

long open_files_begin(const struct volume_operations *operations, const char *path, uint32_t number) {
    volume = operations;
    volume_number = number;
    snprintf(directory, sizeof directory, "%s", path);
    long open_directory = pipe_create(directory, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    if (open_directory < 0)
        return open_directory;
    predecessors_remove(open_directory);
    return pipe_close(open_directory);
}

// ---- Streams ----

// The file that the request came through, if it is open so.
static struct open_file *file_of(const struct request *request, uint32_t access) {
    struct open_file *file = &files[SERVE_PIPE(request->head.key) % OPEN_FILES_MAX];
    return (file->flags & access) == access ? file : NULL;
}

static bool is_directory(const struct open_file *file) {
    struct stream_stat stat;
    volume->stat(file->node, &stat);
    return (stat.mode & MODE_TYPE) == MODE_DIRECTORY;
}

static uint64_t size_of(const struct open_file *file) {
    struct stream_stat stat;
    volume->stat(file->node, &stat);
    return stat.size;
}

static long moved_reply(void *reply, uint64_t count) {
    struct stream_moved answer = {count};
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

// Moves bytes at the position, or where the request says. How many, in the reply.
static long stream_move(struct request *request, void *reply, bool is_write) {
    struct stream_request wanted;
    struct open_file *file = file_of(request, is_write ? OPEN_WRITE : OPEN_READ);
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    volume_request_begin(volume);
    if (!file)
        return -PIPE_EBADF;
    if (is_directory(file))
        return -PIPE_EISDIR;
    bool is_at = wanted.flags & STREAM_AT;
    if (request->head.lease_count != 1 || wanted.flags & ~STREAM_AT || (is_at && wanted.offset < 0))
        return -PIPE_EINVAL;
    struct volume_bytes bytes = {.token = request->head.token,
                                 .length = request->head.lease_length[0] & ~LEASE_WRITABLE};
    uint64_t position = is_at ? (uint64_t)wanted.offset : file->position;
    if (is_write && file->flags & OPEN_APPEND)
        position = size_of(file);
    long count = (is_write ? volume->write : volume->read)(file->node, position, &bytes);
    if (count < 0)
        return count;
    if (!is_at)
        file->position = position + (uint64_t)count;
    return moved_reply(reply, (uint64_t)count);
}

static long stream_read(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return stream_move(request, reply, false);
}

static long stream_write(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return stream_move(request, reply, true);
}

static long stream_seek(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct stream_request wanted;
    struct open_file *file = file_of(request, 0);
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    int64_t base = wanted.flags == STREAM_FROM_POSITION ? (int64_t)file->position : 0, position;
    if (wanted.flags == STREAM_FROM_END)
        base = (int64_t)size_of(file);
    if (wanted.flags > STREAM_FROM_END || __builtin_add_overflow(base, wanted.offset, &position) || position < 0)
        return -PIPE_EINVAL;
    file->position = (uint64_t)position;
    return moved_reply(reply, file->position);
}

static long stream_stat(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct stream_stat stat;
    volume->stat(file_of(request, 0)->node, &stat);
    stat.volume = volume_number;
    memcpy(reply, &stat, sizeof stat);
    return sizeof stat;
}

// ---- Files ----

static long file_change(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct volume_request wanted;
    struct volume_reply answer = {0};
    struct open_file *file = file_of(request, 0);
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    if (file->flags & OPEN_UNCHANGED)
        return -PIPE_EPERM;
    struct volume_visit visit = {.volume = volume, .owner = volume_caller_of(&request->head)->owner, .reply = &answer};
    struct stream_stat stat = volume_request_stat(&wanted);
    volume_request_begin(volume);
    long error = volume_change_node(&visit, file->node, file->flags & OPEN_WRITE, wanted.mask, &stat);
    if (error)
        return error;
    answer.stat.volume = volume_number;
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

// Fills bytes with entries from a cookie on, which then is that of the last: how many bytes.
static long list_fill(const struct node *node, uint64_t *cookie, uint8_t *bytes, size_t room) {
    char name[NAME_BYTES_MAX];
    struct volume_entry entry;
    size_t length = 0;
    long result;
    while ((result = volume->next(node, *cookie, &entry, name)) == 1 &&
           length + sizeof entry + entry.name_length <= room) {
        memcpy(bytes + length, &entry, sizeof entry);
        memcpy(bytes + length + sizeof entry, name, entry.name_length);
        length += sizeof entry + entry.name_length;
        *cookie = entry.cookie;
    }
    return result == 1 && !length ? -PIPE_EINVAL : result < 0 && !length ? result : (long)length;
}

static long file_list(struct request *request, void *reply, struct attached *attached) {
    static uint8_t bytes[LIST_BYTES];
    (void)attached;
    struct open_file *file = file_of(request, OPEN_READ);
    if (!file)
        return -PIPE_EBADF;
    if (!is_directory(file))
        return -PIPE_ENOTDIR;
    if (request->head.lease_count != 1)
        return -PIPE_EINVAL;
    size_t room = request->head.lease_length[0] & ~LEASE_WRITABLE;
    uint64_t cookie = file->position;
    long length = list_fill(file->node, &cookie, bytes, room < sizeof bytes ? room : sizeof bytes);
    if (length > 0) {
        long error = pipe_lease_write(request->head.token, 0, 0, bytes, (size_t)length);
        if (error < 0)
            return error;
    }
    if (length < 0)
        return length;
    file->position = cookie;
    return moved_reply(reply, (uint64_t)length);
}

static long file_sync(struct request *request, void *reply, struct attached *attached) {
    (void)request;
    (void)reply;
    (void)attached;
    return volume->sync();
}

// Reads a file's pages into a region. 0, or a negated error.
static long region_fill(const struct open_file *file, long region, uint64_t offset, uint64_t pages) {
    long result = process_map(region, 0, PAGES_SCRATCH, pages, PROTECT_READ | PROTECT_WRITE);
    if (result < 0)
        return result;
    struct volume_bytes bytes = {.memory = (uint8_t *)PAGES_SCRATCH, .length = pages * PAGE_SIZE};
    result = volume->read(file->node, offset, &bytes);
    process_unmap(PAGES_SCRATCH, pages);
    return result < 0 ? result : 0;
}

static long file_pages(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    struct stream_request wanted;
    struct open_file *file = file_of(request, OPEN_READ);
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    if (!file)
        return -PIPE_EBADF;
    if (wanted.flags < 1 || wanted.flags > FILE_PAGES_MAX || wanted.offset < 0 || (uint64_t)wanted.offset & PAGE_MASK)
        return -PIPE_ERANGE;
    if (is_directory(file))
        return -PIPE_EISDIR;
    long region = region_allocate(wanted.flags);
    long error = region < 0 ? region : region_fill(file, region, (uint64_t)wanted.offset, wanted.flags);
    if (error && region >= 0)
        pipe_close(region);
    if (error)
        return error;
    *attached = (struct attached){.handles = {(uint32_t)region}, .handle_count = 1, .move_mask = 1};
    return 0;
}

serve_function *const open_file_operations[FILE_OPERATIONS] = {
    [STREAM_READ] = stream_read, [STREAM_WRITE] = stream_write, [STREAM_SEEK] = stream_seek,
    [STREAM_STAT] = stream_stat, [FILE_CHANGE] = file_change,   [FILE_LIST] = file_list,
    [FILE_SYNC] = file_sync,     [FILE_PAGES] = file_pages};
