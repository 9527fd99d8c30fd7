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
    for (int place = 0; place < options->operand_count; place++) {
        int result = function(options->operands[place], options);
        status = result ? result : status;
    }
    return status;
}

long path_below(const char *directory, const char *name, char *to) {
    bool has_slash = *directory && directory[strlen(directory) - 1] == '/';
    int length = snprintf(to, FILE_PATH_MAX + 1, "%s%s%s", directory, has_slash ? "" : "/", name);
    return length < 0 || length > (int)FILE_PATH_MAX ? -PIPE_ENAMETOOLONG : 0;
}

bool path_is_directory(const char *path) {
    struct file_stat stat;
    return file_stat(path, &stat) == 0 && stat.type == FILE_TYPE_DIRECTORY;
}

// One entry of the directory `path`; `to` is the directory that goes along with it.
static int entry_do(const struct tree_plan *plan, const char *path, const char *to, const char *name) {
    char below[FILE_PATH_MAX + 1], below_to[FILE_PATH_MAX + 1];
    long error = path_below(path, name, below);
    if (!error)
        error = path_below(to, name, below_to);
    if (error)
        return fail(name, error);
    return tree_do(plan, below, below_to);
}

static int entries_do(const struct tree_plan *plan, const char *path, const char *to) {
    struct file_walk *walk = malloc(sizeof *walk);
    long result = walk ? file_walk_begin(walk, path) : -PIPE_ENOMEM;
    int status = 0;
    while (!result && (result = file_walk_next(walk)) > 0) {
        int entry = entry_do(plan, path, to, walk->name);
        status = entry ? entry : status;
        result = 0;
    }
    free(walk);
    return result < 0 ? fail(path, result) : status;
}

static int step_do(tree_function *step, const char *path, const char *to) {
    return step ? step(path, to) : 0;
}

int tree_do(const struct tree_plan *plan, const char *path, const char *to) {
    struct file_stat stat;
    long error = file_stat(path, &stat);
    if (error)
        return fail(path, error);
    if (stat.type != FILE_TYPE_DIRECTORY)
        return step_do(plan->visit, path, to);
    int status = step_do(plan->enter, path, to);
    if (!status)
        status = entries_do(plan, path, to);
    return status ? status : step_do(plan->leave, path, to);
}

int trees_do(const struct tree_plan *plan, const char *const *paths, int count) {
    int status = 0;
    if (!count)
        return tree_do(plan, ".", "/");
    for (int place = 0; place < count; place++) {
        int result = tree_do(plan, paths[place], "/");
        status = result ? result : status;
    }
    return status;
}
