// SPDX-License-Identifier: MIT
// `cat`, `wc`, `head`, `tail`, `sort` and `hexdump`: text from files, or from the input if none is named.
#include "failure.h"
#include "hexdump.h"
#include "lines.h"
#include "pipe.h"
#include "source.h"
#include "tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LINES_DEFAULT 10u
#define LINES_MAX 100000u
#define BYTES_MAX (4u << 20) // of head and tail

static void line_say(const char *line, size_t length, bool is_ended) {
    say_bytes(line, length);
    if (is_ended)
        say("\n");
}

// ---- cat ----

static int print_source(struct source *source, const struct options *options, void *work) {
    unsigned long *number = work;
    bool are_lines = option_given(options, 'n'), is_ended;
    const char *bytes;
    if (source_is_output(source))
        return STATUS_FAILED;
    for (long length; !are_lines && (length = source_chunk(source, &bytes)) > 0;)
        say_bytes(bytes, (size_t)length);
    for (long length; are_lines && (length = source_line(source, &is_ended)) >= 0;) {
        if (option_given(options, 'n'))
            say("%6lu  ", ++*number);
        line_say(source->line, (size_t)length, is_ended);
    }
    return 0;
}

int print_file_command(int count, char **words) {
    static const struct option_plan plan = {"n", 0, WORDS_MAX, "FILE", false};
    struct options options;
    unsigned long number = 0;
    return options_parse(count, words, &plan, &options) ? sources_visit(&options, 0, print_source, &number)
                                                        : STATUS_USAGE;
}

// ---- wc ----

struct counts {
    unsigned long lines, words, bytes, sources;
};

static void counts_say(const struct options *options, const struct counts *counts, const char *name) {
    bool is_plain = !option_given(options, 'l') && !option_given(options, 'w') && !option_given(options, 'c');
    if (is_plain || option_given(options, 'l'))
        say("%8lu", counts->lines);
    if (is_plain || option_given(options, 'w'))
        say("%8lu", counts->words);
    if (is_plain || option_given(options, 'c'))
        say("%8lu", counts->bytes);
    if (options->operand_count)
        say(" %s", name);
    say("\n");
}

static int count_source(struct source *source, const struct options *options, void *work) {
    struct counts *total = work, counts = {0};
    bool is_in_word = false;
    for (int byte; (byte = source_byte(source)) >= 0; counts.bytes++) {
        counts.lines += byte == '\n';
        counts.words += !isspace(byte) && !is_in_word;
        is_in_word = !isspace(byte);
    }
    if (source->error)
        return STATUS_FAILED;
    counts_say(options, &counts, source->name);
    total->lines += counts.lines;
    total->words += counts.words;
    total->bytes += counts.bytes;
    total->sources++;
    return 0;
}

int count_command(int count, char **words) {
    static const struct option_plan plan = {"clw", 0, WORDS_MAX, "FILE", false};
    struct options options;
    struct counts total = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int status = sources_visit(&options, 0, count_source, &total);
    if (total.sources > 1)
        counts_say(&options, &total, "total");
    return status;
}

// ---- head and tail ----

static void title_say(const struct source *source, const struct options *options) {
    if (options->operand_count > 1)
        say("==> %s <==\n", source->name);
}

static int head_bytes(struct source *source, uint64_t most) {
    for (int byte; most && (byte = source_byte(source)) >= 0; most--)
        say_bytes(&(char){(char)byte}, 1);
    return 0;
}

static int head_source(struct source *source, const struct options *options, void *work) {
    const uint64_t *most = work;
    bool is_ended;
    long length;
    title_say(source, options);
    source->is_exact = true;
    if (option_given(options, 'c'))
        return head_bytes(source, *most);
    for (uint64_t number = 0; number < *most && (length = source_line(source, &is_ended)) >= 0; number++)
        line_say(source->line, (size_t)length, is_ended);
    return 0;
}

// The last bytes: a ring of as many as there is room for.
static int tail_bytes(struct source *source, uint64_t most) {
    uint64_t number = 0;
    char *bytes = most ? malloc(most) : NULL;
    if (most && !bytes)
        source->error = -PIPE_ENOMEM;
    for (int byte; bytes && (byte = source_byte(source)) >= 0; number++)
        bytes[number % most] = (char)byte;
    for (uint64_t index = number > most ? number - most : 0; !source->error && index < number; index++)
        say_bytes(bytes + index % most, 1);
    free(bytes);
    return 0;
}

