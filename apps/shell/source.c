// SPDX-License-Identifier: MIT
#include "source.h"

#include "failure.h"
#include "file.h"
#include "input.h"
#include "pipe.h"
#include "streams.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_NAME "-"
#define LINE_ROOM_FIRST 256u
#define KEY_SOURCE 1u

// ---- Opening ----

static long input_open(struct source *source) {
    const struct stream *stream = stream_of(0);
    source->has_ended = stream->type == STREAM_NOTHING;
    source->is_shared = stream->type == STREAM_FILE;
    if (source->is_shared)
        source->file = stream->handle;
    if (stream->type != STREAM_QUEUE)
        return 0;
    source->queue = stream->handle;
    return pipe_hook(stream->handle, KEY_SOURCE, HOOK_END);
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
    if (source->queue)
        pipe_unhook(source->queue);
    else if (source->is_shared)
        file_seek(source->file, (int64_t)source->cursor - (int64_t)source->length, STREAM_FROM_POSITION);
    else if (source->file)
        file_close(source->file);
    free(source->line);
    source->line = NULL;
}

// ---- Bytes ----

static int file_byte(struct source *source) {
    if (source->cursor == source->length) {
        long length = input_wait(DEADLINE_NOW) == INPUT_STOPPED ? INPUT_STOPPED
                                                                : file_read(source->file, source->bytes, SOURCE_CHUNK);
        source->error = length < 0 ? length : 0;
        if (length <= 0)
            return -1;
        source->cursor = 0;
        source->length = (size_t)length;
    }
    return source->bytes[source->cursor++];
}

static int queue_byte(struct source *source) {
    if (source->cursor == source->length) {
        long length = input_wait_limited(DEADLINE_NONE, source->is_exact ? 1 : PAYLOAD_MAX);
        source->error = length < 0 ? length : 0;
        source->cursor = 0;
        source->length = length > 0 && pipe_received()->type == MESSAGE_DATA ? (size_t)length : 0;
        memcpy(source->bytes, pipe_payload(), source->length);
    }
    return source->length ? source->bytes[source->cursor++] : -1;
}

int source_byte(struct source *source) {
    if (source->has_ended)
        return -1;
    int byte = source->file ? file_byte(source) : queue_byte(source);
    source->has_ended = byte < 0;
    return byte;
}

long source_chunk(struct source *source, const char **bytes) {
    int byte = source_byte(source);
    if (byte < 0)
        return -1;
    size_t first = source->cursor - 1;
    *bytes = (const char *)source->bytes + first;
    source->cursor = source->length;
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
    const struct stream *output = stream_of(1);
    struct stream_stat stat, other;
    bool are_files = source->file && output->type == STREAM_FILE && !file_stat_open(source->file, &stat) &&
                     !file_stat_open(output->handle, &other);
    if (!are_files || stat.inode != other.inode || stat.volume != other.volume || !stat.size)
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
    if (first == options->operand_count)
        return source_visit(INPUT_NAME, options, function, work);
    for (int index = first; index < options->operand_count && status != STATUS_INTERRUPTED; index++) {
        int result = source_visit(options->operands[index], options, function, work);
        status = result ? result : status;
    }
    return status;
}
