// SPDX-License-Identifier: MIT
// `cat`, `wc`, `head`, `tail`, `grep`, `sort` and `hexdump`: text from files, or from the input if none is named.
#include "failure.h"
#include "file_commands.h"
#include "output.h"
#include "pattern.h"
#include "pipe.h"
#include "source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LINES_DEFAULT 10u
#define LINES_MAX 100000u

static void line_say(const char *line, size_t length, bool is_ended) {
    say_bytes(line, length);
    if (is_ended)
        say("\n");
}

// ---- cat ----

static int print_source(struct source *source, const struct options *options, void *work) {
    unsigned long *number = work;
    bool are_lines = option_given(options, 'n') || source->is_input, is_ended; // a line typed is answered at once
    const char *bytes;
    for (long length; !are_lines && (length = source_piece(source, &bytes)) > 0;)
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

static int head_source(struct source *source, const struct options *options, void *work) {
    const uint64_t *most = work;
    bool is_ended;
    long length;
    title_say(source, options);
    for (uint64_t number = 0; number < *most && (length = source_line(source, &is_ended)) >= 0; number++)
        line_say(source->line, (size_t)length, is_ended);
    return 0;
}

// The last lines, as many as there is place for: line n at n % most.
struct line {
    char *text;
    size_t length;
};

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
    struct line *lines = most ? calloc(most, sizeof *lines) : NULL;
    bool is_ended = false;
    title_say(source, options);
    if (most && (!lines || !lines_keep(source, lines, most, &number, &is_ended)))
        source->error = -PIPE_ENOMEM;
    for (uint64_t place = number > most ? number - most : 0; !source->error && place < number; place++)
        line_say(lines[place % most].text, lines[place % most].length, place + 1 < number || is_ended);
    for (uint64_t place = 0; lines && place < most; place++)
        free(lines[place].text);
    free(lines);
    return 0;
}

static int ends_command(int count, char **words, source_function *function) {
    static const struct option_plan plan = {"n:", 0, WORDS_MAX, "FILE", false};
    struct options options;
    uint64_t most = LINES_DEFAULT;
    if (count > 1 && words[1][0] == '-' && isdigit((unsigned char)words[1][1])) { // "-5", as POSIX had it once
        if (!number_parse(words[1] + 1, "N", 0, LINES_MAX, &most))
            return STATUS_USAGE;
        count--;
        words++;
    }
    if (!options_parse(count, words, &plan, &options) || !option_number(&options, 'n', "N", 0, LINES_MAX, &most))
        return STATUS_USAGE;
    return sources_visit(&options, 0, function, &most);
}

int head_command(int count, char **words) {
    return ends_command(count, words, head_source);
}

int tail_command(int count, char **words) {
    return ends_command(count, words, tail_source);
}

// ---- grep ----

struct search {
    struct pattern pattern;
    unsigned long found; // lines, in all sources
};

static void found_say(const struct source *source, const struct options *options, unsigned long number, size_t length) {
    if (options->operand_count > 2)
        say("%s:", source->name);
    if (option_given(options, 'n'))
        say("%lu:", number);
    line_say(source->line, length, true);
}

static int search_source(struct source *source, const struct options *options, void *work) {
    struct search *search = work;
    unsigned long number = 0, found = 0;
    bool is_ended;
    for (long length; (length = source_line(source, &is_ended)) >= 0;) {
        number++;
        if (pattern_occurs(&search->pattern, source->line, (size_t)length) == option_given(options, 'v'))
            continue;
        found++;
        if (!option_given(options, 'c'))
            found_say(source, options, number, (size_t)length);
    }
    search->found += found;
    if (!option_given(options, 'c') || source->error)
        return 0;
    if (options->operand_count > 2)
        say("%s:", source->name);
    say("%lu\n", found);
    return 0;
}

