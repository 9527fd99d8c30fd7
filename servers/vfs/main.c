// SPDX-License-Identifier: MIT
// The file server: answers /svc/vfs (lib/protocol/file.h). It waits for nobody but the process server, whose files
// /boot shows. The files in memory die with it; its successor begins with none.
#include "boot_files.h"
#include "clock.h"
#include "error.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"
#include "report.h"
#include "serve.h"
#include "sessions.h"

#include <string.h>

#define KEY_SERVICE UINT32_MAX  // all others are clients': their ends
#define SPACE_MAX (48ull << 20) // bytes of the file system; the manifest gives this server some more
#define POOL_SHARE 2u           // and at most this part of all memory that there is for programs
#define BOOT_PIECE (64u << 10)  // bytes that are fetched from the boot image at once

static struct files files;

// ---- Memory ----

// Regions, so that memory is there before it is promised: pages that are filled as they are touched may not be there
// then.
static void *memory_more(uint32_t *count) {
    static uint64_t place = MAPPING_BASE;
    long region = -PIPE_EINVAL;
    for (; *count && (region = region_allocate(*count)) < 0; *count /= 2)
        continue;
    if (region < 0)
        return NULL;
    void *memory = (void *)place;
    if (process_map(region, 0, place, *count, PROTECT_READ | PROTECT_WRITE) < 0) {
        pipe_close(region);
        return NULL;
    }
    place += (uint64_t)*count * BLOCK_SIZE;
    return memory;
}

static uint64_t blocks_allowed(void) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    pipe_close(memory);
    uint64_t share = stats.pages / POOL_SHARE;
    return share < SPACE_MAX / BLOCK_SIZE ? share : SPACE_MAX / BLOCK_SIZE;
}

// ---- Requests ----

struct paths {
    struct file_name_request head;
    char first[FILE_PATH_MAX + 1], second[FILE_PATH_MAX + 1];
};

static bool path_copy(char *to, const void *from, uint32_t length) {
    memcpy(to, from, length);
    to[length] = 0;
    return !memchr(to, 0, length);
}

// The request's paths, terminated. EMSGSIZE, ENAMETOOLONG, EINVAL.
static long paths_get(const struct request *request, struct paths *paths) {
    const struct file_name_request *head = &paths->head;
    if (!request_get(request, &paths->head, sizeof paths->head))
        return -PIPE_EMSGSIZE;
    if (head->length > FILE_PATH_MAX || head->second_length > FILE_PATH_MAX)
        return -PIPE_ENAMETOOLONG;
    if (head->length + head->second_length != request->head.length - sizeof *head)
        return -PIPE_EMSGSIZE;
    const uint8_t *place = request->payload + sizeof *head;
    bool is_text = path_copy(paths->first, place, head->length) &&
                   path_copy(paths->second, place + head->length, head->second_length);
    files.now = clock_now();
    return is_text ? 0 : -PIPE_EINVAL;
}

// The session that a request names, if it has the access.
static struct session *session_get(const struct request *request, uint32_t access, struct file_request *file,
                                   long *error) {
    struct session *session = NULL;
    *error = -PIPE_EMSGSIZE;
    if (!request_get(request, file, sizeof *file))
        return NULL;
    session = session_find(&request->head, file->file);
    if (session && (session->flags & access) != access)
        session = NULL;
    *error = -PIPE_EBADF;
    files.now = clock_now();
    return session;
}

