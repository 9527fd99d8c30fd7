// SPDX-License-Identifier: MIT
// `read` (POSIX.1-2017, XCU 4): a line into variables, whose bytes that a backslash was before part nothing.
#include "buffer.h"
#include "commands.h"
#include "failure.h"
#include "input.h"
#include "options.h"
#include "pipe.h"
#include "source.h"
#include "variable.h"

#include <string.h>

#define BLANKS " \t\n"

// A line, and for each of its bytes whether a backslash was before it.
struct read_line {
    struct buffer bytes, quoted;
};

static void byte_put(struct read_line *line, char byte, bool is_quoted) {
    buffer_put(&line->bytes, byte);
    buffer_put(&line->quoted, is_quoted ? 'q' : ' ');
}

// Reads a line, and the next one where a backslash joins that. Whether it has an end.
static bool line_read(struct source *source, bool is_raw, struct read_line *line) {
    bool is_ended = false, is_joined = true;
    while (is_joined && source_line(source, &is_ended) >= 0) {
        is_joined = false;
        for (const char *byte = source->line; *byte; byte++) {
            bool is_quoted = *byte == '\\' && !is_raw;
            byte += is_quoted;
            is_joined = is_quoted && !*byte;
            if (is_joined)
                break;
            byte_put(line, *byte, is_quoted);
        }
    }
    return is_ended && !is_joined;
}

static bool is_separator(const struct read_line *line, size_t position, const char *separators) {
    return position < line->bytes.length && line->quoted.bytes[position] == ' ' &&
           strchr(separators, line->bytes.bytes[position]);
}

static bool is_blank(const struct read_line *line, size_t position, const char *separators) {
    return is_separator(line, position, separators) && strchr(BLANKS, line->bytes.bytes[position]);
}

static size_t blanks_skip(const struct read_line *line, size_t position, const char *separators) {
    while (is_blank(line, position, separators))
        position++;
    return position;
}

// Sets a variable to the word at a position, or, if it is the last variable, to all that follows, but for the byte that
// ends its only word. The position after that, or a negated error.
static long word_assign(const char *name, const struct read_line *line, size_t position, bool is_last) {
    const char *value = variable_get("IFS", 3), *separators = value ? value : BLANKS;
    size_t start = blanks_skip(line, position, separators), end = start, length = line->bytes.length;
    while (end < length && !is_separator(line, end, separators))
        end++;
    size_t next = blanks_skip(line, end, separators);
    if (is_separator(line, next, separators) && !is_blank(line, next, separators))
        next = blanks_skip(line, next + 1, separators);
    if (is_last && next < length)
        for (end = length; end > start && is_blank(line, end - 1, separators);)
            end--;
    struct buffer word = {0};
    buffer_add(&word, line->bytes.bytes + start, end - start);
    long error = word.is_short ? -PIPE_E2BIG : variable_set(name, strlen(name), word.bytes ? word.bytes : "");
    buffer_free(&word);
    return error ? error : (long)next;
}

static int line_assign(const struct options *options, const struct read_line *line) {
    long position = line->bytes.is_short || line->quoted.is_short ? -PIPE_E2BIG : 0;
    for (int index = 0; index < options->operand_count && position >= 0; index++)
        position = word_assign(options->operands[index], line, (size_t)position, index + 1 == options->operand_count);
    return position < 0 ? fail("-", position) : 0;
}

int read_command(int count, char **words) {
    static const struct option_plan plan = {"r", 1, WORDS_MAX, "NAME", false};
    static struct source source;
    struct options options;
    struct read_line line = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (int index = 0; index < options.operand_count; index++)
        if (!variable_is_named(options.operands[index]))
            return STATUS_USAGE;
    long error = source_open(&source, "-");
    source.is_exact = true;
    bool is_ended = !error && line_read(&source, option_given(&options, 'r'), &line);
    source_close(&source);
    int status = error || source.error ? 0 : line_assign(&options, &line);
    buffer_free(&line.bytes);
    buffer_free(&line.quoted);
    if (source.error == INPUT_STOPPED)
        return STATUS_INTERRUPTED;
    if (error || source.error)
        return fail("-", error ? error : source.error);
    return status ? status : is_ended ? 0 : STATUS_FAILED;
}
