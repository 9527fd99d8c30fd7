// SPDX-License-Identifier: MIT
// `ln`, `readlink`, `chmod` and `stat`: names of files, and what is known of them.
#include "clock.h"
#include "failure.h"
#include "file.h"
#include "file_mode.h"
#include "file_tree.h"
#include "options.h"
#include "pipe.h"
#include "tool.h"
#include "wall.h"

#include <string.h>
#include <time.h>

// ---- ln, readlink ----

static int link_one(const char *from, const char *to, const struct options *options) {
    if (option_given(options, 'f'))
        file_remove(to);
    long error = option_given(options, 's') ? file_symlink(from, to) : file_link(from, to);
    bool is_source = error && !option_given(options, 's') && error != -PIPE_EEXIST;
    return error ? fail(is_source ? from : to, error) : 0;
}

int link_command(int count, char **words) {
    static const struct option_plan plan = {"fs", 1, WORDS_MAX, "TARGET NAME", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int last = options.operand_count - 1, status = 0;
    const char *directory = last ? options.operands[last] : ".";
    bool into = !last || path_is_directory(directory);
    if (!into && last > 1)
        return fail(directory, -PIPE_ENOTDIR);
    for (int index = 0; index < (last ? last : 1); index++) {
        char to[FILE_PATH_MAX + 1];
        const char *from = options.operands[index];
        long error = into ? path_below(directory, path_last(from), to) : 0;
        int result = error ? fail(from, error) : link_one(from, into ? to : directory, &options);
        status = result ? result : status;
    }
    return status;
}

static int link_say(const char *path, const struct options *options) {
    char text[FILE_PATH_MAX + 1];
    bool is_whole = option_given(options, 'f');
    long length = is_whole ? file_real(path, text) : file_readlink(path, text, FILE_PATH_MAX);
    if (length < 0)
        return fail(path, length);
    say_bytes(text, is_whole ? strlen(text) : (size_t)length);
    say("\n");
    return 0;
}

int link_text_command(int count, char **words) {
    static const struct option_plan plan = {"f", 1, WORDS_MAX, "PATH", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, link_say) : STATUS_USAGE;
}

// ---- chmod ----

static int mode_change(const char *path, const char *text) {
    struct stream_stat stat;
    long error = file_stat(path, &stat);
    if (error)
        return fail(path, error);
    if (!mode_parse(text, stat.mode, &stat.mode))
        return fail_usage(text, "a mode is octal, as 644, or as u+w,go-rx");
    error = file_change(path, CHANGE_MODE, &stat);
    return error ? fail(path, error) : 0;
}

int mode_command(int count, char **words) {
    static const struct option_plan plan = {"", 2, WORDS_MAX, "MODE PATH", true};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    int status = 0;
    for (int index = 1; index < options.operand_count; index++) {
        int result = mode_change(options.operands[index], options.operands[0]);
        status = result ? result : status;
    }
    return status;
}

// ---- stat ----

#define TIME_TEXT_SIZE 40

static void time_say(const char *name, int64_t time) {
    char text[TIME_TEXT_SIZE];
    time_t seconds = (time_t)(wall_at(time) / (int64_t)SECOND);
    struct tm date;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &date));
    say("%-9s %s\n", name, text);
}

static const char *type_name(uint32_t mode) {
    switch (mode & MODE_TYPE) {
    case MODE_DIRECTORY:
        return "directory";
    case MODE_LINK:
        return "symbolic link";
    case MODE_TERMINAL:
        return "terminal";
    default:
        return "file";
    }
}

static int attributes_say(const char *path, const struct options *options) {
    char text[MODE_TEXT_SIZE];
    struct stream_stat stat;
    long error = option_given(options, 'L') ? file_stat(path, &stat) : file_stat_link(path, &stat);
    if (error)
        return fail(path, error);
    say("%-9s ", "path");
    say_bytes(path, strlen(path));
    say("\n%-9s %s\n%-9s %lu\n", "type", type_name(stat.mode), "size", stat.size);
    say("%-9s %lu\n%-9s %lu on %u\n", "space", stat.space, "inode", stat.inode, stat.volume);
    say("%-9s %u\n%-9s %04o %s\n", "links", stat.links, "mode", stat.mode & MODE_PERMISSIONS,
        mode_text(stat.mode, text));
    say("%-9s %u, group %u\n", "owner", stat.owner, stat.group);
    time_say("accessed", stat.accessed);
    time_say("modified", stat.modified);
    time_say("changed", stat.changed);
    return 0;
}

int attributes_command(int count, char **words) {
    static const struct option_plan plan = {"L", 1, WORDS_MAX, "PATH", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, attributes_say) : STATUS_USAGE;
}
