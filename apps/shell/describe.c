// SPDX-License-Identifier: MIT
#include "describe.h"

#include "clock.h"
#include "info.h"
#include "pipe.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#define MICROSECOND 1000u

long stat_get(const char *path, struct pipe_stat *stat) {
    long error = pipe_stat_path(path, stat);
    bool is_denied = error == -PIPE_EACCES || error == -PIPE_EPERM;
    for (uint32_t right = RIGHT_READ; is_denied && right <= RIGHT_MANAGE; right <<= 1) {
        long handle = pipe_open(path, right);
        if (handle < 0)
            continue;
        error = pipe_stat(handle, stat);
        is_denied = false;
        pipe_close(handle);
    }
    return error;
}

void directories_trim(int count, char **words) {
    for (int index = 1; index < count; index++) {
        struct pipe_stat stat;
        size_t length = strlen(words[index]);
        if (length < 3 || words[index][length - 1] != '/' || words[index][length - 2] == '/')
            continue;
        words[index][length - 1] = 0;
        if (stat_get(words[index], &stat) || stat.flow != FLOW_DIRECTORY)
            words[index][length - 1] = '/';
    }
}

// The name of the process of that pid, and of that generation unless it is NULL.
static const char *name_of(uint32_t pid, const uint32_t *generation, char *to) {
    struct info_process info;
    if (pid == 0)
        return strcpy(to, "kernel");
    if (info_ask(INFO_PROCESS, pid, &info, sizeof info) || info.pid != pid ||
        (generation && info.generation != *generation))
        return strcpy(to, "-");
    info.name[PROGRAM_NAME_MAX] = 0;
    return strcpy(to, info.name);
}

static const char *append_pid(uint32_t pid, char *to) {
    if (pid)
        sprintf(to + strlen(to), "/%u", pid);
    return to;
}

const char *owner_name(uint32_t pid, uint32_t generation, char *to) {
    return name_of(pid, &generation, to);
}

const char *owner_text(uint32_t pid, uint32_t generation, char *to) {
    name_of(pid, &generation, to);
    return append_pid(pid, to);
}

const char *process_text(uint32_t pid, char *to) {
    name_of(pid, NULL, to);
    return append_pid(pid, to);
}

const char *rules_brief(uint32_t rules, char *to) {
    char full[RULES_TEXT_MAX], *rest = full;
    rules_format(rules, full);
    to[0] = 0;
    for (char *word; (word = strsep(&rest, " "));)
        if (word[strlen(word) - 1] != '-')
            strcat(strcat(to, *to ? "," : ""), word);
    return *to ? to : strcpy(to, "-");
}

const char *depth_text(const struct pipe_stat *stat, char *to) {
    if (stat->capacity)
        sprintf(to, "%lu/%lu", stat->depth, stat->capacity);
    else
        sprintf(to, "%lu", stat->depth);
    return to;
}

const char *time_text(uint64_t time, char *to) {
    uint64_t seconds = time / SECOND, microseconds = time % SECOND / MICROSECOND;
    sprintf(to, "%lu.%06lu", seconds, microseconds);
    return to;
}
