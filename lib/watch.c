// SPDX-License-Identifier: MIT
#include "watch.h"

#include "pipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long directory_add(struct watch *watch, const char *path);

// ---- One pipe ----

static struct watched *watched_make(struct watch *watch, const char *path, const struct pipe_stat *stat) {
    if (watch->count == watch->room) {
        size_t room = watch->room ? 2 * watch->room : 64;
        struct watched **pipes = realloc(watch->pipes, room * sizeof(struct watched *));
        if (!pipes)
            return NULL;
        watch->pipes = pipes;
        watch->room = room;
    }
    struct watched *watched = calloc(1, sizeof *watched);
    char *copy = strdup(path);
    if (!watched || !copy) {
        free(watched);
        free(copy);
        return NULL;
    }
    *watched = (struct watched){.path = copy,
                                .number = stat->number,
                                .owner = stat->owner,
                                .owner_generation = stat->owner_generation,
                                .flow = (uint8_t)stat->flow,
                                .is_kernel = stat->flags & STAT_KERNEL,
                                .conversation.protocol = decode_protocol(path)};
    return watch->pipes[watch->count++] = watched;
}

// Opens and hooks it. 0, or a negated error.
static long watched_hook(const struct watch *watch, struct watched *watched) {
    bool is_directory = watched->flow == FLOW_DIRECTORY;
    long handle = pipe_open(watched->path, is_directory ? RIGHT_READ : RIGHT_TAP);
    long error = handle;
    if (handle >= 0)
        error = pipe_hook(handle, WATCH_KEY + watch->count - 1, is_directory ? 0 : HOOK_TAP);
    if (error >= 0)
        watched->handle = handle;
    else if (handle >= 0)
        pipe_close(handle);
    return error < 0 ? error : 0;
}

static void watched_unhook(struct watch *watch, struct watched *watched) {
    if (watched->handle > 0 && watched->flow != FLOW_DIRECTORY)
        watch->taps--;
    if (watched->handle > 0)
        pipe_close(watched->handle);
    watched->handle = 0;
}

// A pipe that is no directory.
static long pipe_add(struct watch *watch, const char *path, const struct pipe_stat *stat, bool is_found) {
    struct watched *watched = watched_make(watch, path, stat);
    if (!watched)
        return -PIPE_ENOMEM;
    if (watch->is_silent || (is_found && watch->is_wanted && !watch->is_wanted(watched)))
        return 0;
    long error = watched_hook(watch, watched);
    watch->taps += !error;
    return error;
}

// ---- Directories ----

static const char *path_join(const char *directory, const char *name, char *to) {
    snprintf(to, PATH_LENGTH_MAX + 1, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
    return to;
}

// A name of a directory. What can't be tapped is counted; rules are looked at first, since a refusal is counted by the
// kernel, too.
static void name_add(struct watch *watch, const char *directory, const char *name, bool is_recursive) {
    char path[PATH_LENGTH_MAX + 1];
    struct pipe_stat stat;
    if (pipe_stat_path(path_join(directory, name, path), &stat))
        return;
    bool is_directory = stat.flow == FLOW_DIRECTORY;
    uint32_t right = (is_directory ? RIGHT_READ : RIGHT_TAP) << (CLASS_APP * RULE_BITS);
    if (is_directory && !is_recursive)
        return;
    if (!(stat.rules & right) && !(watch->is_silent && !is_directory))
        watch->refused += !is_directory;
    else if (is_directory)
        directory_add(watch, path);
    else if (pipe_add(watch, path, &stat, true))
        watch->refused++;
}

static void names_add(struct watch *watch, const char *path, long directory, bool is_recursive) {
    char name[COMPONENT_MAX + 1] = "";
    while (pipe_next_name(directory, name))
        name_add(watch, path, name, is_recursive);
}

// The directory, for what comes later, and all below it. It is hooked first, so that no name is missed between.
static long directory_add(struct watch *watch, const char *path) {
    struct pipe_stat stat;
    long error = pipe_stat_path(path, &stat);
    struct watched *watched = error ? NULL : watched_make(watch, path, &stat);
    if (!watched)
        return error ? error : -PIPE_ENOMEM;
    error = watched_hook(watch, watched);
    if (!error)
        names_add(watch, path, watched->handle, true);
    return error;
}

long watch_add(struct watch *watch, const char *path, bool is_recursive) {
    struct pipe_stat stat;
    long error = pipe_stat_path(path, &stat);
    if (error)
        return error;
    if (stat.flow != FLOW_DIRECTORY)
        return pipe_add(watch, path, &stat, false);
    if (is_recursive)
        return directory_add(watch, path);
    long directory = pipe_open(path, RIGHT_READ);
    if (directory < 0)
        return directory;
    names_add(watch, path, directory, false);
    return pipe_close(directory);
}

// ---- What comes ----

struct watched *watch_of_key(const struct watch *watch, uint64_t key) {
    return key >= WATCH_KEY && key - WATCH_KEY < watch->count ? watch->pipes[key - WATCH_KEY] : NULL;
}

struct watched *watch_of_number(const struct watch *watch, uint32_t number) {
    for (size_t index = watch->count; index > 0; index--)
        if (watch->pipes[index - 1]->number == number)
            return watch->pipes[index - 1];
    return NULL;
}

void watch_change(struct watch *watch, const struct watched *directory, const struct change_message *change) {
    char name[sizeof change->name + 1];
    snprintf(name, sizeof name, "%.*s", (int)sizeof change->name, change->name);
    if (change->added)
        name_add(watch, directory->path, name, true);
}

void watch_drop(struct watch *watch, struct watched *watched) {
    watched_unhook(watch, watched);
}

void watch_end(struct watch *watch) {
    for (size_t index = 0; index < watch->count; index++)
        watched_unhook(watch, watch->pipes[index]);
}

// The other side of a message is the pipe's owner; of the owner's own messages whoever reads them; of a reply its
// caller.
struct passage watch_passage(struct watched *watched, const struct message_received *head, const uint8_t *payload) {
    struct tap_message tap;
    memcpy(&tap, payload, sizeof tap);
    struct passage passage = {.time = tap.time,
                              .kind = trace_of_tap(tap.operation),
                              .sender = head->pid,
                              .sender_generation = head->generation,
                              .receiver = watched->owner,
                              .has_receiver =
                                  passage_has_receiver(head->pid, watched->owner, watched->flow, watched->is_kernel),
                              .path = watched->path,
                              .pipe = watched->number,
                              .length = tap.length,
                              .held = head->length - (uint32_t)sizeof tap,
                              .bytes = payload + sizeof tap};
    watched->lost += head->lost;
    if (head->lost)
        conversation_forget(&watched->conversation);
    if (tap.operation == TAP_SIGNALLED && passage.held >= sizeof passage.value)
        memcpy(&passage.value, passage.bytes, sizeof passage.value);
    if (tap.operation == TAP_CALLED && !watched->is_kernel) // the kernel's replies are not recorded
        passage.operation = conversation_ask(&watched->conversation, head->pid, tap.time, passage.bytes, passage.held);
    else if (tap.operation == TAP_CALLED)
        passage.operation = decode_operation(watched->conversation.protocol, passage.bytes, passage.held);
    if (tap.operation == TAP_REPLIED) {
        struct conversation_call call = conversation_answer(&watched->conversation);
        passage.operation = call.operation;
        passage.receiver = call.pid;
        passage.has_receiver = call.pid != 0;
    }
    return passage;
}
