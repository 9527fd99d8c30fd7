// SPDX-License-Identifier: MIT
#include "absent.h"

#include "error.h"
#include "file.h"
#include "pipe.h"

#include <stdio.h>
#include <string.h>

const char *absent_sentence(const char *path) {
    static char sentence[PATH_LENGTH_MAX + 64]; // the path and the words around it
    char whole[FILE_PATH_MAX + 1];
    struct pipe_stat stat = {.flow = FLOW_CALL}; // of a pipe that this program may not look at
    bool is_path = file_resolve(path, whole) == 0 && strcmp(whole, "/") != 0 && strlen(whole) <= PATH_LENGTH_MAX;
    long error = is_path ? pipe_stat_path(whole, &stat) : -PIPE_ENOENT;
    if (error != 0 && error != -PIPE_EPERM && error != -PIPE_EACCES) // those two say that there is one
        return error_sentence(PIPE_ENOENT);
    bool is_directory = stat.flow == FLOW_DIRECTORY;
    snprintf(sentence, sizeof sentence, "%s: see `%s %s`", is_directory ? "a directory of pipes" : "a pipe, not a file",
             is_directory ? "pipes" : "pipe stat", whole);
    return sentence;
}