// The last lines, as many as there is room for: line n at n % most.
static bool lines_keep(struct source *source, struct line *lines, uint64_t most, uint64_t *number, bool *is_ended) {
    bool ends;
    for (long length; (length = source_line(source, &ends)) >= 0; ++*number) {
        struct line *line = &lines[*number % most];
        char *text = realloc(line->text, (size_t)length + 1);
        if (!text)
            return false;
        *line = (struct line){memcpy(text, source->line, (size_t)length + 1), (size_t)length};
        *is_ended = ends;
    }
    return true;
}

static int tail_source(struct source *source, const struct options *options, void *work) {
    uint64_t most = *(const uint64_t *)work, number = 0;
    bool is_ended = false;
    title_say(source, options);
    if (option_given(options, 'c'))
        return tail_bytes(source, most);
    struct line *lines = most ? calloc(most, sizeof *lines) : NULL;
    if (most && (!lines || !lines_keep(source, lines, most, &number, &is_ended)))
        source->error = -PIPE_ENOMEM;
    for (uint64_t index = number > most ? number - most : 0; !source->error && index < number; index++)
        line_say(lines[index % most].text, lines[index % most].length, index + 1 < number || is_ended);
    for (uint64_t index = 0; lines && index < most; index++)
        free(lines[index].text);
    free(lines);
    return 0;
}

// All from a line or byte on, the first being number 1.
static int rest_source(struct source *source, const struct options *options, void *work) {
    uint64_t first = *(const uint64_t *)work;
    const char *bytes;
    title_say(source, options);
    for (int byte; first > 1 && (byte = source_byte(source)) >= 0;)
        first -= option_given(options, 'c') || byte == '\n';
    for (long length; first <= 1 && (length = source_chunk(source, &bytes)) > 0;)
        say_bytes(bytes, (size_t)length);
    return 0;
}

// The value of -n or -c; with a plus in front, where the command takes that, *is_rest. False: reported.
static bool count_take(const struct options *options, char letter, const char *what, uint64_t most, uint64_t *number,
                       bool *is_rest) {
    const char *value = option_value(options, letter);
    bool has_plus = value && is_rest && *value == '+';
    if (has_plus)
        *is_rest = true;
    return !value || number_parse(value + has_plus, what, 0, has_plus ? UINT64_MAX : most, number);
}

// `rest`: what does the work from a position on, or NULL: the command does not go on from one.
static int ends_command(int count, char **words, source_function *function, source_function *rest) {
    static const struct option_plan plan = {"n:c:", 0, WORDS_MAX, "FILE", false};
    struct options options;
    uint64_t most = LINES_DEFAULT;
    bool is_rest = false;
    if (count > 1 && words[1][0] == '-' && isdigit((unsigned char)words[1][1])) { // "-5", as POSIX had it once
        if (!number_parse(words[1] + 1, "N", 0, LINES_MAX, &most))
            return STATUS_USAGE;
        count--;
        words++;
    }
    if (!options_parse(count, words, &plan, &options) ||
        !count_take(&options, 'n', "N", LINES_MAX, &most, rest ? &is_rest : NULL) ||
        !count_take(&options, 'c', "BYTES", BYTES_MAX, &most, rest ? &is_rest : NULL))
        return STATUS_USAGE;
    if (option_given(&options, 'n') && option_given(&options, 'c'))
        return fail_usage("-n -c", "one of them at a time");
    return sources_visit(&options, 0, is_rest ? rest : function, &most);
}

int head_command(int count, char **words) {
    return ends_command(count, words, head_source, NULL);
}

int tail_command(int count, char **words) {
    return ends_command(count, words, tail_source, rest_source);
}

// ---- sort ----

#define FIELDS_MAX 1000u

// What is compared: qsort's functions get nothing else.
static struct {
    uint64_t first, last; // fields, from 1 on; last is 0: all after the first, too
    char separator;       // 0: blanks
} sort_key;

static size_t blanks_pass(const struct line *line, size_t index, bool are_blanks) {
    while (index < line->length && !isblank((unsigned char)line->text[index]) != are_blanks)
        index++;
    return index;
}

// The position after so many fields, and after the separator that ends the last of them.
static size_t fields_pass(const struct line *line, uint64_t count) {
    size_t index = 0;
    while (count-- && index < line->length)
        if (sort_key.separator) {
            const char *end = memchr(line->text + index, sort_key.separator, line->length - index);
            index = end ? (size_t)(end - line->text) + 1 : line->length;
        } else {
            index = blanks_pass(line, blanks_pass(line, index, true), false);
        }
    return index;
}

