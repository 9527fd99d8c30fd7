// SPDX-License-Identifier: MIT
#include "collector.h"

#include "clock.h"
#include "pipe.h"
#include "process.h"
#include "serve.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define KEY_SERVICE UINT32_MAX
#define KEY_BUS (UINT32_MAX - 1)

struct held {
    struct held *next;
    struct record record;
    uint8_t bytes[];
};

static struct {
    const struct filter *filter;
    struct watch watch;
    struct collect_status status;
    struct held *first, *last;
    struct held *cursor; // the next for COLLECT_NEXT; NULL: the end
    long bus;
    uint32_t self;
    uint64_t started; // the bus still has older records, of an earlier collector
} collector;

// ---- The records in memory ----

static void oldest_drop(void) {
    struct held *oldest = collector.first;
    collector.first = oldest->next;
    if (!collector.first)
        collector.last = NULL;
    if (collector.cursor == oldest)
        collector.cursor = oldest->next;
    collector.status.bytes -= sizeof *oldest + oldest->record.held;
    collector.status.held--;
    collector.status.dropped++;
    free(oldest);
}

static void record_keep(const struct record *record, const uint8_t *bytes) {
    size_t size = sizeof(struct held) + record->held;
    while (collector.first && collector.status.bytes + size > collector.status.limit)
        oldest_drop();
    struct held *held = malloc(size);
    if (!held) {
        collector.status.lost++;
        return;
    }
    held->next = NULL;
    held->record = *record;
    memcpy(held->bytes, bytes, record->held);
    if (collector.last)
        collector.last->next = held;
    else
        collector.first = held;
    collector.last = held;
    collector.status.bytes += size;
    collector.status.held++;
}

// ---- What is recorded ----

static bool is_below(const char *path, const char *top) {
    size_t length = strlen(top);
    return strncmp(path, top, length) == 0 && (!path[length] || path[length] == '/' || top[length - 1] == '/');
}

static bool is_wanted_path(const struct watched *watched) {
    const struct filter *filter = collector.filter;
    for (unsigned index = 0; watched && index < filter->path_count; index++)
        if (is_below(watched->path, filter->paths[index]))
            return true;
    return !filter->path_count;
}

static bool is_wanted(const struct record *record, const struct watched *watched) {
    const struct filter *filter = collector.filter;
    return record->pid != collector.self && !(watched && strcmp(watched->path, COLLECTOR_PIPE) == 0) &&
           (!filter->pid || filter->pid == record->pid) && (!filter->kinds || filter->kinds >> record->kind & 1) &&
           is_wanted_path(watched);
}

// Whether a pipe that was found is tapped: not this process's own.
static bool is_tapped_too(const struct watched *watched) {
    char own[sizeof "/proc//" + PID_DIGITS];
    process_path(own, "/proc/", collector.self, "/");
    return is_wanted_path(watched) && strncmp(watched->path, own, strlen(own)) != 0 &&
           strcmp(watched->path, COLLECTOR_PIPE) != 0;
}

// What a tap tells with its bytes the bus tells without them.
static bool is_told_by_tap(const struct record *record, const struct watched *watched) {
    return watched && watched->handle > 0 && watched->flow != FLOW_DIRECTORY && record->kind <= TRACE_SIGNAL;
}

// Matches replies with calls, to leave out those to the collector itself, whose calls are not recorded either.
static bool is_answer_to_self(const struct record *record, struct watched *watched) {
    if (!watched || watched->is_kernel)
        return false;
    if (record->kind == TRACE_CALL)
        conversation_ask(&watched->conversation, record->pid, record->time, NULL, 0);
    return record->kind == TRACE_REPLY && conversation_answer(&watched->conversation).pid == collector.self;
}

static void bus_take(const struct request *message) {
    struct trace_record told;
    collector.status.lost += message->head.lost;
    collector.status.lost_bus += message->head.lost;
    for (size_t index = 0; message->head.lost && index < collector.watch.count; index++)
        conversation_forget(&collector.watch.pipes[index]->conversation);
    if (!request_get(message, &told, sizeof told))
        return;
    process_name(told.pid, 0); // now, while the process lives
    struct watched *watched = told.pipe ? watch_of_number(&collector.watch, told.pipe) : NULL;
    struct record record = {.time = told.time,
                            .value = told.value,
                            .kind = told.operation,
                            .pid = told.pid,
                            .pipe = told.pipe,
                            .length = told.length};
    bool is_new = told.time >= collector.started && !is_told_by_tap(&record, watched);
    if (is_new && !is_answer_to_self(&record, watched) && is_wanted(&record, watched))
        record_keep(&record, NULL);
}

static void tap_take(const struct request *message, struct watched *watched) {
    struct passage passage = watch_passage(watched, &message->head, message->payload);
    struct record record = {.time = passage.time,
                            .value = passage.value,
                            .kind = passage.kind,
                            .pid = passage.sender,
                            .pipe = passage.pipe,
                            .length = passage.length,
                            .held = passage.held};
    collector.status.lost += message->head.lost;
    bool is_to_self = passage.has_receiver && passage.receiver == collector.self;
    if (!is_to_self && is_wanted(&record, watched))
        record_keep(&record, passage.bytes);
}

