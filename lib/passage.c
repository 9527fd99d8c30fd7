// SPDX-License-Identifier: MIT
#include "passage.h"

#include "info.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICROSECOND 1000u
#define MICROSECONDS 1000000u // in a second

// ---- Names of processes ----

struct known {
    struct known *next;
    uint32_t pid, generation;
    char name[PROGRAM_NAME_MAX + 1];
};

static struct known *first_known;

static struct known *known_find(uint32_t pid, uint32_t generation) {
    for (struct known *known = first_known; known; known = known->next)
        if (known->pid == pid && (!generation || known->generation == generation))
            return known;
    return NULL;
}

static struct known *known_add(uint32_t pid, uint32_t generation, const char *name) {
    struct known *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    *known = (struct known){first_known, pid, generation, ""};
    strncpy(known->name, name, sizeof known->name - 1);
    return first_known = known;
}

static struct known *known_ask(uint32_t pid, uint32_t generation) {
    struct info_process process;
    bool is_found = !info_ask(INFO_PROCESS, pid, &process, sizeof process) && process.pid == pid &&
                    (!generation || generation == process.generation);
    return is_found ? known_add(pid, process.generation, process.name) : known_add(pid, generation, "?");
}

bool process_name_is_kept(uint32_t pid) {
    return known_find(pid, 0) != NULL;
}

void process_name_keep(uint32_t pid, const char *name) {
    known_add(pid, 0, name);
}

const char *process_name(uint32_t pid, uint32_t generation) {
    if (!pid)
        return "kernel";
    const struct known *known = known_find(pid, generation);
    if (!known)
        known = known_ask(pid, generation);
    return known ? known->name : "?";
}

char *process_text(uint32_t pid, uint32_t generation, char *to) {
    if (pid)
        snprintf(to, PROCESS_TEXT_MAX, "%s/%" PRIu32, process_name(pid, generation), pid);
    else
        strcpy(to, "kernel");
    return to;
}

// ---- Calls and their replies ----

const struct operation *conversation_ask(struct conversation *conversation, uint32_t pid, uint64_t time,
                                         const void *request, size_t length) {
    const struct operation *operation = decode_operation(conversation->protocol, request, length);
    if (conversation->count < CONVERSATION_MAX)
        conversation->calls[conversation->count] = (struct conversation_call){pid, time, operation};
    if (conversation->count <= CONVERSATION_MAX)
        conversation->count++;
    return operation;
}

// The first call, without what the others do not share.
struct conversation_call conversation_answer(struct conversation *conversation) {
    struct conversation_call first = {0};
    if (!conversation->count || conversation->count > CONVERSATION_MAX)
        return first;
    first = conversation->calls[0];
    for (unsigned index = 1; index < conversation->count; index++) {
        const struct conversation_call *call = &conversation->calls[index];
        first.time = 0;
        first.pid = call->pid == first.pid ? first.pid : 0;
        first.operation = call->operation == first.operation ? first.operation : NULL;
    }
    memmove(conversation->calls, conversation->calls + 1, --conversation->count * sizeof *conversation->calls);
    return first;
}

void conversation_forget(struct conversation *conversation) {
    conversation->count = 0;
}

// ---- One message ----

static const char *const names[] = {
    [TRACE_SEND] = "send",           [TRACE_CALL] = "call",     [TRACE_REPLY] = "reply", [TRACE_SIGNAL] = "signal",
    [TRACE_INTERRUPT] = "interrupt", [TRACE_DENIED] = "denied", [TRACE_DEATH] = "death"};
#define NAMES (sizeof names / sizeof *names)

bool passage_has_receiver(uint32_t sender, uint32_t owner, unsigned flow, bool is_kernel) {
    return sender != owner && (owner || is_kernel || flow != FLOW_CALL);
}

const char *trace_name(unsigned operation) {
    return operation < NAMES ? names[operation] : "?";
}

bool trace_name_parse(const char *name, enum trace_operation *operation) {
    for (unsigned index = 0; index < NAMES; index++)
        if (strcmp(names[index], name) == 0) {
            *operation = (enum trace_operation)index;
            return true;
        }
    return false;
}

enum trace_operation trace_of_tap(enum tap_operation operation) {
    static const enum trace_operation operations[] = {[TAP_SENT] = TRACE_SEND,
                                                      [TAP_CALLED] = TRACE_CALL,
                                                      [TAP_REPLIED] = TRACE_REPLY,
                                                      [TAP_SIGNALLED] = TRACE_SIGNAL};
    return operations[operation];
}

// What was said: an operation with its fields, or text.
static void said_format(const struct passage *passage, char *to) {
    char text[DECODED_MAX + 4 * PASSAGE_SHOWN];
    const struct operation *operation = passage->operation;
    if (operation) {
        const struct field *fields = passage->kind == TRACE_REPLY ? operation->reply : operation->request;
        sprintf(to, " %s%s", operation->name, decode_fields(fields, passage->bytes, passage->held, text));
    } else if (passage->held && passage->kind != TRACE_SIGNAL) {
        sprintf(to, " \"%s\"", decode_escaped(passage->bytes, passage->held, PASSAGE_SHOWN, passage->length, text));
    }
}

char *passage_what(const struct passage *passage, bool is_bare, char *to) {
    char *end = to + sprintf(to, "%s", trace_name(passage->kind));
    if (passage->path)
        end += sprintf(end, " %.*s", (int)PATH_LENGTH_MAX, passage->path);
    else if (passage->pipe)
        end += sprintf(end, " pipe %" PRIu32, passage->pipe);
    if (passage->kind == TRACE_SEND || passage->kind == TRACE_CALL || passage->kind == TRACE_REPLY)
        end += sprintf(end, " %" PRIu32, passage->length);
    else
        end += sprintf(end, " %" PRIu64, passage->value);
    if (!is_bare)
        said_format(passage, end);
    return to;
}

char *passage_format(const struct passage *passage, bool is_bare, char *to) {
    char name[PROCESS_TEXT_MAX];
    uint64_t microseconds = passage->time / MICROSECOND;
    char *end =
        to + sprintf(to, "%5" PRIu64 ".%06" PRIu64 " %s", microseconds / MICROSECONDS, microseconds % MICROSECONDS,
                     process_text(passage->sender, passage->sender_generation, name));
    if (passage->pipe || passage->path)
        end += sprintf(end, " -> %s", passage->has_receiver ? process_text(passage->receiver, 0, name) : "*");
    *end++ = ' ';
    passage_what(passage, is_bare, end);
    return to;
}
