// SPDX-License-Identifier: MIT
// `log` prints what the log server keeps; without one, what the kernel's own topic holds. `denied` lists who was
// refused what.
#include "clock.h"
#include "failure.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "protocol/log.h"
#include "tool_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_LOG "/kernel/log"
#define PATIENCE (2 * SECOND) // with the log server
#define LINE_MAX 192u

// Lines as the server has told them: `length` bytes, each line with its end.
struct text {
    char *bytes;
    size_t length, size;
};

// ---- What the server keeps ----

static long text_append(struct text *text, const void *bytes, size_t length) {
    if (text->length + length > text->size) {
        size_t size = 2 * (text->length + length);
        char *larger = realloc(text->bytes, size);
        if (!larger)
            return -PIPE_ENOMEM;
        text->bytes = larger;
        text->size = size;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    return 0;
}

static long ask(const struct log_request *request, void *reply) {
    static long log;
    return pipe_call(pipe_open_once(&log, LOG_PIPE), request, sizeof *request, reply, PAYLOAD_MAX,
                     clock_deadline(PATIENCE));
}

// Appends all lines from *number on, which is the next one's then.
static long lines_read(struct text *text, enum log_operation operation, uint32_t *number) {
    struct log_lines head = {.count = 1};
    long error = 0;
    while (!error && head.count) {
        uint8_t reply[PAYLOAD_MAX];
        struct log_request request = {operation, *number};
        long length = ask(&request, reply);
        if (length < (long)sizeof head)
            return length < 0 ? length : -PIPE_EPROTO;
        memcpy(&head, reply, sizeof head);
        *number = head.next;
        error = text_append(text, reply + sizeof head, (size_t)length - sizeof head);
    }
    return error;
}

// ---- log ----

static void dropped_say(void) {
    uint8_t reply[PAYLOAD_MAX];
    struct log_request request = {.operation = LOG_DROPPED};
    struct log_dropped dropped;
    long length = ask(&request, reply);
    for (long offset = 0; offset + (long)sizeof dropped <= length; offset += (long)sizeof dropped) {
        memcpy(&dropped, reply + offset, sizeof dropped);
        say("(%lu lines of %.*s are dropped: it wrote the most)\n", (unsigned long)dropped.lines,
            (int)sizeof dropped.name, dropped.name);
    }
}

// All that the topic holds. EAGAIN: that was the last line.
static long topic_say(void) {
    for (;;) {
        long length = input_wait(DEADLINE_NOW);
        if (length < 0)
            return length == -PIPE_EAGAIN ? 0 : length;
        char line[PAYLOAD_MAX];
        memcpy(line, pipe_payload(), (size_t)length);
        say_bytes(line, (size_t)length);
        say("\n");
    }
}

static long topic_open(void) {
    long handle = pipe_open(KERNEL_LOG, RIGHT_READ);
    long error = handle < 0 ? handle : pipe_hook(handle, 0, 0);
    if (!error)
        return handle;
    if (handle >= 0)
        pipe_close(handle);
    return error;
}

static int topic_print(void) {
    long handle = topic_open();
    long error = handle < 0 ? handle : topic_say();
    if (handle >= 0)
        pipe_close(handle);
    if (error == INPUT_STOPPED)
        return STATUS_INTERRUPTED;
    return error ? fail(KERNEL_LOG, error) : 0;
}

int log_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    struct text text = {0};
    uint32_t number = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    bool is_told = lines_read(&text, LOG_READ, &number) == 0;
    if (is_told) {
        dropped_say();
        say_bytes(text.bytes, text.length);
    }
    free(text.bytes);
    return is_told ? 0 : topic_print();
}

// ---- denied ----

// A part of a line, up to a text that `line` is moved past; the rest of it, if the text is not there.
static struct text part_take(struct text *line, const char *end) {
    struct text part = *line;
    size_t length = strlen(end);
    for (size_t index = 0; index + length <= line->length; index++)
        if (memcmp(line->bytes + index, end, length) == 0) {
            part.length = index;
            line->bytes += index + length;
            line->length -= index + length;
            return part;
        }
    line->length = 0;
    return part;
}

#define WHO_WIDTH 24
#define WHAT_WIDTH 32

// "[ TIME] KIND NAME PID: denied: BY lacks: WHAT", or "...: what else it is denied is counted, not logged".
static void denial_say(struct text line) {
    struct text time = part_take(&line, "] "), kind = part_take(&line, " "), name = part_take(&line, " ");
    struct text pid = part_take(&line, ": ");
    char who[LINE_MAX];
    bool is_more = line.length < 8 || memcmp(line.bytes, "denied: ", 8) != 0;
    if (!is_more)
        part_take(&line, ": ");
    struct text by = part_take(&line, " lacks: ");
    snprintf(who, sizeof who, "%.*s %.*s/%.*s", (int)kind.length, kind.bytes, (int)name.length, name.bytes,
             (int)pid.length, pid.bytes);
    if (time.length)
        say("%.*s ", (int)time.length - 1, time.bytes + 1);
    if (is_more)
        say("%-*s %.*s\n", WHO_WIDTH, who, (int)by.length, by.bytes);
    else
        say("%-*s %-*.*s %.*s\n", WHO_WIDTH, who, WHAT_WIDTH, (int)line.length, line.bytes, (int)by.length, by.bytes);
}

// The newest comes first.
static void denials_say(struct text text) {
    while (text.length) {
        size_t start = text.length - 1;
        while (start && text.bytes[start - 1] != '\n')
            start--;
        denial_say((struct text){.bytes = text.bytes + start, .length = text.length - 1 - start});
        text.length = start;
    }
}

static long denials_print(uint32_t *number) {
    struct text text = {0};
    long error = lines_read(&text, LOG_DENIALS, number);
    if (!error)
        denials_say(text);
    free(text.bytes);
    return error;
}

// What comes is seen on the kernel's topic, which the log server has taken first: its priority is higher.
static long denials_follow(uint32_t *number) {
    long handle = topic_open();
    long result = handle;
    while (result >= 0) {
        long error = denials_print(number);
        if (error)
            result = error;
        else
            result = input_wait(DEADLINE_NONE);
    }
    if (handle >= 0)
        pipe_close(handle);
    return result;
}

int denied_command(int count, char **words) {
    static const struct option_plan plan = {"w", 0, 0, "", false};
    struct options options;
    uint32_t number = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    say("%12s %-*s %-*s %s\n", "TIME", WHO_WIDTH, "PROCESS", WHAT_WIDTH, "REFUSED", "WHAT LACKS IT");
    long error = denials_print(&number);
    if (!error && option_given(&options, 'w'))
        error = denials_follow(&number);
    if (error == INPUT_STOPPED)
        return STATUS_INTERRUPTED;
    return error < 0 ? fail(LOG_PIPE, error) : 0;
}
