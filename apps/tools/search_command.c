// SPDX-License-Identifier: MIT
// `grep`: lines that match a pattern, of files, of all files below directories, or of the input.
#include "failure.h"
#include "file_tree.h"
#include "pattern.h"
#include "pipe.h"
#include "source.h"
#include "tool.h"

#include <string.h>

// One search at a time: what visits a tree gets nothing but paths.
static struct {
    struct pattern pattern;
    const struct options *options;
    unsigned long found; // lines, in all sources
    bool names_sources;
} search;

static void found_say(const struct source *source, unsigned long number, size_t length) {
    if (search.names_sources)
        say("%s:", source->name);
    if (option_given(search.options, 'n'))
        say("%lu:", number);
    say_bytes(source->line, length);
    say("\n");
}

// What is said of a source once all its lines were seen.
static void sum_say(const struct source *source, unsigned long found) {
    if (option_given(search.options, 'l') && found)
        say("%s\n", source->name);
    if (!option_given(search.options, 'c') || option_given(search.options, 'l'))
        return;
    if (search.names_sources)
        say("%s:", source->name);
    say("%lu\n", found);
}

static int search_source(struct source *source, const struct options *options, void *work) {
    unsigned long number = 0, found = 0;
    bool is_silent = option_given(options, 'q') || option_given(options, 'l'), is_binary = false, is_ended;
    (void)work;
    if (!is_silent && !option_given(options, 'c') && source_is_output(source))
        return STATUS_USAGE;
    for (long length; !(is_silent && found) && (length = source_line(source, &is_ended)) >= 0;) {
        number++;
        is_binary = is_binary || memchr(source->line, 0, (size_t)length); // no text has such bytes
        if (pattern_occurs(&search.pattern, source->line, (size_t)length) == option_given(options, 'v'))
            continue;
        found++;
        if (is_silent || option_given(options, 'c'))
            continue;
        if (is_binary) {
            say("binary file %s matches\n", source->name);
            break;
        }
        found_say(source, number, (size_t)length);
    }
    search.found += found;
    if (!source->error && !option_given(options, 'q'))
        sum_say(source, found);
    return 0;
}

static int file_search(const char *path, const char *to) {
    (void)to;
    return source_visit(path, search.options, search_source, NULL);
}

// The pattern that is asked for. NULL, or what is wrong.
static const char *pattern_make(const char *text, const struct options *options) {
    char plain[2 * ATOMS_MAX + 1]; // of -F, each byte after a backslash
    size_t length = strlen(text), end = 0;
    if (option_given(options, 'F')) {
        if (length > ATOMS_MAX)
            return "it is too long";
        for (size_t index = 0; index < length; index++) {
            plain[end++] = '\\';
            plain[end++] = text[index];
        }
        plain[end] = 0;
    }
    const char *problem =
        pattern_parse(option_given(options, 'F') ? plain : text, option_given(options, 'i'), &search.pattern);
    search.pattern.is_at_start = search.pattern.is_at_start || option_given(options, 'x');
    search.pattern.is_at_end = search.pattern.is_at_end || option_given(options, 'x');
    return problem;
}

// The status is that of no line found, if all else went well.
int search_command(int count, char **words) {
    static const struct tree_plan below = {.visit = file_search};
    static const struct option_plan plan = {"ce:Filnqrvx", 0, WORDS_MAX, "PATTERN", false};
    static struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int first = !option_given(&options, 'e');
    if (options.operand_count < first)
        return fail_usage("PATTERN", "missing");
    const char *text = first ? options.operands[0] : option_value(&options, 'e');
    bool is_recursive = option_given(&options, 'r');
    search.options = &options;
    search.found = 0;
    search.names_sources = options.operand_count > first + 1 || is_recursive;
    const char *problem = pattern_make(text, &options);
    if (problem)
        return fail_usage(text, problem);
    int status = is_recursive ? trees_do(&below, options.operands + first, options.operand_count - first)
                              : sources_visit(&options, first, search_source, NULL);
    return status ? status : search.found ? 0 : STATUS_FAILED;
}