static struct line field_of(const struct line *line) {
    size_t begin = fields_pass(line, sort_key.first - 1), end = sort_key.last ? fields_pass(line, sort_key.last) : 0;
    if (!sort_key.separator && sort_key.first > 1)
        begin = blanks_pass(line, begin, true);
    end -= end > begin && sort_key.separator && line->text[end - 1] == sort_key.separator;
    if (!sort_key.last || end < begin)
        end = sort_key.last ? begin : line->length;
    return (struct line){line->text + begin, end - begin};
}

// In order of bytes, a line before those that it begins.
static int bytes_compare(const struct line *one, const struct line *other) {
    size_t both = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->text, other->text, both);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

static int line_compare(const void *first, const void *second) {
    struct line one = field_of(first), other = field_of(second);
    int order = bytes_compare(&one, &other);
    return order ? order : bytes_compare(first, second);
}

static long long number_of(const struct line *field) {
    return field->length ? strtoll(field->text, NULL, 10) : 0;
}

// By the number that a line or its field begins with, 0 if it begins with none; equal ones in order of bytes.
static int number_compare(const void *first, const void *second) {
    struct line one = field_of(first), other = field_of(second);
    long long number = number_of(&one), another = number_of(&other);
    return number == another ? line_compare(first, second) : number < another ? -1 : 1;
}

static void lines_say(const struct lines *lines, const struct options *options) {
    const struct line *last = NULL;
    for (size_t index = 0; index < lines->count; index++) {
        const struct line *line = &lines->lines[option_given(options, 'r') ? lines->count - 1 - index : index];
        if (!option_given(options, 'u') || !last || bytes_compare(line, last) != 0)
            line_say(line->text, line->length, true);
        last = line;
    }
}

// "2", "2,3", and after it letters that say the same as options. False: reported.
static bool key_parse(const char *word, struct options *options) {
    char *end = (char *)word;
    if (isdigit((unsigned char)*word))
        sort_key.first = strtoul(word, &end, 10);
    bool has_last = *end == ',' && isdigit((unsigned char)end[1]);
    if (has_last)
        sort_key.last = strtoul(end + 1, &end, 10);
    for (; *end == 'n' || *end == 'r'; end++)
        options->given[*end - 'a'] = true;
    if (!*end && sort_key.first >= 1 && sort_key.first <= FIELDS_MAX && sort_key.last <= FIELDS_MAX &&
        (!has_last || sort_key.last >= sort_key.first))
        return true;
    fail_usage(word, "a key is FIELD or FIELD,LAST, from 1 to 1000, and n or r");
    return false;
}

static bool keys_parse(struct options *options) {
    const char *key = option_value(options, 'k'), *separator = option_value(options, 't');
    sort_key.first = key ? 0 : 1;
    sort_key.last = 0;
    sort_key.separator = separator ? *separator : 0;
    if (separator && strlen(separator) != 1)
        return fail_usage(separator, "a separator is one byte"), false;
    return !key || key_parse(key, options);
}

int sort_command(int count, char **words) {
    static const struct option_plan plan = {"k:nrt:u", 0, WORDS_MAX, "FILE", false};
    struct options options;
    struct lines lines = {0};
    if (!options_parse(count, words, &plan, &options) || !keys_parse(&options))
        return STATUS_USAGE;
    int status = sources_visit(&options, 0, lines_collect, &lines);
    if (!status && lines.count) {
        qsort(lines.lines, lines.count, sizeof *lines.lines,
              option_given(&options, 'n') ? number_compare : line_compare);
        lines_say(&lines, &options);
    }
    lines_free(&lines);
    return status;
}

// ---- hexdump ----

static void row_say(unsigned long offset, const uint8_t *bytes, size_t count) {
    char row[HEXDUMP_ROW_SIZE];
    hexdump_row(row, offset, bytes, count);
    say("%s", row);
}

static int dump_source(struct source *source, const struct options *options, void *work) {
    uint64_t left = *(const uint64_t *)work;
    uint8_t row[HEXDUMP_BYTES];
    size_t count = 0;
    unsigned long offset = 0;
    title_say(source, options);
    for (int byte; left && (byte = source_byte(source)) >= 0; left--) {
        row[count++] = (uint8_t)byte;
        if (count < HEXDUMP_BYTES)
            continue;
        row_say(offset, row, count);
        offset += count;
        count = 0;
    }
    if (count)
        row_say(offset, row, count);
    return 0;
}

int dump_command(int count, char **words) {
    static const struct option_plan plan = {"n:", 0, WORDS_MAX, "FILE", false};
    struct options options;
    uint64_t most = UINT64_MAX;
    if (!options_parse(count, words, &plan, &options) || !option_number(&options, 'n', "BYTES", 0, UINT64_MAX, &most))
        return STATUS_USAGE;
    return sources_visit(&options, 0, dump_source, &most);
}
