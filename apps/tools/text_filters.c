// SPDX-License-Identifier: MIT
// `cut`, `tr`, `uniq` and `tee`: text that passes through.
#include "failure.h"
#include "file.h"
#include "options.h"
#include "pipe.h"
#include "source.h"
#include "text_escape.h"
#include "tool.h"

#include <stdlib.h>
#include <string.h>

static void line_say(const char *line, size_t length, bool is_ended) {
    say_bytes(line, length);
    if (is_ended)
        say("\n");
}

// ---- cut ----

struct cut {
    struct field_list list;
    char delimiter;
};

// Characters are those of UTF-8.
static void characters_cut(const struct cut *cut, const char *line, size_t length) {
    uint32_t number = 0;
    for (size_t index = 0; index < length; index++) {
        number += ((uint8_t)line[index] & 0xc0) != 0x80;
        if (field_list_has(&cut->list, number))
            say_bytes(line + index, 1);
    }
}

// A line without a delimiter passes whole.
static void fields_cut(const struct cut *cut, const char *line, size_t length) {
    const char *end = line + length;
    bool is_first = true;
    if (!memchr(line, cut->delimiter, length)) {
        say_bytes(line, length);
        return;
    }
    for (uint32_t number = 1; line <= end; number++) {
        const char *next = memchr(line, cut->delimiter, (size_t)(end - line));
        next = next ? next : end;
        if (field_list_has(&cut->list, number)) {
            say_bytes(&cut->delimiter, !is_first);
            say_bytes(line, (size_t)(next - line));
            is_first = false;
        }
        line = next + 1;
    }
}

static int cut_source(struct source *source, const struct options *options, void *work) {
    bool is_ended;
    for (long length; (length = source_line(source, &is_ended)) >= 0;) {
        (option_given(options, 'c') ? characters_cut : fields_cut)(work, source->line, (size_t)length);
        line_say("", 0, is_ended);
    }
    return 0;
}

int cut_command(int count, char **words) {
    static const struct option_plan plan = {"c:d:f:", 0, WORDS_MAX, "FILE", false};
    struct options options;
    struct cut cut = {.delimiter = '\t'};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    bool by_character = option_given(&options, 'c');
    if (by_character == option_given(&options, 'f'))
        return fail_usage("-c -f", by_character ? "one form at a time" : "one of them must say what to cut");
    const char *list = option_value(&options, by_character ? 'c' : 'f'), *delimiter = option_value(&options, 'd');
    if (!field_list_parse(list, &cut.list))
        return fail_usage(list, "a list is numbers from 1 on and ranges: 1,3-5,7-");
    if (delimiter && (by_character || !delimiter[0] || delimiter[1]))
        return fail_usage(delimiter, by_character ? "-d is for -f" : "a delimiter is one byte");
    if (delimiter)
        cut.delimiter = *delimiter;
    return sources_visit(&options, 0, cut_source, &cut);
}

// ---- tr ----

struct translation {
    uint8_t to[256];
    bool is_deleted[256], is_squeezed[256];
};

static int translate_source(struct source *source, const struct options *options, void *work) {
    const struct translation *translation = work;
    int last = -1;
    (void)options;
    for (int byte; (byte = source_byte(source)) >= 0;) {
        if (translation->is_deleted[byte])
            continue;
        char to = (char)translation->to[byte];
        if (translation->is_squeezed[(uint8_t)to] && (uint8_t)to == last)
            continue;
        last = (uint8_t)to;
        say_bytes(&to, 1);
    }
    return 0;
}

static void set_complement(struct byte_set *set) {
    struct byte_set others = {.count = 0};
    for (unsigned byte = 0; byte < 256; byte++)
        if (!memchr(set->bytes, (int)byte, set->count))
            others.bytes[others.count++] = (uint8_t)byte;
    *set = others;
}

// The last byte of `to` stands for all of `from` that have none of their own.
static void translation_make(struct translation *translation, const struct byte_set *from, const struct byte_set *to,
                             const struct options *options) {
    bool deletes = option_given(options, 'd');
    const struct byte_set *squeezed = to->count ? to : from;
    for (unsigned byte = 0; byte < 256; byte++)
        translation->to[byte] = (uint8_t)byte;
    for (size_t index = 0; index < from->count; index++) {
        translation->is_deleted[from->bytes[index]] = deletes;
        if (!deletes && to->count)
            translation->to[from->bytes[index]] = to->bytes[index < to->count ? index : to->count - 1];
    }
    for (size_t index = 0; option_given(options, 's') && index < squeezed->count; index++)
        translation->is_squeezed[squeezed->bytes[index]] = true;
}

