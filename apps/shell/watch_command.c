// SPDX-License-Identifier: MIT
// `watch`: what passes through pipes, and which names come and go in directories. A pipe that may be tapped is
// tapped, which takes nothing away; one that may only be read is hooked: then what is shown is taken out of a queue.
#include "commands.h"
#include "describe.h"
#include "failure.h"
#include "input.h"
#include "message_text.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "words.h"

#include <string.h>

static long open_and_hook(const char *path, uint32_t right, uint64_t key, uint32_t flags) {
    long handle = pipe_open(path, right);
    long error = handle < 0 ? handle : pipe_hook(handle, key, flags);
    if (error < 0 && handle >= 0)
        pipe_close(handle);
    return error < 0 ? error : handle;
}

// A call can't be watched by hooking it: its callers would get no reply from who only watches. The error is then why it
// can't be tapped.
static long watch_open(const char *path, uint64_t key) {
    struct pipe_stat stat;
    long error = stat_get(path, &stat);
    long handle = error ? error : open_and_hook(path, RIGHT_TAP, key, HOOK_TAP);
    if (error || handle >= 0 || stat.flow == FLOW_CALL)
        return handle;
    return open_and_hook(path, RIGHT_READ, key, 0);
}

static void handles_close_all(const long *handles, int count) {
    for (int index = 0; index < count; index++)
        if (handles[index] >= 0)
            pipe_close(handles[index]);
}

// One line: time, sender's pid and kind, the path, the type, and what was sent.
static void event_show(const char *const *paths, long length) {
    struct message_received head = *pipe_received();
    uint8_t payload[PAYLOAD_MAX];
    char time[TIME_TEXT_MAX];
    memcpy(payload, pipe_payload(), (size_t)length);
    handles_close();
    if (head.lost)
        say("%u lost\n", head.lost);
    say("%12s %5u %-6s %s %s ", time_text(message_time(&head, payload), time), head.pid,
        head.pid ? kind_name(head.kind) : "kernel", paths[head.key], message_type_name(head.type));
    message_say(&head, payload);
    say("\n");
}

// Until the user ends it or all that is watched is gone.
static int events_show(const char *const *paths, int count) {
    while (count) {
        long length = input_wait(DEADLINE_NONE);
        if (length == INPUT_STOPPED)
            break;
        if (length < 0)
            return fail(paths[0], length);
        if (pipe_received()->type == MESSAGE_GONE)
            count--;
        event_show(paths, length);
    }
    return 0;
}

int watch_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "PATH", false};
    struct options options;
    long handles[WORDS_MAX];
    directories_trim(count, words);
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int opened = 0, status = 0;
    for (; opened < options.operand_count && status == 0; opened++) {
        handles[opened] = watch_open(options.operands[opened], (uint64_t)opened);
        if (handles[opened] < 0)
            status = fail(options.operands[opened], handles[opened]);
    }
    input_keys_begin(INPUT_MODE_WATCH);
    if (status == 0)
        status = events_show(options.operands, options.operand_count);
    input_keys_end();
    handles_close_all(handles, opened);
    return status;
}
