// SPDX-License-Identifier: MIT
// The server of names: answers /svc/vfs (lib/protocol/vfs.h). Its arguments are the first mounts: a path, and the pipe
// of the volume there, for each. What is mounted later stands in a queue of its own, which outlives it: a message for
// each change, so that a successor mounts the same.
#include "error.h"
#include "mounts.h"
#include "process.h"
#include "protocol/volume.h"
#include "report.h"
#include "serve.h"
#include "volume_caller.h"

#include <string.h>

#define KEY_SERVICE 1
#define KEY_CHANGES 2
#define CHANGES_PIPE "/svc/vfs.mounts"
#define CHANGES_MAX (4 * MOUNTS_MAX) // that are kept; then they are written anew

static struct mounts mounts;

// ---- Volumes ----

static bool handle_is_good(long handle) {
    struct pipe_stat stat;
    return handle > 0 && pipe_stat(handle, &stat) == 0;
}

// The handle of the mount's volume, which is opened anew where its pipe was removed and made again.
static long volume_handle(struct mount *mount) {
    if (handle_is_good(mount->handle))
        return mount->handle;
    if (mount->handle > 0)
        pipe_close(mount->handle);
    mount->handle = pipe_open(mount->pipe, RIGHT_WRITE);
    if (mount->handle > 0)
        return mount->handle;
    mount->handle = 0;
    return -PIPE_ENODEV;
}

// 0 if the pipe is there and can be a volume's.
static long volume_check(const char *pipe) {
    struct pipe_stat stat;
    long handle = pipe_open(pipe, RIGHT_WRITE);
    long error = handle < 0 ? handle : pipe_stat(handle, &stat);
    if (!error && stat.flow != FLOW_CALL)
        error = -PIPE_ENOTSUP;
    if (handle > 0)
        pipe_close(handle);
    return error;
}

// ---- Changes ----

static long changes; // the queue
static uint32_t change_count;

static void mount_forget(struct mount *mount) {
    if (mount->handle > 0)
        pipe_close(mount->handle);
    mount->number = 0;
}

// Does what a message of the queue says: mounts a pipe, or, where it names none, unmounts.
static void change_apply(const struct vfs_mount *change) {
    size_t length = strlen(change->point);
    struct mount *mount = change->pipe[0] ? NULL : mounts_at(&mounts, change->point, length);
    if (change->pipe[0])
        mounts_add(&mounts, change->point, length, change->pipe);
    else if (mount)
        mount_forget(mount);
}

static bool change_send(const char *point, const char *pipe) {
    struct vfs_mount change = {0};
    strcpy(change.point, *point ? point : "/");
    strcpy(change.pipe, pipe);
    bool is_sent = pipe_send(changes, &change, sizeof change, DEADLINE_NOW) >= 0;
    change_count += is_sent;
    return is_sent;
}

static void changes_drain(bool is_applied) {
    struct vfs_mount change;
    if (pipe_hook(changes, KEY_CHANGES, 0) < 0)
        return;
    while (pipe_wait_data(DEADLINE_NOW) == sizeof change) {
        memcpy(&change, pipe_payload(), sizeof change);
        if (is_applied)
            change_apply(&change);
    }
    pipe_unhook(changes);
    change_count = 0;
}

// Writes the queue anew: one message for each mount, in their order.
static void changes_rewrite(void) {
    changes_drain(false);
    for (uint32_t number = 1; number <= mounts.numbers; number++)
        for (struct mount *mount = mounts.table; mount < mounts.table + MOUNTS_MAX; mount++)
            if (mount->number == number)
                change_send(mount->point, mount->pipe);
}

static void change_keep(const char *point, const char *pipe) {
    if (change_count >= CHANGES_MAX || !change_send(point, pipe))
        changes_rewrite();
}

// Takes over what a predecessor has mounted; else mounts what the arguments say.
static long mounts_begin(int count, char **arguments) {
    changes = pipe_create(CHANGES_PIPE, FLOW_QUEUE, RULES_DEFAULT, CHANGES_MAX, sizeof(struct vfs_mount));
    if (changes < 0)
        return changes;
    changes_drain(true);
    bool is_first = mounts.numbers == 0;
    for (int argument = 1; is_first && argument + 1 < count; argument += 2)
        mounts_add(&mounts, arguments[argument], strlen(arguments[argument]), arguments[argument + 1]);
    changes_rewrite();
    return 0;
}