static void message_take(const struct request *message) {
    struct watched *watched = watch_of_key(&collector.watch, message->head.key);
    if (message->head.key == KEY_BUS)
        bus_take(message);
    else if (watched && message->head.type == MESSAGE_TAP)
        tap_take(message, watched);
    else if (watched && message->head.type == MESSAGE_CHANGE)
        watch_change(&collector.watch, watched, (const struct change_message *)(const void *)message->payload);
    else if (watched && message->head.type == MESSAGE_GONE)
        watch_drop(&collector.watch, watched);
}

// ---- What is asked ----

static bool is_allowed(const struct request *request) {
    return strcmp(process_name(request->head.pid, request->head.generation), "trace") == 0;
}

static long index_get(const struct request *request, uint32_t *index) {
    struct collect_request asked;
    if (!is_allowed(request))
        return -PIPE_EACCES;
    if (!request_get(request, &asked, sizeof asked))
        return -PIPE_EMSGSIZE;
    *index = asked.index;
    return 0;
}

static long status_tell(struct request *request, void *reply, struct attached *attached) {
    (void)request;
    (void)attached;
    memcpy(reply, &collector.status, sizeof collector.status);
    return sizeof collector.status;
}

static long stop(struct request *request, void *reply, struct attached *attached) {
    uint32_t index;
    (void)reply;
    (void)attached;
    long error = index_get(request, &index);
    if (error)
        return error;
    watch_end(&collector.watch);
    if (collector.bus > 0)
        pipe_close(collector.bus);
    collector.bus = 0;
    collector.status.is_recording = 0;
    return 0;
}

static long quit(struct request *request, void *reply, struct attached *attached) {
    uint32_t index;
    (void)reply;
    (void)attached;
    long error = index_get(request, &index);
    if (error)
        return error;
    pipe_remove(COLLECTOR_PIPE); // its callers wake
    exit(0);
}

static long next_tell(struct request *request, void *reply, struct attached *attached) {
    uint32_t index;
    size_t length = 0;
    (void)attached;
    long error = index_get(request, &index);
    if (error)
        return error;
    if (!index)
        collector.cursor = collector.first;
    while (collector.cursor && length + RECORD_SIZE(collector.cursor->record.held) <= PAYLOAD_MAX) {
        const struct held *held = collector.cursor;
        memcpy((uint8_t *)reply + length, &held->record, sizeof held->record);
        memcpy((uint8_t *)reply + length + sizeof held->record, held->bytes, held->record.held);
        length += RECORD_SIZE(held->record.held);
        collector.cursor = held->next;
    }
    return (long)length;
}

static long pipes_tell(struct request *request, void *reply, struct attached *attached) {
    uint32_t index;
    (void)attached;
    long error = index_get(request, &index);
    if (error || index >= collector.watch.count)
        return error ? error : -PIPE_ENOENT;
    const struct watched *watched = collector.watch.pipes[index];
    struct collect_pipe pipe = {.number = watched->number,
                                .owner = watched->owner,
                                .flow = watched->flow,
                                .is_kernel = watched->is_kernel,
                                .lost = watched->lost};
    strncpy(pipe.path, watched->path, sizeof pipe.path - 1);
    memcpy(reply, &pipe, sizeof pipe);
    return sizeof pipe;
}

static long name_tell(struct request *request, void *reply, struct attached *attached) {
    uint32_t pid;
    (void)attached;
    long error = index_get(request, &pid);
    if (error)
        return error;
    const char *name = process_name(pid, 0);
    memcpy(reply, name, strlen(name));
    return (long)strlen(name);
}

// ---- Start ----

// The names of all pipes are known to the records; taps are only on those that are wanted.
static long sources_open(void) {
    collector.watch.is_silent = !collector.filter->has_bodies;
    collector.watch.is_wanted = is_tapped_too;
    collector.bus = pipe_open("/bus/trace", RIGHT_READ);
    long error = pipe_hook(collector.bus, KEY_BUS, 0);
    return error < 0 ? error : watch_add(&collector.watch, "/", true);
}

long collect(const struct filter *filter) {
    static serve_function *const operations[COLLECT_OPERATIONS] = {
        [COLLECT_STATUS] = status_tell, [COLLECT_STOP] = stop,        [COLLECT_QUIT] = quit,
        [COLLECT_NEXT] = next_tell,     [COLLECT_PIPES] = pipes_tell, [COLLECT_NAME] = name_tell};
    static const struct service service = {
        .key = KEY_SERVICE, .operation_count = COLLECT_OPERATIONS, .operations = operations};
    collector.filter = filter;
    collector.self = process_id();
    collector.started = clock_now();
    collector.status =
        (struct collect_status){.is_recording = 1, .has_bodies = filter->has_bodies, .limit = filter->limit};
    long error = sources_open();
    long handle = error < 0 ? error
                            : pipe_create(COLLECTOR_PIPE, FLOW_CALL,
                                          RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE), 0, 0);
    error = handle < 0 ? handle : pipe_hook(handle, KEY_SERVICE, 0);
    if (error < 0)
        return error;
    serve(&service, 1, message_take);
}
