// SPDX-License-Identifier: MIT
#include "source.h"

#include "abi.h"
#include "failure.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_NAME "-"
#define LINE_ROOM_FIRST 256u

static long source_open(struct source *source, const char *path) {
    *source = (struct source){.name = path, .descriptor = STDIN_FILENO};
    if (strcmp(path, INPUT_NAME) != 0)
        source->descriptor = open(path, O_RDONLY);
    return source->descriptor < 0 ? -errno : 0;
}

// What was read of a file and not used is left to the next reader of the standard input.
static void source_close(struct source *source) {
    if (source->descriptor != STDIN_FILENO)
        close(source->descriptor);
    else if (source->next < source->length)
        lseek(source->descriptor, (off_t)source->next - (off_t)source->length, SEEK_CUR);
    free(source->line);
    source->line = NULL;
}

// False: it has ended. What was printed is written before a wait, which Ctrl-C may end.
static bool source_fill(struct source *source) {
    if (source->next < source->length)
        return true;
    bool may_wait = lseek(source->descriptor, 0, SEEK_CUR) < 0;
    size_t most = source->is_exact && may_wait ? 1 : sizeof source->bytes;
    if (may_wait && source->next)
        output_flush();
    long length = source->has_ended ? 0 : read(source->descriptor, source->bytes, most);
    source->error = length < 0 ? -errno : source->error;
    source->has_ended = length <= 0;
    source->next = 0;
    source->length = length > 0 ? (size_t)length : 0;
    return length > 0;
}

int source_byte(struct source *source) {
    return source_fill(source) ? source->bytes[source->next++] : -1;
}

long source_chunk(struct source *source, const char **bytes) {
    if (!source_fill(source))
        return -1;
    *bytes = (const char *)source->bytes + source->next;
    long length = (long)(source->length - source->next);
    source->next = source->length;
    return length;
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
    struct stat input, output;
    if (fstat(source->descriptor, &input) || fstat(STDOUT_FILENO, &output) || !S_ISREG(input.st_mode) ||
        !S_ISREG(output.st_mode) || input.st_ino != output.st_ino || input.st_dev != output.st_dev || !input.st_size)
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
    return source.error ? fail(path, source.error) : status;
}

int sources_visit(const struct options *options, int first, source_function *function, void *work) {
    int status = 0;
    if (first == options->operand_count)
        return source_visit(INPUT_NAME, options, function, work);
    for (int index = first; index < options->operand_count; index++) {
        int result = source_visit(options->operands[index], options, function, work);
        status = result ? result : status;
    }
    return status;
}
