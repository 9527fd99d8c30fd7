// SPDX-License-Identifier: MIT
#include "capture.h"

#include "pipe.h"

#include <stdlib.h>
#include <string.h>

static long ask(long collector, enum collector_operation operation, uint32_t index, void *reply, size_t size) {
    struct collect_request request = {operation, index};
    return pipe_call(collector, &request, sizeof request, reply, size, DEADLINE_NONE);
}

// An array that has room for one more element.
static void *grown(void *array, size_t count, size_t size) {
    bool is_full = count < 64 ? count % 16 == 0 : (count & (count - 1)) == 0;
    size_t room = count < 64 ? count + 16 : 2 * count;
    return is_full ? realloc(array, room * size) : array;
}

// ---- Pipes and names ----

static long pipes_load(struct capture *capture, long collector) {
    for (uint32_t index = 0;; index++) {
        struct collect_pipe pipe;
        long result = ask(collector, COLLECT_PIPES, index, &pipe, sizeof pipe);
        if (result < 0)
            return result == -PIPE_ENOENT ? 0 : result;
        struct collect_pipe *pipes = grown(capture->pipes, capture->pipe_count, sizeof pipe);
        if (!pipes)
            return -PIPE_ENOMEM;
        capture->pipes = pipes;
        pipes[capture->pipe_count++] = pipe;
    }
}

static size_t interface_of(const struct capture *capture, uint32_t number) {
    for (size_t index = capture->pipe_count; number && index > 0; index--)
        if (capture->pipes[index - 1].number == number)
            return index - 1;
    return capture->pipe_count;
}

static void name_load(long collector, uint32_t pid) {
    char name[PROGRAM_NAME_MAX + 1];
    if (!pid || process_name_is_kept(pid))
        return;
    long length = ask(collector, COLLECT_NAME, pid, name, sizeof name - 1);
    if (length < 0)
        return;
    name[length] = 0;
    process_name_keep(pid, name);
}

// ---- Records ----

static long record_add(struct capture *capture, const struct record *record, const uint8_t *bytes) {
    struct record *copy = malloc(sizeof *copy + record->held);
    struct captured *all = copy ? grown(capture->all, capture->count, sizeof *all) : NULL;
    if (!all) {
        free(copy);
        return -PIPE_ENOMEM;
    }
    *copy = *record;
    memcpy(copy + 1, bytes, record->held);
    capture->all = all;
    all[capture->count] = (struct captured){.record = copy, .interface = capture->count};
    capture->count++;
    return 0;
}

static long page_add(struct capture *capture, long collector, const uint8_t *page, size_t length) {
    struct record record;
    long error = 0;
    for (size_t offset = 0; !error && offset + sizeof record <= length; offset += RECORD_SIZE(record.held)) {
        memcpy(&record, page + offset, sizeof record);
        name_load(collector, record.pid);
        error = record_add(capture, &record, page + offset + sizeof record);
    }
    return error;
}

static long records_load(struct capture *capture, long collector) {
    static uint8_t page[PAYLOAD_MAX];
    long length, error = 0;
    for (uint32_t index = 0; !error && (length = ask(collector, COLLECT_NEXT, index, page, sizeof page)) != 0;
         index = 1)
        error = length < 0 ? length : page_add(capture, collector, page, (size_t)length);
    return error;
}

// Until it is explained, `interface` is the order of arrival.
static int times_compare(const void *first, const void *second) {
    const struct captured *one = first, *other = second;
    if (one->record->time == other->record->time)
        return one->interface < other->interface ? -1 : 1;
    return one->record->time < other->record->time ? -1 : 1;
}

// ---- Meaning ----

static void reply_explain(struct captured *captured, struct conversation *conversation) {
    struct conversation_call call = conversation_answer(conversation);
    captured->passage.operation = call.operation;
    captured->passage.receiver = call.pid;
    captured->passage.has_receiver = call.pid != 0;
    if (call.time)
        captured->reply_time = captured->record->time - call.time;
}

static void explain(const struct capture *capture, struct captured *captured, struct conversation *conversations) {
    const struct record *record = captured->record;
    captured->interface = interface_of(capture, record->pipe);
    struct passage *passage = &captured->passage;
    *passage = (struct passage){.time = record->time,
                                .value = record->value,
                                .kind = record->kind,
                                .sender = record->pid,
                                .pipe = record->pipe,
                                .length = record->length,
                                .held = record->held,
                                .bytes = (const uint8_t *)(record + 1)};
    if (captured->interface == capture->pipe_count)
        return;
    const struct collect_pipe *pipe = &capture->pipes[captured->interface];
    struct conversation *conversation = &conversations[captured->interface];
    passage->path = pipe->path;
    passage->receiver = pipe->owner;
    passage->has_receiver = passage_has_receiver(record->pid, pipe->owner, pipe->flow, pipe->is_kernel);
    conversation->protocol = decode_protocol(pipe->path);
    if (record->kind == TRACE_REPLY)
        reply_explain(captured, conversation);
    else if (record->kind == TRACE_CALL && !pipe->is_kernel)
        passage->operation = conversation_ask(conversation, record->pid, record->time, passage->bytes, passage->held);
    else if (record->kind == TRACE_CALL)
        passage->operation = decode_operation(conversation->protocol, passage->bytes, passage->held);
}

long capture_load(struct capture *capture, long collector) {
    *capture = (struct capture){0};
    long error = ask(collector, COLLECT_STATUS, 0, &capture->status, sizeof capture->status);
    if (error >= 0)
        error = records_load(capture, collector);
    if (error >= 0)
        error = pipes_load(capture, collector);
    if (error < 0)
        return error;
    for (size_t index = 0; index < capture->pipe_count; index++)
        name_load(collector, capture->pipes[index].owner);
    struct conversation *conversations = calloc(capture->pipe_count + 1, sizeof *conversations);
    if (!conversations)
        return -PIPE_ENOMEM;
    qsort(capture->all, capture->count, sizeof *capture->all, times_compare);
    for (size_t index = 0; index < capture->count; index++)
        explain(capture, &capture->all[index], conversations);
    free(conversations);
    return 0;
}
