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
    struct pipe_stat stat;
    bool is_pipe = file_resolve(path, whole) == 0 && strcmp(whole, "/") != 0 && strlen(whole) <= PATH_LENGTH_MAX &&
                   pipe_stat_path(whole, &stat) == 0;
    if (!is_pipe)
        return error_sentence(PIPE_ENOENT);
    bool is_directory = stat.flow == FLOW_DIRECTORY;
    snprintf(sentence, sizeof sentence, "%s: see `%s %s`", is_directory ? "a directory of pipes" : "a pipe, not a file",
             is_directory ? "pipes" : "pipe stat", whole);
    return sentence;
}