// ---- Requests ----

struct question {
    struct vfs_request head;
    char path[PATH_BYTES_MAX + 1];
    size_t length;
    char pipe[PATH_LENGTH_MAX + 1]; // what follows the head
};

static struct question question;

static long path_get(const struct request *request) {
    question.length = request->head.lease_count ? request->head.lease_length[0] & ~LEASE_WRITABLE : 0;
    if (question.length > PATH_BYTES_MAX)
        return -PIPE_ENAMETOOLONG;
    long result = pipe_lease_read(request->head.token, 0, 0, question.path, question.length);
    question.path[question.length] = 0;
    if (result < 0)
        return result;
    return mount_path_is_valid(question.path, question.length) ? 0 : -PIPE_EINVAL;
}

static long question_get(const struct request *request) {
    if (!request_get(request, &question.head, sizeof question.head))
        return -PIPE_EMSGSIZE;
    size_t rest = request->head.length - sizeof question.head;
    if (rest > PATH_LENGTH_MAX)
        return -PIPE_ENAMETOOLONG;
    memcpy(question.pipe, request->payload + sizeof question.head, rest);
    question.pipe[rest] = 0;
    return path_get(request);
}

static long resolve_operation(struct request *request, void *reply, struct attached *attached) {
    long error = question_get(request);
    if (error)
        return error;
    struct mount *mount = mounts_find(&mounts, question.path, question.length);
    if (!mount)
        return -PIPE_ENOENT;
    long handle = volume_handle(mount);
    if (handle < 0)
        return handle;
    struct vfs_found found = {mount->number, mount->length};
    memcpy(reply, &found, sizeof found);
    *attached = (struct attached){.handles = {(uint32_t)handle}, .handle_count = 1};
    return sizeof found;
}

static long mount_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    long error = question_get(request);
    if (!error && question.length > MOUNT_POINT_MAX)
        error = -PIPE_ENAMETOOLONG;
    if (!error && volume_caller_of(&request->head)->owner != 0)
        error = -PIPE_EACCES;
    if (!error)
        error = volume_check(question.pipe);
    if (error)
        return error;
    const struct mount *mount = mounts_add(&mounts, question.path, question.length, question.pipe);
    if (!mount)
        return -PIPE_ENFILE;
    change_keep(mount->point, mount->pipe);
    return 0;
}

static long umount_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    long error = question_get(request);
    if (!error && volume_caller_of(&request->head)->owner != 0)
        error = -PIPE_EACCES;
    if (error)
        return error;
    struct mount *mount = mounts_at(&mounts, question.path, question.length);
    if (!mount)
        return -PIPE_EINVAL;
    mount_forget(mount);
    change_keep(question.path, "");
    return 0;
}

static long list_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct vfs_request wanted;
    if (!request_get(request, &wanted, sizeof wanted))
        return -PIPE_EMSGSIZE;
    while (wanted.index < MOUNTS_MAX && !mounts.table[wanted.index].number)
        wanted.index++;
    if (wanted.index >= MOUNTS_MAX)
        return -PIPE_ENOENT;
    const struct mount *mount = &mounts.table[wanted.index];
    struct vfs_mount answer = {.index = wanted.index, .mount = mount->number};
    strcpy(answer.point, mount->length ? mount->point : "/");
    strcpy(answer.pipe, mount->pipe);
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

static serve_function *const operations[VFS_OPERATIONS] = {[VFS_RESOLVE] = resolve_operation,
                                                           [VFS_MOUNT] = mount_operation,
                                                           [VFS_UMOUNT] = umount_operation,
                                                           [VFS_LIST] = list_operation};

int main(int count, char **arguments) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = VFS_OPERATIONS}};
    long error = mounts_begin(count, arguments);
    long service = pipe_create(VFS_PIPE, FLOW_CALL, RULES_SERVICE, 0, 0);
    if (!error)
        error = service < 0 ? service : pipe_hook(service, KEY_SERVICE, 0);
    if (error < 0) {
        report("no names of files: %s (%s)", error_sentence(error), error_name(error));
        return 1;
    }
    process_ready();
    serve(services, 1, NULL);
}
