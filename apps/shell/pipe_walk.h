// SPDX-License-Identifier: MIT
// A walk through directories of pipes. Names come from the kernel in order of bytes, a page at a time; what comes or
// goes between two pages is seen or not, but no other name is missed.
#ifndef SHELL_PIPE_WALK_H
#define SHELL_PIPE_WALK_H

#include "abi.h"

#include <stdbool.h>

#define WALK_PATH_MAX (PATH_LENGTH_MAX + COMPONENT_MAX + 2)

struct pipe_walk {
    // Called for each name: its path, the name itself, and by how many directories it stands below the walk's own.
    void (*visit)(const char *path, const char *name, unsigned depth, const struct pipe_stat *stat, void *work);
    void *work;
    bool is_recursive;
    bool is_quiet; // what can't be listed is passed over
    int status;    // of the command: what could not be listed was reported
};

// Walks through the directory `path`.
void pipe_walk(struct pipe_walk *walk, const char *path);

#endif
