// SPDX-License-Identifier: MIT
// `cp`, `mv`, `rm`, `mkdir`, `rmdir` and `touch`. A command goes on with its next operand when one fails.
#include "failure.h"
#include "file.h"
#include "file_path.h"
#include "file_tree.h"
#include "options.h"
#include "pipe.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_BYTES (64u << 10) // at once

// ---- cp ----

// Copies from one session to another. *path is that of the one that failed.
static long bytes_copy(long from, long to, const char **path, const char *to_path) {
    static uint8_t chunk[COPY_BYTES];
    for (;;) {
        long length = file_read(from, chunk, sizeof chunk);
        if (length <= 0)
            return length;
        long written = file_write(to, chunk, (size_t)length);
        if (written == length)
            continue;
        *path = to_path;
        return written < 0 ? written : -PIPE_ENOSPC;
    }
}

static int file_copy(const char *from_path, const char *to_path) {
    const char *path = from_path;
    long to = 0, from = file_open(from_path, OPEN_READ), error = from < 0 ? from : 0;
    if (!error) {
        path = to_path;
        to = file_open(to_path, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE);
        error = to < 0 ? to : 0;
    }
    if (!error) {
        path = from_path;
        error = bytes_copy(from, to, &path, to_path);
    }
    if (to > 0)
        file_close(to);
    if (from > 0)
        file_close(from);
    return error ? fail(path, error) : 0;
}

// A directory that is there already takes the copies in.
static int directory_copy(const char *path, const char *to) {
    (void)path;
    long error = file_make_directory(to);
    return error && !(error == -PIPE_EEXIST && path_is_directory(to)) ? fail(to, error) : 0;
}

// Whether a path leads below another, or to it.
static bool is_within(const char *path, const char *other) {
    char first[FILE_PATH_MAX + 1], second[FILE_PATH_MAX + 1];
    if (file_resolve(path, first) || file_resolve(other, second))
        return false;
    size_t length = strlen(second);
    return strncmp(first, second, length) == 0 && (length == 1 || first[length] == '/' || !first[length]);
}

static int fail_within(const char *to) {
    return fail_saying(to, "it would be copied or moved into itself", -PIPE_EINVAL);
}

// A file of a tree: a symbolic link is copied itself.
static int entry_copy(const char *from, const char *to) {
    char text[FILE_PATH_MAX + 1];
    long length = file_readlink(from, text, FILE_PATH_MAX);
    if (length < 0)
        return file_copy(from, to);
    text[length] = 0;
    long error = file_symlink(text, to);
    if (error == -PIPE_EEXIST)
        error = (error = file_remove(to)) ? error : file_symlink(text, to);
    return error ? fail(to, error) : 0;
}

static const struct tree_plan copy_plan = {.enter = directory_copy, .visit = entry_copy};

static int copy_one(const char *from, const char *to, const struct options *options) {
    bool from_directory = path_is_directory(from);
    if (from_directory && !option_given(options, 'r'))
        return fail(from, -PIPE_EISDIR);
    if (from_directory ? is_within(to, from) : is_within(to, from) && is_within(from, to))
        return fail_within(to);
    return from_directory ? tree_do(&copy_plan, from, to) : file_copy(from, to);
}

// ---- mv ----

static int file_forget(const char *path, const char *to) {
    (void)to;
    long error = file_remove(path);
    return error ? fail(path, error) : 0;
}

static int directory_forget(const char *path, const char *to) {
    (void)to;
    long error = file_remove_directory(path);
    return error ? fail(path, error) : 0;
}

static const struct tree_plan forget_plan = {.visit = file_forget, .leave = directory_forget};

// From one volume to another: a copy, and then the source goes. A file that can't be removed stays where it is
// alone; of a directory that can't be removed whole, the copy stays too.
static int move_between(const char *from, const char *to) {
    struct stream_stat stat;
    int status = tree_do(&copy_plan, from, to);
    if (!status)
        status = tree_do(&forget_plan, from, "/");
    bool is_whole = file_stat_link(from, &stat) == 0 && !stat_is_directory(&stat);
    if (status && is_whole)
        file_remove(to);
    return status;
}

static int move_one(const char *from, const char *to, const struct options *options) {
    (void)options;
    struct stream_stat stat;
    long error = file_rename(from, to);
    if (error == -PIPE_EXDEV)
        return move_between(from, to);
    if (error == -PIPE_EINVAL)
        return fail_within(to);
    bool is_target = error == -PIPE_ENOENT && file_stat(from, &stat) == 0;
    return error ? fail(is_target ? to : from, error) : 0;
}

