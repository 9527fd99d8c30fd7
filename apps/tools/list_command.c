// SPDX-License-Identifier: MIT
// `ls` and `du`: what there is, and how large.
#include "clock.h"
#include "failure.h"
#include "file.h"
#include "file_tree.h"
#include "pipe.h"
#include "tool.h"
#include "wall.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// ---- ls ----

#define TIME_TEXT_SIZE 24

static void entry_say(const char *name, const struct file_entry *entry, bool is_long) {
    const char *mark = entry->type == FILE_TYPE_DIRECTORY ? "/" : "";
    size_t length = strlen(name);
    if (is_long) {
        time_t modified = (time_t)(wall_at(entry->modified) / SECOND);
        struct tm date;
        char text[TIME_TEXT_SIZE];
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime_r(&modified, &date));
        say("%cr%c %10lu %s ", *mark ? 'd' : '-', entry->is_read_only ? '-' : 'w', entry->size, text);
    }
    say_name(name);
    say("%s\n", length && name[length - 1] == '/' ? "" : mark);
}

static bool is_shown(const char *name, const struct options *options) {
    return name[0] != '.' || option_given(options, 'a');
}

static int directory_say(const char *path, const struct options *options) {
    struct file_walk *walk = malloc(sizeof *walk);
    long result = walk ? file_walk_begin(walk, path) : -PIPE_ENOMEM;
    while (!result && (result = file_walk_next(walk)) > 0) {
        if (is_shown(walk->name, options))
            entry_say(walk->name, &walk->entry, option_given(options, 'l'));
        result = 0;
    }
    free(walk);
    return result < 0 ? fail(path, result) : 0;
}

// Of the tree that is listed: its options, and how long the path is that was named.
static const struct options *tree_options;
static size_t tree_start;

static int tree_directory_say(const char *path, const char *to) {
    (void)to;
    bool is_hidden = strstr(path + tree_start, "/."); // or below what is
    if (is_hidden && !option_given(tree_options, 'a'))
        return 0;
    say_name(path);
    say(":\n");
    int status = directory_say(path, tree_options);
    say("\n");
    return status;
}

static int list_one(const char *path, const struct options *options) {
    static const struct tree_plan plan = {.enter = tree_directory_say};
    struct file_stat stat;
    long error = file_stat(path, &stat);
    if (error)
        return fail(path, error);
    if (stat.type != FILE_TYPE_DIRECTORY || option_given(options, 'd')) {
        struct file_entry entry = {.size = stat.size,
                                   .modified = stat.modified,
                                   .type = (uint8_t)stat.type,
                                   .is_read_only = (uint8_t)stat.is_read_only};
        entry_say(path, &entry, option_given(options, 'l'));
        return 0;
    }
    tree_options = options;
    tree_start = strlen(path) - (path[strlen(path) - 1] == '/');
    if (option_given(options, 'R'))
        return tree_do(&plan, path, "/");
    if (options->operand_count > 1) {
        say_name(path);
        say(":\n");
    }
    return directory_say(path, options);
}

int list_files_command(int count, char **words) {
    static const struct option_plan plan = {"Radl", 0, WORDS_MAX, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!options.operand_count)
        options.operands[options.operand_count++] = ".";
    return operands_visit(&options, list_one);
}

// ---- du ----

#define KIBIBYTE 1024u

// The bytes of memory of each directory that the walk is in, by its depth.
static struct {
    uint64_t bytes[FILE_PATH_MAX / 2];
    unsigned depth;
    bool is_silent; // but for what was named
} usage;

static void usage_say(uint64_t bytes, const char *path) {
    say("%8lu ", (bytes + KIBIBYTE - 1) / KIBIBYTE);
    say_name(path);
    say("\n");
}

static int usage_enter(const char *path, const char *to) {
    (void)path;
    (void)to;
    usage.bytes[++usage.depth] = 0;
    return 0;
}

static int usage_visit(const char *path, const char *to) {
    struct file_stat stat;
    long error = file_stat(path, &stat);
    (void)to;
    if (error)
        return fail(path, error);
    usage.bytes[usage.depth] += stat.space;
    return 0;
}

static int usage_leave(const char *path, const char *to) {
    uint64_t bytes = usage.bytes[usage.depth--];
    (void)to;
    usage.bytes[usage.depth] += bytes;
    if (usage.depth && !usage.is_silent)
        usage_say(bytes, path);
    return 0;
}

static int usage_one(const char *path, const struct options *options) {
    static const struct tree_plan plan = {usage_enter, usage_visit, usage_leave};
    usage.depth = 0;
    usage.bytes[0] = 0;
    usage.is_silent = option_given(options, 's');
    int status = tree_do(&plan, path, "/");
    if (!status)
        usage_say(usage.bytes[0], path);
    return status;
}

int usage_command(int count, char **words) {
    static const struct option_plan plan = {"s", 0, WORDS_MAX, "PATH", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!options.operand_count)
        options.operands[options.operand_count++] = ".";
    return operands_visit(&options, usage_one);
}
