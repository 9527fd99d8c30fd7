// SPDX-License-Identifier: MIT
// `find`, `which`, `history` and `env`: where things are, and what is known.
#include "failure.h"
#include "file.h"
#include "function.h"
#include "glob.h"
#include "history.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "tool_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- find ----

struct find {
    const char *name; // a pattern, or NULL: any
    char type;        // 'd', 'f', or 0: any
    int status;
};

static void found_say(const struct find *find, const char *path, const char *name, bool is_directory) {
    if (find->name && !glob_matches(find->name, name, strlen(name)))
        return;
    if (find->type && (find->type == 'd') != is_directory)
        return;
    say_bytes(path, strlen(path));
    say("\n");
}

// The entries of the directory at `path`, which has room for any path.
static void entries_find(struct find *find, char *path) {
    struct file_walk *walk = malloc(sizeof *walk);
    size_t length = strlen(path);
    long result = walk ? file_walk_begin(walk, path) : -PIPE_ENOMEM;
    while (result >= 0 && (result = file_walk_next(walk)) > 0) {
        if (input_wait(DEADLINE_NOW) == INPUT_STOPPED)
            find->status = STATUS_INTERRUPTED;
        if (find->status == STATUS_INTERRUPTED)
            break;
        bool has_slash = path[length - 1] == '/', is_directory = walk->entry.type == FILE_TYPE_DIRECTORY;
        if (length + strlen(walk->name) + 1 > FILE_PATH_MAX) {
            find->status = fail(walk->name, -PIPE_ENAMETOOLONG);
            continue;
        }
        sprintf(path + length, "%s%s", has_slash ? "" : "/", walk->name);
        found_say(find, path, walk->name, is_directory);
        if (is_directory)
            entries_find(find, path);
        path[length] = 0;
    }
    free(walk);
    if (result < 0)
        find->status = fail(path, result);
}

static void path_find(struct find *find, const char *given) {
    char path[FILE_PATH_MAX + 1];
    struct file_stat stat;
    long error = strlen(given) > FILE_PATH_MAX ? -PIPE_ENAMETOOLONG : file_stat(given, &stat);
    if (error) {
        find->status = fail(given, error);
        return;
    }
    strcpy(path, given);
    const char *slash = strrchr(given, '/');
    found_say(find, given, slash && slash[1] ? slash + 1 : given, stat.type == FILE_TYPE_DIRECTORY);
    if (stat.type == FILE_TYPE_DIRECTORY)
        entries_find(find, path);
}

// "-name PATTERN" and "-type d": words from `place` on. False: reported.
static bool conditions_parse(struct find *find, int count, char **words, int place) {
    for (; place < count; place += 2) {
        bool is_name = strcmp(words[place], "-name") == 0;
        if (!is_name && strcmp(words[place], "-type") != 0)
            return fail_usage(words[place], "no such option"), false;
        if (place + 1 == count)
            return fail_usage(words[place], "the option takes a value"), false;
        const char *value = words[place + 1];
        if (is_name)
            find->name = value;
        else if (strcmp(value, "d") == 0 || strcmp(value, "f") == 0)
            find->type = *value;
        else
            return fail_usage(value, "a type is d or f"), false;
    }
    return true;
}

int find_command(int count, char **words) {
    struct find find = {0};
    int paths = 1;
    while (paths < count && words[paths][0] != '-')
        paths++;
    if (!conditions_parse(&find, count, words, paths))
        return STATUS_USAGE;
    input_watch(false);
    if (paths == 1)
        path_find(&find, ".");
    for (int place = 1; place < paths && find.status != STATUS_INTERRUPTED; place++)
        path_find(&find, words[place]);
    return find.status;
}

// ---- which ----

#define PROGRAMS_DIRECTORY "/boot/bin/"

static int which_one(char *word) {
    char path[sizeof PROGRAMS_DIRECTORY + PROGRAM_NAME_MAX];
    struct file_stat stat;
    if (function_is_known(word)) {
        say("%s: a function\n", word);
        return 0;
    }
    if (command_is_known(1, &word)) {
        say("%s: a command of the shell\n", word);
        return 0;
    }
    int length = snprintf(path, sizeof path, PROGRAMS_DIRECTORY "%s", word);
    if (strchr(word, '/') || length >= (int)sizeof path || file_stat(path, &stat) || stat.type != FILE_TYPE_FILE)
        return fail(word, -PIPE_ENOENT);
    say("%s\n", path);
    return 0;
}

int which_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "NAME", false};
    struct options options;
    int status = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (int place = 0; place < options.operand_count; place++)
        status = which_one((char *)options.operands[place]) ? STATUS_FAILED : status;
    return status;
}

// ---- history and env ----

int history_command(int count, char **words) {
    static const struct option_plan plan = {"c", 0, 1, "N", false};
    struct options options;
    uint64_t most = HISTORY_LINES;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (options.operand_count && !number_parse(options.operands[0], "N", 1, HISTORY_LINES, &most))
        return STATUS_USAGE;
    if (option_given(&options, 'c')) {
        history_clear();
        return 0;
    }
    for (unsigned age = (unsigned)most; age; age--) {
        const char *line = history_line(age);
        if (!line)
            continue;
        say("%5lu  ", history_count() - age + 1);
        say_bytes(line, strlen(line));
        say("\n");
    }
    return 0;
}

int environment_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    for (char *const *variable = environ; variable && *variable; variable++) {
        say_bytes(*variable, strlen(*variable));
        say("\n");
    }
    return 0;
}
