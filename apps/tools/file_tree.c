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
struct tree_place {
    const struct tree_plan *plan;
    char path[FILE_PATH_MAX + 1], to[FILE_PATH_MAX + 1];
};

static int place_do(struct tree_place *place);

// One entry of the directory that the walk is in.
static int entry_do(struct tree_place *place, const char *name) {
    size_t length = strlen(place->path), to_length = strlen(place->to);
    char *path = place->path, *to = place->to;
    long error = path_append(path, name);
    if (!error)
        error = path_append(to, name);
    int status = error ? fail(name, error) : place_do(place);
    path[length] = 0;
    to[to_length] = 0;
    return status;
}

static int entries_do(struct tree_place *place) {
    struct file_walk *walk = malloc(sizeof *walk);
    long result = walk ? file_walk_begin(walk, place->path) : -PIPE_ENOMEM;
    bool is_open = !result;
    int status = 0;
    while (!result && (result = file_walk_next(walk)) > 0) {
        int entry = entry_do(place, walk->name);
        status = entry ? entry : status;
        result = 0;
    }
    if (is_open)
        file_walk_end(walk);
    free(walk);
    return result < 0 ? fail(place->path, result) : status;
}

static int step_do(tree_function *step, const struct tree_place *place) {
    return step ? step(place->path, place->to) : 0;
}

// A symbolic link is a file here: what it leads to is no part of the tree.
static int place_do(struct tree_place *place) {
    struct stream_stat stat;
    long error = file_stat_link(place->path, &stat);
    if (error)
        return fail(place->path, error);
    if (!stat_is_directory(&stat))
        return step_do(place->plan->visit, place);
    int status = step_do(place->plan->enter, place);
    if (!status)
        status = entries_do(place);
    return status ? status : step_do(place->plan->leave, place);
}

int tree_do(const struct tree_plan *plan, const char *path, const char *to) {
    if (strlen(path) > FILE_PATH_MAX || strlen(to) > FILE_PATH_MAX)
        return fail(path, -PIPE_ENAMETOOLONG);
    struct tree_place *place = malloc(sizeof *place);
    if (!place)
        return fail(path, -PIPE_ENOMEM);
    place->plan = plan;
    strcpy(place->path, path);
    strcpy(place->to, to);
    int status = place_do(place);
    free(place);
    return status;
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