int translate_command(int count, char **words) {
    static const struct option_plan plan = {"cds", 1, 2, "SET", false};
    struct options options, none = {0};
    struct byte_set sets[2] = {0};
    struct translation translation = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    bool deletes = option_given(&options, 'd'), squeezes = option_given(&options, 's');
    if (options.operand_count == 1 && !deletes && !squeezes)
        return fail_usage("SET", "missing: what the bytes become");
    if (options.operand_count == 2 && deletes && !squeezes)
        return fail_usage(options.operands[1], "a word too many");
    for (int index = 0; index < options.operand_count; index++) {
        const char *problem = byte_set_parse(options.operands[index], &sets[index]);
        if (problem || !sets[index].count)
            return fail_usage(options.operands[index], problem ? problem : "an empty set");
    }
    if (option_given(&options, 'c'))
        set_complement(&sets[0]);
    translation_make(&translation, &sets[0], &sets[1], &options);
    return sources_visit(&none, 0, translate_source, &translation);
}

// ---- uniq ----

// Lines in a row that are the same.
struct row {
    char *text;
    size_t length;
    unsigned long count;
};

static void row_end(struct row *row, const struct options *options) {
    bool is_shown = row->count > 1 ? !option_given(options, 'u') : !option_given(options, 'd');
    if (row->count && is_shown) {
        if (option_given(options, 'c'))
            say("%7lu ", row->count);
        line_say(row->text, row->length, true);
    }
    row->count = 0;
}

static int unique_source(struct source *source, const struct options *options, void *work) {
    struct row *row = work;
    bool is_ended;
    for (long length; (length = source_line(source, &is_ended)) >= 0;) {
        bool is_same = row->count && row->length == (size_t)length && memcmp(row->text, source->line, row->length) == 0;
        if (!is_same) {
            row_end(row, options);
            char *text = realloc(row->text, (size_t)length + 1);
            if (!text) {
                source->error = -PIPE_ENOMEM;
                break;
            }
            row->text = memcpy(text, source->line, (size_t)length + 1);
            row->length = (size_t)length;
        }
        row->count++;
    }
    return 0;
}

int unique_command(int count, char **words) {
    static const struct option_plan plan = {"cdu", 0, 1, "FILE", false};
    struct options options;
    struct row row = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (option_given(&options, 'd') && option_given(&options, 'u'))
        return fail_usage("-d -u", "one of them at a time");
    int status = sources_visit(&options, 0, unique_source, &row);
    row_end(&row, &options);
    free(row.text);
    return status;
}

// ---- tee ----

struct copies {
    long files[WORDS_MAX]; // 0: it failed
    int status;
};

static void copies_write(struct copies *copies, const struct options *options, const void *bytes, size_t length) {
    for (int index = 0; index < options->operand_count; index++) {
        if (!copies->files[index])
            continue;
        long written = file_write(copies->files[index], bytes, length);
        if (written == (long)length)
            continue;
        copies->status = fail(options->operands[index], written < 0 ? written : -PIPE_ENOSPC);
        file_close(copies->files[index]);
        copies->files[index] = 0;
    }
}

struct tee {
    struct copies copies;
    const struct options *options;
};

static int tee_source(struct source *source, const struct options *options, void *work) {
    struct tee *tee = work;
    bool is_ended;
    (void)options;
    for (long length; (length = source_line(source, &is_ended)) >= 0;) {
        line_say(source->line, (size_t)length, is_ended);
        source->line[length] = '\n'; // instead of the terminator
        copies_write(&tee->copies, tee->options, source->line, (size_t)length + is_ended);
    }
    return 0;
}

int tee_command(int count, char **words) {
    static const struct option_plan plan = {"a", 0, WORDS_MAX, "FILE", false};
    static struct tee tee;
    struct options options, none = {0};
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    tee = (struct tee){.options = &options};
    uint32_t how = OPEN_WRITE | OPEN_CREATE | (option_given(&options, 'a') ? OPEN_APPEND : OPEN_TRUNCATE);
    for (int index = 0; index < options.operand_count; index++) {
        long file = file_open(options.operands[index], how);
        if (file < 0)
            tee.copies.status = fail(options.operands[index], file);
        tee.copies.files[index] = file < 0 ? 0 : file;
    }
    int status = sources_visit(&none, 0, tee_source, &tee);
    for (int index = 0; index < options.operand_count; index++)
        if (tee.copies.files[index])
            file_close(tee.copies.files[index]);
    return status ? status : tee.copies.status;
}
