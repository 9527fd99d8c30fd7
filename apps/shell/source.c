// SPDX-License-Identifier: MIT
#include "source.h"

#include "failure.h"
#include "file.h"
#include "input.h"
#include "output.h"
#include "pipe.h"
#include "protocol/start.h"
#include "streams.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_NAME "-"
#define LINE_ROOM_FIRST 256u
#define KEY_SOURCE 1u

// ---- What is left of a message ----

// What a command leaves of a message the next one that reads the queue begins with. Here it stands, by the queue's
// number; of more queues than there are places one is lost.
#define LEFT_PLACES 8u

static struct left {
    uint32_t queue; // its number, 0: free
    size_t length;
    uint8_t bytes[PAYLOAD_MAX];
} lefts[LEFT_PLACES];

static uint32_t number_of(long queue) {
    struct pipe_stat stat;
    return pipe_stat(queue, &stat) ? 0 : stat.number;
}

static void left_take(struct source *source) {
    uint32_t queue = number_of(source->queue);
    for (struct left *left = lefts; left < lefts + LEFT_PLACES; left++) {
        if (!queue || left->queue != queue)
            continue;
        memcpy(source->bytes, left->bytes, left->length);
        source->length = left->length;
        left->queue = 0;
    }
}

static void left_keep(const struct source *source) {
    static unsigned kept;
    struct left *left = &lefts[kept++ % LEFT_PLACES];
    for (struct left *place = lefts; left->queue && place < lefts + LEFT_PLACES; place++)
        left = place->queue ? left : place;
    left->queue = number_of(source->queue);
    left->length = source->length - source->place;
    memcpy(left->bytes, source->bytes + source->place, left->length);
}

// ---- Opening ----

static long input_open(struct source *source) {
    const struct stream *stream = stream_of(0);
    if (stream->type == STREAM_NOTHING) {
        source->has_ended = true;
    } else if (stream->type == STREAM_FILE) {
        source->file = stream->handle;
        source->is_shared = true;
    } else if (stream->handle != HANDLE_INPUT) {
        source->queue = stream->handle;
        left_take(source);
        return pipe_hook(stream->handle, KEY_SOURCE, 0);
    } else {
        long result = input_take();
        input_lines_begin();
        source->is_input = true;
        return result;
    }
    return 0;
}

long source_open(struct source *source, const char *path) {
    *source = (struct source){.name = path};
    if (strcmp(path, INPUT_NAME) == 0)
        return input_open(source);
    long file = file_open(path, OPEN_READ);
    source->file = file > 0 ? file : 0;
    return file < 0 ? file : 0;
}

void source_close(struct source *source) {
    if (source->queue && source->place < source->length)
        left_keep(source);
    if (source->queue)
        pipe_unhook(source->queue);
    else if (source->is_shared)
        file_seek(source->file, (int64_t)source->place - (int64_t)source->length, SEEK_FROM_POSITION);
    else if (source->file)
        file_close(source->file);
    if (source->is_input)
        input_lines_end();
    free(source->line);
    source->line = NULL;
}

// ---- Bytes ----

static int file_byte(struct source *source) {
    if (source->place == source->length) {
        long length = input_wait(DEADLINE_NOW) == INPUT_STOPPED ? INPUT_STOPPED
                                                                : file_read(source->file, source->bytes, SOURCE_PIECE);
        source->error = length < 0 ? length : 0;
        if (length <= 0)
            return -1;
        source->place = 0;
        source->length = (size_t)length;
    }
    return source->bytes[source->place++];
}

static int queue_byte(struct source *source) {
    if (source->place == source->length) {
        long length = input_wait(DEADLINE_NONE);
        bool is_message = length > 0 && pipe_received()->type == MESSAGE_DATA;
        source->error = length < 0 ? length : 0;
        source->place = 0;
        source->length = is_message ? (size_t)length : 0;
        memcpy(source->bytes, pipe_payload(), source->length);
    }
    return source->length ? source->bytes[source->place++] : -1;
}

static int typed_byte(struct source *source) {
    int byte = input_byte();
    if (byte != INPUT_STOPPED)
        return byte;
    say("\n"); // behind the terminal's ^C
    source->error = INPUT_STOPPED;
    return byte;
}

int source_byte(struct source *source) {
    if (source->has_ended)
        return -1;
    int byte = source->file ? file_byte(source) : source->queue ? queue_byte(source) : typed_byte(source);
    source->has_ended = byte < 0;
    return byte;
}

long source_piece(struct source *source, const char **bytes) {
    int byte = source_byte(source);
    if (byte < 0)
        return -1;
    if (!source->file && !source->queue) {
        source->bytes[0] = (uint8_t)byte;
        *bytes = (const char *)source->bytes;
        return 1;
    }
    size_t first = source->place - 1;
    *bytes = (const char *)source->bytes + first;
    source->place = source->length;
    return (long)(source->length - first);
}

// ---- Lines ----

static bool line_put(struct source *source, size_t length, char byte) {
    if (length == source->line_room) {
        size_t room = source->line_room ? 2 * source->line_room : LINE_ROOM_FIRST;
        char *line = realloc(source->line, room);
        if (!line)
            return false;
        source->line = line;
        source->line_room = room;
    }
    source->line[length] = byte;
    return true;
}

long source_line(struct source *source, bool *is_ended) {
    size_t length = 0;
    int byte;
    while ((byte = source_byte(source)) >= 0 && byte != '\n' && line_put(source, length, (char)byte))
        length++;
    *is_ended = byte == '\n';
    if (byte < 0 && (length == 0 || source->error))
        return -1;
    bool is_whole = byte < 0 || byte == '\n';
    if (is_whole && line_put(source, length, 0))
        return (long)length;
    source->error = -PIPE_ENOMEM;
    return -1;
}

// ---- Every source of a command ----

bool source_is_output(const struct source *source) {
    char whole[FILE_PATH_MAX + 1];
    struct file_stat stat;
    const char *output = stream_of(1)->path, *path = source->is_shared ? stream_of(0)->path : whole;
    if (!output || !source->file || (!source->is_shared && file_resolve(source->name, whole)))
        return false;
    if (strcmp(path, output) != 0 || file_stat(path, &stat) || !stat.size)
        return false;
    fail_saying(source->name, "the input file is the output file", -PIPE_EINVAL);
    return true;
}

int source_visit(const char *path, const struct options *options, source_function *function, void *work) {
    static struct source source; // one at a time
    long error = source_open(&source, path);
    if (error)
        return fail(path, error);
    int status = function(&source, options, work);
    source_close(&source);
    if (source.error == INPUT_STOPPED)
        return STATUS_INTERRUPTED;
    return source.error ? fail(path, source.error) : status;
}

int sources_visit(const struct options *options, int first, source_function *function, void *work) {
    int status = 0;
    input_watch(false);
    if (first == options->operand_count)
        return source_visit(INPUT_NAME, options, function, work);
    for (int place = first; place < options->operand_count && status != STATUS_INTERRUPTED; place++) {
        int result = source_visit(options->operands[place], options, function, work);
        status = result ? result : status;
    }
    return status;
}
