// SPDX-License-Identifier: MIT
#include "volume.h"

#include "pipe.h"
#include "serve.h"
#include "volume_caller.h"
#include "volume_claims.h"
#include "volume_files.h"
#include "volume_names.h"

#include <stdio.h>
#include <string.h>

#define KEY_VOLUME 0u

static const struct volume_operations *volume;
static uint32_t volume_number; // of the volume's pipe
static struct volume_point point;

// ---- Bytes ----

long volume_bytes_put(const struct volume_bytes *to, uint64_t offset, const void *from, size_t length) {
    if (to->token)
        return pipe_lease_write(to->token, to->index, offset, from, length);
    memcpy(to->memory + offset, from, length);
    return (long)length;
}

long volume_bytes_get(const struct volume_bytes *from, uint64_t offset, void *to, size_t length) {
    if (from->token)
        return pipe_lease_read(from->token, from->index, offset, to, length);
    memcpy(to, from->memory + offset, length);
    return (long)length;
}

// ---- Requests ----

struct stream_stat volume_request_stat(const struct volume_request *request) {
    return (struct stream_stat){.mode = request->mode,
                                .owner = request->owner,
                                .group = request->group,
                                .accessed = request->accessed,
                                .modified = request->modified,
                                .size = request->size};
}

// A request with its paths copied.
struct question {
    struct volume_request head;
    const struct volume_caller *caller;
    struct volume_visit visit;
    struct volume_reply reply;
    struct volume_path paths[MESSAGE_LEASES_MAX];
    char bytes[MESSAGE_LEASES_MAX][PATH_BYTES_MAX + 1];
};

static struct question question;

static long path_get(const struct request *request, unsigned lease) {
    uint64_t length = lease < request->head.lease_count ? request->head.lease_length[lease] & ~LEASE_WRITABLE : 0;
    if (length == 0)
        return -PIPE_EINVAL;
    if (length > PATH_BYTES_MAX)
        return -PIPE_ENAMETOOLONG;
    long result = pipe_lease_read(request->head.token, lease, 0, question.bytes[lease], length);
    if (length == 1 && question.bytes[lease][0] == '/')
        length = 0;
    bool follows = lease == 0 && question.head.flags & PATH_FOLLOW;
    question.paths[lease] = (struct volume_path){question.bytes[lease], length, lease, follows};
    return result < 0 ? result : 0;
}

// Copies a request with its first `path_count` leases as paths.
static long question_get(const struct request *request, unsigned path_count) {
    long error = request_get(request, &question.head, sizeof question.head) ? 0 : -PIPE_EMSGSIZE;
    for (unsigned lease = 0; lease < path_count && !error; lease++)
        error = path_get(request, lease);
    question.reply = (struct volume_reply){0};
    if (error)
        return error;
    question.caller = volume_caller_of(&request->head);
    question.visit = (struct volume_visit){.volume = volume, .owner = question.caller->owner, .reply = &question.reply};
    question.head.flags &= ~PATH_FOLLOW;
    volume_request_begin(volume);
    return volume_claims_check(question.caller, point, &question.head, question.paths, &question.visit);
}

static long question_reply(void *reply, long error) {
    if (error)
        return error;
    question.reply.stat.volume = volume_number;
    memcpy(reply, &question.reply, sizeof question.reply);
    return sizeof question.reply;
}

// What the second lease brings, or takes.
static struct volume_bytes text_of(const struct request *request) {
    bool is_there = request->head.lease_count > 1;
    return (struct volume_bytes){.token = request->head.token,
                                 .index = 1,
                                 .length = is_there ? request->head.lease_length[1] & ~LEASE_WRITABLE : 0};
}

// ---- Operations ----

static long lookup_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 1);
    return question_reply(reply, error ? error : volume_lookup(&question.visit, question.paths));
}

// Makes the open file of a node, and puts its handle into the reply.
static long open_pass(const struct request *request, struct node *node, struct attached *attached) {
    static const struct stream_stat empty;
    uint32_t flags = question.head.flags;
    uint32_t kept = question.visit.may_change ? 0 : OPEN_UNCHANGED;
    long handle = open_file_make(request->head.token, node, flags | kept, question.caller->leader);
    if (handle < 0)
        return handle;
    long error = flags & OPEN_TRUNCATE && flags & OPEN_WRITE ? volume->change(node, CHANGE_SIZE, &empty) : 0;
    if (error) {
        open_file_unmake(handle);
        return error;
    }
    *attached = (struct attached){.handles = {(uint32_t)handle}, .handle_count = 1, .rights = {RIGHT_WRITE}};
    return 0;
}