static long position_reply(void *reply, uint64_t position) {
    struct file_position answer = {position};
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

// ---- Opening ----

// Whether what is there may be opened so.
static long open_check(const struct node *node, uint32_t flags) {
    if (flags & OPEN_NEW)
        return -PIPE_EEXIST;
    if (flags & OPEN_WRITE && node->type == FILE_TYPE_DIRECTORY)
        return -PIPE_EISDIR;
    return flags & OPEN_WRITE && node->is_fixed ? -PIPE_EROFS : 0;
}

// Finds the file, or makes it: then *is_made.
static long open_node(const char *path, uint32_t flags, struct node **node, bool *is_made) {
    long error = files_find(&files, path, node);
    *is_made = error == -PIPE_ENOENT && flags & OPEN_CREATE;
    if (*is_made)
        return files_make(&files, path, FILE_TYPE_FILE, node);
    return error ? error : open_check(*node, flags);
}

static long file_open(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct paths paths;
    struct node *node;
    struct file_opened opened;
    bool is_made;
    long error = paths_get(request, &paths);
    uint32_t flags = paths.head.flags;
    if (error)
        return error;
    if (!(flags & (OPEN_READ | OPEN_WRITE)) || flags & ~OPEN_ALL || paths.head.second_length)
        return -PIPE_EINVAL;
    error = open_node(paths.first, flags, &node, &is_made);
    if (error)
        return error;
    error = session_make(&request->head, node, flags, &opened.file);
    if (error && is_made)
        files_remove(&files, paths.first, FILE_TYPE_FILE);
    if (error)
        return error;
    if (flags & OPEN_TRUNCATE && flags & OPEN_WRITE)
        node_resize(&files, node, 0);
    opened.type = node->type;
    memcpy(reply, &opened, sizeof opened);
    return sizeof opened;
}

static long file_close(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    struct file_request file;
    long error;
    struct session *session = session_get(request, 0, &file, &error);
    if (!session)
        return error;
    session_end(&files, session);
    return 0;
}

// ---- Reading ----

// From here on functions move up to `length` bytes between a file and the lend of the request; they return how many, or
// an error if there was none.

static long boot_read(const struct request *request, struct session *session, uint64_t length) {
    static uint8_t piece[BOOT_PIECE];
    uint64_t done = 0;
    while (done < length) {
        uint64_t wanted = length - done < sizeof piece ? length - done : sizeof piece;
        long count = boot_file_read(session->node, session->position + done, piece, wanted);
        if (count > 0)
            count = pipe_lease_write(request->head.token, 0, done, piece, (size_t)count);
        if (count <= 0)
            return done ? (long)done : count;
        done += (uint64_t)count;
    }
    return (long)done;
}

static long memory_read(const struct request *request, struct session *session, uint64_t length) {
    static const uint8_t zeroes[BLOCK_SIZE];
    for (uint64_t done = 0; done < length;) {
        struct span span;
        node_span(&files, session->node, session->position + done, false, &span);
        uint64_t wanted = length - done < span.length ? length - done : span.length;
        long result = pipe_lease_write(request->head.token, 0, done, span.bytes ? span.bytes : zeroes, wanted);
        if (result < 0)
            return result;
        done += wanted;
    }
    return (long)length;
}

static long file_read(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct file_request file;
    long error;
    struct session *session = session_get(request, OPEN_READ, &file, &error);
    if (!session)
        return error;
    const struct node *node = session->node;
    if (node->type == FILE_TYPE_DIRECTORY)
        return -PIPE_EISDIR;
    if (request->head.lend_count != 1)
        return -PIPE_EINVAL;
    uint64_t length = request->head.lend_length[0] & ~LEND_WRITABLE;
    uint64_t left = session->position < node->size ? node->size - session->position : 0;
    if (length > left)
        length = left;
    long count = (node->is_fixed ? boot_read : memory_read)(request, session, length);
    if (count < 0)
        return count;
    session->position += (uint64_t)count;
    return position_reply(reply, (uint64_t)count);
}

// ---- Writing ----

static long memory_write(const struct request *request, struct node *node, uint64_t position, uint64_t length) {
    long error = 0;
    uint64_t done = 0;
    while (done < length) {
        struct span span;
        error = node_span(&files, node, position + done, true, &span);
        if (error)
            break;
        uint64_t wanted = length - done < span.length ? length - done : span.length;
        error = pipe_lease_read(request->head.token, 0, done, span.bytes, wanted);
        if (error < 0)
            break;
        done += wanted;
    }
    if (done)
        node_written(&files, node, position + done);
    if (error < 0)
        node_resize(&files, node, node->size);
    return done ? (long)done : error;
}

static long file_write(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct file_request file;
    long error;
    struct session *session = session_get(request, OPEN_WRITE, &file, &error);
    if (!session)
        return error;
    if (request->head.lend_count != 1)
        return -PIPE_EINVAL;
    uint64_t position = session->flags & OPEN_APPEND ? session->node->size : session->position;
    long count = memory_write(request, session->node, position, request->head.lend_length[0] & ~LEND_WRITABLE);
    if (count < 0)
        return count;
    session->position = position + (uint64_t)count;
    return position_reply(reply, (uint64_t)count);
}

static long file_resize(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    struct file_request file;
    long error;
    struct session *session = session_get(request, OPEN_WRITE, &file, &error);
    if (!session)
        return error;
    return file.offset < 0 ? -PIPE_EINVAL : node_resize(&files, session->node, (uint64_t)file.offset);
}

static long file_seek(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct file_request file;
    long error;
    struct session *session = session_get(request, 0, &file, &error);
    if (!session)
        return error;
    int64_t base = file.from == SEEK_FROM_POSITION ? (int64_t)session->position : 0, position;
    if (file.from == SEEK_FROM_END)
        base = (int64_t)session->node->size;
    if (file.from > SEEK_FROM_END || __builtin_add_overflow(base, file.offset, &position) || position < 0)
        return -PIPE_EINVAL;
    session->position = (uint64_t)position;
    return position_reply(reply, session->position);
}

// ---- Names ----

static long stat_reply(const struct node *node, void *reply) {
    struct file_stat stat = {.size = node->size,
                             .modified = node->modified,
                             .space = node->block_count * BLOCK_SIZE,
                             .number = node->number,
                             .type = node->type,
                             .is_read_only = node->is_fixed};
    memcpy(reply, &stat, sizeof stat);
    return sizeof stat;
}

static long file_stat_open(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct file_request file;
    long error;
    const struct session *session = session_get(request, 0, &file, &error);
    return session ? stat_reply(session->node, reply) : error;
}

static long file_stat(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct paths paths;
    struct node *node;
    long error = paths_get(request, &paths);
    if (!error)
        error = files_find(&files, paths.first, &node);
    return error ? error : stat_reply(node, reply);
}

static long file_list(struct request *request, void *reply, struct parcel *parcel) {
    (void)parcel;
    struct paths paths;
    struct node *directory;
    size_t length = 0;
    long error = paths_get(request, &paths);
    if (!error)
        error = files_find(&files, paths.first, &directory);
    if (error)
        return error;
    if (directory->type != FILE_TYPE_DIRECTORY)
        return -PIPE_ENOTDIR;
    const struct node *node = files_entry_after(directory, paths.second, paths.head.second_length);
    while (node && length + sizeof(struct file_entry) + node->name_length <= PAYLOAD_MAX) {
        struct file_entry entry = {node->size, node->modified, node->type, node->is_fixed, node->name_length, {0}};
        memcpy((uint8_t *)reply + length, &entry, sizeof entry);
        memcpy((uint8_t *)reply + length + sizeof entry, node->name, node->name_length);
        length += sizeof entry + node->name_length;
        node = files_entry_after(directory, node->name, node->name_length);
    }
    return (long)length;
}

static long file_make_directory(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    struct paths paths;
    struct node *node;
    long error = paths_get(request, &paths);
    return error ? error : files_make(&files, paths.first, FILE_TYPE_DIRECTORY, &node);
}

static long remove_type(const struct request *request, enum file_type type) {
    struct paths paths;
    long error = paths_get(request, &paths);
    return error ? error : files_remove(&files, paths.first, type);
}

static long file_remove(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    return remove_type(request, FILE_TYPE_FILE);
}

static long file_remove_directory(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    return remove_type(request, FILE_TYPE_DIRECTORY);
}

static long file_rename(struct request *request, void *reply, struct parcel *parcel) {
    (void)reply;
    (void)parcel;
    struct paths paths;
    long error = paths_get(request, &paths);
    return error ? error : files_rename(&files, paths.first, paths.second);
}

static long file_space(struct request *request, void *reply, struct parcel *parcel) {
    (void)request;
    (void)parcel;
    struct file_space space = {.bytes = files.block_limit * BLOCK_SIZE,
                               .used = (files.block_count - files.free_count) * BLOCK_SIZE,
                               .files = files.node_count,
                               .files_max = files.node_limit};
    memcpy(reply, &space, sizeof space);
    return sizeof space;
}

// ---- The server ----

static void other(const struct request *message) {
    if (message->head.type == MESSAGE_EVENT || message->head.type == MESSAGE_GONE)
        client_ended(&files, message->head.key);
}

static serve_function *const operations[FILE_OPERATIONS] = {
    [FILE_OPEN] = file_open,           [FILE_CLOSE] = file_close,
    [FILE_READ] = file_read,           [FILE_WRITE] = file_write,
    [FILE_SEEK] = file_seek,           [FILE_RESIZE] = file_resize,
    [FILE_STAT_OPEN] = file_stat_open, [FILE_STAT] = file_stat,
    [FILE_LIST] = file_list,           [FILE_MAKE_DIRECTORY] = file_make_directory,
    [FILE_REMOVE] = file_remove,       [FILE_REMOVE_DIRECTORY] = file_remove_directory,
    [FILE_RENAME] = file_rename,       [FILE_SPACE] = file_space};

static long tree_make(void) {
    struct node *node;
    if (!files_begin(&files, memory_more, blocks_allowed(), NODES_MAX))
        return -PIPE_ENOMEM;
    long error = boot_files_make(&files);
    return error ? error : files_make(&files, "/tmp", FILE_TYPE_DIRECTORY, &node);
}

int main(void) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = FILE_OPERATIONS}};
    sessions_begin((uint32_t)(clock_now() / MILLISECOND));
    long error = tree_make();
    long service = pipe_create(FILE_PIPE, FLOW_CALL, RULES_SERVICE, 0, 0);
    if (!error)
        error = service < 0 ? service : pipe_hook(service, KEY_SERVICE, 0);
    if (error) {
        report("no files: %s (%s)", error_sentence(error), error_name(error));
        return 1;
    }
    process_ready();
    serve(services, 1, other);
}
