// SPDX-License-Identifier: MIT
#include "split.h"

#include <stdbool.h>
#include <string.h>

#define STATUS_DIGITS_MAX 3

// Where the splitter is in the line, and where the next byte of a word goes.
struct reader {
    const char *from;
    char *to;
    const char *end; // of the room for words
    int status;
    const char *problem;
};

static void put(struct reader *reader, char byte) {
    if (reader->to == reader->end)
        reader->problem = "a line is at most 1023 bytes";
    else
        *reader->to++ = byte;
}

static void put_status(struct reader *reader) {
    char digits[STATUS_DIGITS_MAX];
    int count = 0, rest = reader->status & 0xff;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    while (count)
        put(reader, digits[--count]);
}

// Takes what "$?" stands for if the reader is in front of it.
static bool read_status(struct reader *reader) {
    if (reader->from[0] != '$' || reader->from[1] != '?')
        return false;
    reader->from += 2;
    put_status(reader);
    return true;
}

// From behind an opening quote to behind the closing one.
static void read_single_quotes(struct reader *reader) {
    while (*reader->from && *reader->from != '\'')
        put(reader, *reader->from++);
    if (*reader->from)
        reader->from++;
    else
        reader->problem = "a single quote is not closed";
}

static void read_double_quotes(struct reader *reader) {
    while (*reader->from && *reader->from != '"') {
        if (read_status(reader))
            continue;
        bool escapes = *reader->from == '\\' && reader->from[1] && strchr("\"\\$", reader->from[1]);
        if (escapes)
            reader->from++;
        put(reader, *reader->from++);
    }
    if (*reader->from)
        reader->from++;
    else
        reader->problem = "a double quote is not closed";
}

static void read_backslash(struct reader *reader) {
    if (*reader->from)
        put(reader, *reader->from++);
    else
        reader->problem = "nothing follows the backslash";
}

static bool is_gap(char byte) {
    return byte == ' ' || byte == '\t';
}

static void read_word(struct reader *reader) {
    while (*reader->from && !is_gap(*reader->from)) {
        if (read_status(reader))
            continue;
        char byte = *reader->from++;
        if (byte == '\'')
            read_single_quotes(reader);
        else if (byte == '"')
            read_double_quotes(reader);
        else if (byte == '\\')
            read_backslash(reader);
        else
            put(reader, byte);
    }
    put(reader, 0);
}

int split_line(const char *line, int status, struct split *split) {
    struct reader reader = {.from = line, .to = split->text, .end = split->text + sizeof split->text, .status = status};
    split->count = 0;
    while (!reader.problem) {
        while (is_gap(*reader.from))
            reader.from++;
        if (!*reader.from)
            break;
        if (split->count == WORDS_MAX) {
            reader.problem = "a line is at most 64 words";
            break;
        }
        split->words[split->count++] = reader.to;
        read_word(&reader);
    }
    split->words[split->count] = NULL;
    split->problem = reader.problem;
    return reader.problem ? -1 : split->count;
}
