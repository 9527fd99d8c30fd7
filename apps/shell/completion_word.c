// SPDX-License-Identifier: MIT
#include "completion_word.h"

#include <string.h>

struct reader {
    const char *cursor, *end;
    struct completion_word *word;
    size_t length;    // of the word's text
    bool is_word;     // the reader is in a word, which may be empty
    bool is_too_long; // the word is
};

static void put(struct reader *reader, char byte) {
    reader->is_word = true;
    if (reader->length == COMPLETION_TEXT_MAX)
        reader->is_too_long = true;
    else
        reader->word->text[reader->length++] = byte;
}

// Words after which a command begins, as at the start of a line.
static bool is_opening(const char *word) {
    static const char *const words[] = {"!", "{", "if", "then", "else", "elif", "while", "until", "do", "time"};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++)
        if (strcmp(words[index], word) == 0)
            return true;
    return false;
}

static bool is_assignment(const char *word) {
    const char *sign = strchr(word, '=');
    return sign && sign > word && !strchr(word, '/');
}

static void word_begin(struct reader *reader) {
    reader->is_word = reader->is_too_long = false;
    reader->length = 0;
}

static void word_end(struct reader *reader) {
    struct completion_word *word = reader->word;
    if (!reader->is_word)
        return;
    word->text[reader->length] = 0;
    bool counts = !word->is_redirected && !(word->index == 0 && (is_opening(word->text) || is_assignment(word->text)));
    if (counts && word->index++ == 0) {
        strncpy(word->command, word->text, COMPLETION_COMMAND_MAX);
        word->command[COMPLETION_COMMAND_MAX] = 0;
    }
    word->is_redirected = false;
    word_begin(reader);
}

static void operator_read(struct reader *reader, char byte) {
    word_end(reader);
    reader->word->is_redirected = byte == '<' || byte == '>';
    if (!reader->word->is_redirected)
        reader->word->index = 0;
}

// A byte between quotes.
static void quoted_read(struct reader *reader, char byte) {
    struct completion_word *word = reader->word;
    bool escapes =
        word->quote == '"' && byte == '\\' && reader->cursor < reader->end && strchr("\"\\$`", *reader->cursor);
    if (byte == word->quote)
        word->quote = 0;
    else
        put(reader, escapes ? *reader->cursor++ : byte);
}

static void plain_read(struct reader *reader, char byte) {
    if (byte == ' ' || byte == '\t') {
        word_end(reader);
    } else if (strchr("|&;<>()", byte)) {
        operator_read(reader, byte);
    } else if (byte == '\'' || byte == '"') {
        reader->word->quote = byte;
        reader->is_word = true;
    } else if (byte == '\\') {
        reader->is_word = true;
        if (reader->cursor < reader->end)
            put(reader, *reader->cursor++);
    } else {
        put(reader, byte);
    }
}

bool completion_word_find(const char *line, size_t length, struct completion_word *word) {
    struct reader reader = {.cursor = line, .end = line + length, .word = word};
    *word = (struct completion_word){0};
    while (reader.cursor < reader.end) {
        char byte = *reader.cursor++;
        if (word->quote)
            quoted_read(&reader, byte);
        else if (byte == '#' && !reader.is_word)
            return false;
        else
            plain_read(&reader, byte);
    }
    word->text[reader.length] = 0;
    return !reader.is_too_long;
}

// What stands for a byte: itself, or itself after a backslash; a single quote between single quotes needs more.
static size_t byte_quote(char byte, char quote, char *to) {
    static const char single_quote[] = "'\\''";
    if (quote == '\'' && byte == '\'') {
        memcpy(to, single_quote, sizeof single_quote - 1);
        return sizeof single_quote - 1;
    }
    const char *escaped = quote == '\'' ? "" : quote == '"' ? "\"\\$`" : " \t'\"\\$`|&;<>()*?[]#~!{}";
    size_t length = 0;
    if (strchr(escaped, byte))
        to[length++] = '\\';
    to[length++] = byte;
    return length;
}

#define QUOTED_BYTE_MAX 4u

size_t completion_quote(const char *text, char quote, char *to, size_t size) {
    size_t length = 0;
    for (; *text; text++) {
        if (size - length <= QUOTED_BYTE_MAX)
            return 0;
        length += byte_quote(*text, quote, to + length);
    }
    to[length] = 0;
    return length;
}

size_t completion_common(const char *one, const char *other) {
    size_t length = 0;
    while (one[length] && one[length] == other[length])
        length++;
    while (length && ((unsigned char)one[length] & 0xc0) == 0x80)
        length--;
    return length;
}