static long open_operation(struct request *request, void *reply, struct attached *attached) {
    struct node *node;
    bool is_made = false;
    long error = question_get(request, 1);
    if (!error)
        error = volume_open(&question.visit, question.paths, question.head.flags, question.head.mode, &node, &is_made);
    if (!error && node)
        error = open_pass(request, node, attached);
    if (error && is_made)
        volume_remove(&question.visit, question.paths, REMOVE_FILE);
    return question_reply(reply, error);
}

static long create_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 1);
    return question_reply(reply, error ? error : volume_create(&question.visit, question.paths, question.head.mode));
}

static long link_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 2);
    return question_reply(reply, error ? error : volume_link(&question.visit, &question.paths[0], &question.paths[1]));
}

static long symlink_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct volume_bytes text = text_of(request);
    long error = question_get(request, 1);
    return question_reply(reply, error ? error : volume_symlink(&question.visit, question.paths, &text));
}

static long readlink_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct volume_bytes text = text_of(request);
    long error = question_get(request, 1);
    return question_reply(reply, error ? error : volume_readlink(&question.visit, question.paths, &text));
}

static long remove_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 1);
    return question_reply(reply, error ? error : volume_remove(&question.visit, question.paths, question.head.flags));
}

static long rename_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 2);
    if (!error)
        error = volume_rename(&question.visit, &question.paths[0], &question.paths[1], question.head.flags);
    return question_reply(reply, error);
}

static long change_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    long error = question_get(request, 1);
    struct stream_stat stat = volume_request_stat(&question.head);
    return question_reply(reply,
                          error ? error : volume_change(&question.visit, question.paths, question.head.mask, &stat));
}

static long space_operation(struct request *request, void *reply, struct attached *attached) {
    (void)request;
    (void)attached;
    struct volume_space space = {0};
    volume->space(&space);
    strncpy(space.type, volume->type, VOLUME_NAME_MAX);
    memcpy(reply, &space, sizeof space);
    return sizeof space;
}

static long sync_operation(struct request *request, void *reply, struct attached *attached) {
    (void)request;
    (void)reply;
    (void)attached;
    return volume->sync();
}

static serve_function *const operations[VOLUME_OPERATIONS] = {
    [VOLUME_LOOKUP] = lookup_operation, [VOLUME_OPEN] = open_operation,       [VOLUME_CREATE] = create_operation,
    [VOLUME_LINK] = link_operation,     [VOLUME_SYMLINK] = symlink_operation, [VOLUME_READLINK] = readlink_operation,
    [VOLUME_REMOVE] = remove_operation, [VOLUME_RENAME] = rename_operation,   [VOLUME_CHANGE] = change_operation,
    [VOLUME_SPACE] = space_operation,   [VOLUME_SYNC] = sync_operation};

// ---- The service ----

long volume_begin(const struct volume_operations *served, const char *directory, const char *mounted) {
    char path[PATH_LENGTH_MAX + 1];
    struct pipe_stat stat;
    volume = served;
    point = (struct volume_point){mounted, strcmp(mounted, "/") == 0 ? 0 : strlen(mounted)};
    long error = pipe_create(directory, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    if (error < 0)
        return error;
    pipe_close(error);
    snprintf(path, sizeof path, "%s/volume", directory);
    long service = pipe_create(path, FLOW_CALL, RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE), 0, 0);
    error = service < 0 ? service : pipe_hook(service, SERVE_KEY(KEY_VOLUME, 0), 0);
    if (error >= 0)
        error = pipe_stat(service, &stat);
    if (error < 0)
        return error;
    volume_number = stat.number;
    snprintf(path, sizeof path, "%s/open", directory);
    return open_files_begin(volume, path, volume_number);
}

_Noreturn void volume_serve(void) {
    static const struct service services[] = {
        {.key = KEY_VOLUME, .operations = operations, .operation_count = VOLUME_OPERATIONS},
        {.key = KEY_OPEN_FILES,
         .operations = open_file_operations,
         .operation_count = FILE_OPERATIONS,
         .closed = open_file_closed}};
    serve(services, sizeof services / sizeof *services, NULL);
}
