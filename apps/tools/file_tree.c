// SPDX-License-Identifier: MIT
#include "file_tree.h"

#include "failure.h"
#include "file.h"
#include "pipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int operands_visit(const struct options *options, operand_function *function) {
    int status = 0;
    for (int index = 0; index < options->operand_count; index++) {
        int result = function(options->operands[index], options);
        status = result ? result : status;
    }
    return status;
}

// Appends a name to the path of a directory. ENAMETOOLONG.
static long path_append(char *path, const char *name) {
    size_t length = strlen(path);
    bool has_slash = length && path[length - 1] == '/';
    if (length + !has_slash + strlen(name) > FILE_PATH_MAX)
        return -PIPE_ENAMETOOLONG;
    if (!has_slash)
        path[length++] = '/';
    strcpy(path + length, name);
    return 0;
}

long path_below(const char *directory, const char *name, char *to) {
    if (strlen(directory) > FILE_PATH_MAX)
        return -PIPE_ENAMETOOLONG;
    strcpy(to, directory);
    return path_append(to, name);
}

bool path_is_directory(const char *path) {
    struct stream_stat stat;
    return file_stat(path, &stat) == 0 && stat_is_directory(&stat);
}

// Where a walk is: both paths grow and shrink by the names on the way, so that a deep tree needs no deep stack.
struct tree_index {
    const struct tree_plan *plan;
    char path[FILE_PATH_MAX + 1], to[FILE_PATH_MAX + 1];
};

static int directory_do(struct tree_index *cursor);

// One entry of the directory that the walk is in.
static int entry_do(struct tree_index *cursor, const char *name) {
    size_t length = strlen(cursor->path), to_length = strlen(cursor->to);
    char *path = cursor->path, *to = cursor->to;
    long error = path_append(path, name);
    if (!error)
        error = path_append(to, name);
    int status = error ? fail(name, error) : directory_do(cursor);
    path[length] = 0;
    to[to_length] = 0;
    return status;
}

static int entries_do(struct tree_index *cursor) {
    struct file_walk *walk = malloc(sizeof *walk);
    long result = walk ? file_walk_begin(walk, cursor->path) : -PIPE_ENOMEM;
    bool is_open = !result;
    int status = 0;
    while (!result && (result = file_walk_next(walk)) > 0) {
        int entry = entry_do(cursor, walk->name);
        status = entry ? entry : status;
        result = 0;
    }
    if (is_open)
        file_walk_end(walk);
    free(walk);
    return result < 0 ? fail(cursor->path, result) : status;
}

static int step_do(tree_function *step, const struct tree_index *cursor) {
    return step ? step(cursor->path, cursor->to) : 0;
}

// A symbolic link is a file here: what it leads to is no part of the tree.
static int directory_do(struct tree_index *cursor) {
    struct stream_stat stat;
    long error = file_stat_link(cursor->path, &stat);
    if (error)
        return fail(cursor->path, error);
    if (!stat_is_directory(&stat))
        return step_do(cursor->plan->visit, cursor);
    int status = step_do(cursor->plan->enter, cursor);
    if (!status)
        status = entries_do(cursor);
    return status ? status : step_do(cursor->plan->leave, cursor);
}

int tree_do(const struct tree_plan *plan, const char *path, const char *to) {
    if (strlen(path) > FILE_PATH_MAX || strlen(to) > FILE_PATH_MAX)
        return fail(path, -PIPE_ENAMETOOLONG);
    struct tree_index *cursor = malloc(sizeof *cursor);
    if (!cursor)
        return fail(path, -PIPE_ENOMEM);
    cursor->plan = plan;
    strcpy(cursor->path, path);
    strcpy(cursor->to, to);
    int status = directory_do(cursor);
    free(cursor);
    return status;
}

int trees_do(const struct tree_plan *plan, const char *const *paths, int count) {
    int status = 0;
    if (!count)
        return tree_do(plan, ".", "/");
    for (int index = 0; index < count; index++) {
        int result = tree_do(plan, paths[index], "/");
        status = result ? result : status;
    }
    return status;
}
