// SPDX-License-Identifier: MIT
// `ls` and `du`: what there is, and how large.
#include "clock.h"
#include "failure.h"
#include "file.h"
#include "file_mode.h"
#include "file_tree.h"
#include "pipe.h"
#include "tool.h"
#include "wall.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// ---- ls ----

#define TIME_TEXT_SIZE 24

// What `ls -l` says of a file before its name.
static void details_say(const struct stream_stat *stat) {
    char mode[MODE_TEXT_SIZE], time_text[TIME_TEXT_SIZE];
    time_t modified = (time_t)(wall_at(stat->modified) / (int64_t)SECOND);
    struct tm date;
    strftime(time_text, sizeof time_text, "%Y-%m-%d %H:%M", gmtime_r(&modified, &date));
    say("%s %3u %5u %5u %10lu %s ", mode_text(stat->mode, mode), stat->links, stat->owner, stat->group, stat->size,
        time_text);
}

// Says where a symbolic link leads.
static void target_say(const char *path) {
    char text[FILE_PATH_MAX];
    long length = file_readlink(path, text, sizeof text);
    if (length < 0)
        return;
    say(" -> ");
    say_bytes(text, (size_t)length);
}

// One line: `name` is said of what `path` names.
static int entry_say(const char *path, const char *name, uint32_t type, const struct options *options) {
    size_t length = strlen(name);
    struct stream_stat stat = {.mode = type};
    long error = option_given(options, 'l') || option_given(options, 'i') ? file_stat_link(path, &stat) : 0;
    if (error)
        return fail(path, error);
    if (option_given(options, 'i'))
        say("%8lu ", stat.inode);
    if (option_given(options, 'l'))
        details_say(&stat);
    say_name(name);
    if (option_given(options, 'l') && (stat.mode & MODE_TYPE) == MODE_LINK)
        target_say(path);
    say("%s\n", stat_is_directory(&stat) && name[length - 1] != '/' ? "/" : "");
    return 0;
}

static bool is_shown(const char *name, const struct options *options) {
    return name[0] != '.' || option_given(options, 'a');
}

static int listed_say(const char *directory, const struct file_walk *walk, const struct options *options) {
    char path[FILE_PATH_MAX + 1];
    if (!is_shown(walk->name, options))
        return 0;
    long error = path_below(directory, walk->name, path);
    return error ? fail(walk->name, error) : entry_say(path, walk->name, walk->entry.type, options);
}

static int directory_say(const char *path, const struct options *options) {
    struct file_walk *walk = malloc(sizeof *walk);
    long result = walk ? file_walk_begin(walk, path) : -PIPE_ENOMEM;
    bool is_open = !result;
    int status = 0;
    while (!result && (result = file_walk_next(walk)) > 0) {
        int entry = listed_say(path, walk, options);
        status = entry ? entry : status;
        result = 0;
    }
    if (is_open)
        file_walk_end(walk);
    free(walk);
    return result < 0 ? fail(path, result) : status;
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
    struct stream_stat stat;
    bool is_itself = option_given(options, 'd') || option_given(options, 'l');
    long error = is_itself ? file_stat_link(path, &stat) : file_stat(path, &stat);
    if (error == -PIPE_ENOENT) // a link that leads nowhere is there itself
        error = file_stat_link(path, &stat);
    if (error)
        return fail(path, error);
    if (!stat_is_directory(&stat) || option_given(options, 'd'))
        return entry_say(path, path, stat.mode & MODE_TYPE, options);
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
    static const struct option_plan plan = {"Radil", 0, WORDS_MAX, "PATH", false};
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
    struct stream_stat stat;
    long error = file_stat_link(path, &stat);
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