// The status is that of no line found, if all else went well.
int search_command(int count, char **words) {
    static const struct option_plan plan = {"cinv", 1, WORDS_MAX, "PATTERN", false};
    static struct search search;
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    search.found = 0;
    const char *problem = pattern_parse(options.operands[0], option_given(&options, 'i'), &search.pattern);
    if (problem)
        return fail_usage(options.operands[0], problem);
    int status = sources_visit(&options, 1, search_source, &search);
    return status ? status : search.found ? 0 : STATUS_FAILED;
}

// ---- sort ----

struct lines {
    struct line *lines;
    size_t count, room;
};

#define LINES_ROOM_FIRST 64u

static bool lines_add(struct lines *lines, const char *text, size_t length) {
    if (lines->count == lines->room) {
        size_t room = lines->room ? 2 * lines->room : LINES_ROOM_FIRST;
        struct line *more = realloc(lines->lines, room * sizeof *more);
        if (!more)
            return false;
        lines->lines = more;
        lines->room = room;
    }
    char *copy = malloc(length + 1);
    if (!copy)
        return false;
    lines->lines[lines->count++] = (struct line){memcpy(copy, text, length + 1), length};
    return true;
}

static int collect_source(struct source *source, const struct options *options, void *work) {
    (void)options;
    bool is_ended;
    for (long length; (length = source_line(source, &is_ended)) >= 0;)
        if (!lines_add(work, source->line, (size_t)length)) {
            source->error = -PIPE_ENOMEM;
            break;
        }
    return 0;
}

// In order of bytes, a line before those that it begins.
static int line_compare(const void *first, const void *second) {
    const struct line *one = first, *other = second;
    size_t both = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->text, other->text, both);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

// By the number that a line begins with, 0 if it begins with none; equal ones in order of bytes.
static int number_compare(const void *first, const void *second) {
    const struct line *one = first, *other = second;
    long long number = strtoll(one->text, NULL, 10), another = strtoll(other->text, NULL, 10);
    return number == another ? line_compare(first, second) : number < another ? -1 : 1;
}

static void lines_say(const struct lines *lines, const struct options *options) {
    const struct line *last = NULL;
    for (size_t place = 0; place < lines->count; place++) {
        const struct line *line = &lines->lines[option_given(options, 'r') ? lines->count - 1 - place : place];
        if (!option_given(options, 'u') || !last || line_compare(line, last) != 0)
            line_say(line->text, line->length, true);
        last = line;
    }
}

int sort_command(int count, char **words) {
    static const struct option_plan plan = {"nru", 0, WORDS_MAX, "FILE", false};
    struct options options;
    struct lines lines = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int status = sources_visit(&options, 0, collect_source, &lines);
    if (!status && lines.count) {
        qsort(lines.lines, lines.count, sizeof *lines.lines,
              option_given(&options, 'n') ? number_compare : line_compare);
        lines_say(&lines, &options);
    }
    for (size_t place = 0; place < lines.count; place++)
        free(lines.lines[place].text);
    free(lines.lines);
    return status;
}

// ---- hexdump ----

#define ROW 16u

static void row_say(unsigned long offset, const uint8_t *bytes, size_t count) {
    say("%08lx ", offset);
    for (size_t place = 0; place < ROW; place++) {
        if (place == ROW / 2)
            say(" ");
        if (place < count)
            say(" %02x", bytes[place]);
        else
            say("   ");
    }
    say("  |");
    for (size_t place = 0; place < count; place++)
        say("%c", bytes[place] >= ' ' && bytes[place] <= '~' ? bytes[place] : '.');
    say("|\n");
}

static int dump_source(struct source *source, const struct options *options, void *work) {
    uint64_t left = *(const uint64_t *)work;
    uint8_t row[ROW];
    size_t count = 0;
    unsigned long offset = 0;
    title_say(source, options);
    for (int byte; left && (byte = source_byte(source)) >= 0; left--) {
        row[count++] = (uint8_t)byte;
        if (count < ROW)
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