// The last operand is where the others go: into it, if it is a directory.
static int transfer_all(struct options *options,
                        int (*transfer)(const char *from, const char *to, const struct options *options)) {
    int status = 0, last = options->operand_count - 1;
    bool into = path_is_directory(options->operands[last]);
    if (!into && last > 1)
        return fail(options->operands[last], -PIPE_ENOTDIR);
    for (int index = 0; index < last; index++) {
        char from[FILE_PATH_MAX + 1], to[FILE_PATH_MAX + 1];
        long error = file_resolve(options->operands[index], from);
        if (!error && into)
            error = path_below(options->operands[last], path_last(from), to);
        int result = error ? fail(options->operands[index], error)
                           : transfer(options->operands[index], into ? to : options->operands[last], options);
        status = result ? result : status;
    }
    return status;
}

int copy_command(int count, char **words) {
    static const struct option_plan plan = {"r", 2, WORDS_MAX, "SOURCE TARGET", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? transfer_all(&options, copy_one) : STATUS_USAGE;
}

int move_command(int count, char **words) {
    static const struct option_plan plan = {"", 2, WORDS_MAX, "SOURCE TARGET", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? transfer_all(&options, move_one) : STATUS_USAGE;
}

// ---- rm, rmdir, mkdir ----

// What POSIX has `rm` refuse: the root, and a path that ends in "." or "..".
static bool is_kept(const char *path) {
    char whole[FILE_PATH_MAX + 1];
    size_t length = strlen(path);
    while (length && path[length - 1] == '/')
        length--;
    const char *end = path + length;
    bool is_dot = length && end[-1] == '.' && (length == 1 || end[-2] == '/');
    bool are_dots = length > 1 && end[-1] == '.' && end[-2] == '.' && (length == 2 || end[-3] == '/');
    return is_dot || are_dots || (file_resolve(path, whole) == 0 && strcmp(whole, "/") == 0);
}

static int remove_one(const char *path, const struct options *options) {
    struct stream_stat stat;
    if (is_kept(path))
        return fail_saying(path, "the root, . and .. are not removed", -PIPE_EINVAL);
    if (option_given(options, 'f') && file_stat_link(path, &stat) == -PIPE_ENOENT)
        return 0;
    return option_given(options, 'r') ? tree_do(&forget_plan, path, "/") : file_forget(path, NULL);
}

int remove_command(int count, char **words) {
    static const struct option_plan plan = {"fr", 1, WORDS_MAX, "PATH", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, remove_one) : STATUS_USAGE;
}

static int remove_directory_one(const char *path, const struct options *options) {
    (void)options;
    return directory_forget(path, NULL);
}

int remove_directory_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "PATH", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, remove_directory_one) : STATUS_USAGE;
}

// With -p: the directories on the way too, and none of them need be missing.
static int make_directory_one(const char *path, const struct options *options) {
    char whole[FILE_PATH_MAX + 1];
    long error = file_resolve(path, whole);
    for (char *slash = whole; !error && option_given(options, 'p') && (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        error = file_make_directory(whole);
        error = error == -PIPE_EEXIST ? 0 : error;
        *slash = '/';
    }
    if (!error)
        error = file_make_directory(whole);
    if (error == -PIPE_EEXIST && option_given(options, 'p') && path_is_directory(whole))
        error = 0;
    return error ? fail(path, error) : 0;
}

int make_directory_command(int count, char **words) {
    static const struct option_plan plan = {"p", 1, WORDS_MAX, "PATH", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, make_directory_one) : STATUS_USAGE;
}

// ---- touch ----

// Makes the file, or gives it the size that it has: that changes its time.
static int touch_one(const char *path, const struct options *options) {
    (void)options;
    struct stream_stat stat;
    long file = file_open(path, OPEN_WRITE | OPEN_CREATE);
    if (file < 0)
        return fail(path, file);
    long error = file_stat_open(file, &stat);
    if (!error)
        error = file_resize(file, stat.size);
    file_close(file);
    return error ? fail(path, error) : 0;
}

int touch_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, WORDS_MAX, "FILE", false};
    struct options options;
    return options_parse(count, words, &plan, &options) ? operands_visit(&options, touch_one) : STATUS_USAGE;
}
