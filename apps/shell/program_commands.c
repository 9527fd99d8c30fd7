// SPDX-License-Identifier: MIT
// Programs: run, as, kill.
#include "background.h"
#include "commands.h"
#include "failure.h"
#include "file.h"
#include "info.h"
#include "input.h"
#include "job.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "program_path.h"
#include "run.h"
#include "shell.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MASK 0xffu
#define KILL_STATUS 9u // that `kill` gives if none is named: SIGKILL

// Runs a program or a shell alone: its status, or a negated error.
static long alone_run(const char *name, char **words, uint32_t kind) {
    struct job *job = malloc(sizeof *job);
    if (!job)
        return -PIPE_ENOMEM;
    job_begin(job);
    long result = job_start(job, name, words, kind, (struct ends){0}, 0);
    if (result >= 0)
        return job_run(job);
    job_wait(job, false); // for the process that copies a file
    job_end(job);
    free(job);
    return result;
}

// ---- Running ----

static long script_start(char *path, char **words) {
    struct stream_stat stat;
    long error = file_stat(path, &stat);
    if (!error && stat_is_directory(&stat))
        error = -PIPE_EISDIR;
    int count = 0;
    while (words[count])
        count++;
    char **whole = error ? NULL : calloc((size_t)count + 2, sizeof *whole);
    if (!whole)
        return error ? error : -PIPE_ENOMEM;
    memcpy(whole + 1, words, (size_t)count * sizeof *words);
    whole[0] = shell.program;
    whole[1] = path;
    long status = alone_run(words[0], whole, shell_kind());
    free(whole);
    return status;
}

long shell_run(char **words) {
    return alone_run("sh", words, shell_kind());
}

// A word with a slash is a path, another one is found by PATH: of a program, or else of a script.
long program_run(char **words) {
    char whole[FILE_PATH_MAX + 1], found[FILE_PATH_MAX + 1], *path = words[0], *name = path, *file = path;
    if (strchr(path, '/')) {
        name = path_program(path, whole);
    } else if (!program_is_named(path)) {
        name = NULL;
        file = program_find(path, found) ? found : NULL;
    }
    if (!name)
        return file ? script_start(file, words) : -PIPE_ENOENT;
    words[0] = name;
    bool is_shell = strcmp(name, "shell") == 0;
    long status = alone_run(name, words, is_shell ? shell_kind() : SPAWN_AS_PLAIN);
    words[0] = path;
    bool has_told = tool_is_known(name);
    if (status > 0 && !has_told && shell.is_interactive && shell.leaving == LEAVING_NOTHING && !shell.conditions)
        complain("%s: status %ld\n", path, status);
    return status;
}

int run_command(int count, char **words) {
    if (count < 2)
        return fail_usage("PROGRAM", "missing");
    long status = program_run(words + 1);
    return status < 0 ? fail(words[1], status) : (int)status;
}

// A command of the shell runs in a shell of its own.
static long command_await(int count, char **words, enum kind kind) {
    char *arguments[WORDS_MAX + 3] = {shell.program, "--words"};
    if (!run_host->command_is_known(count, words))
        return alone_run(words[0], words, (uint32_t)kind);
    memcpy(arguments + 2, words, (size_t)(count + 1) * sizeof *words);
    return alone_run(words[0], arguments, (uint32_t)kind);
}

int as_command(int count, char **words) {
    enum kind kind;
    if (count < 3)
        return fail_usage(count < 2 ? "KIND" : "COMMAND", "missing");
    if (!kind_parse(words[1], &kind))
        return fail_usage(words[1], "a kind is app, driver or server");
    long status = command_await(count - 2, words + 2, kind);
    char path[FILE_PATH_MAX + 1];
    if (status == -PIPE_EACCES && !run_host->command_is_known(count - 2, words + 2) && !program_find(words[2], path))
        status = -PIPE_ENOENT;
    if (status == -PIPE_EACCES)
        return fail_saying(words[2], "the manifest does not let it be of this kind", status);
    return status < 0 ? fail(words[2], status) : (int)status;
}

// "%n" is a job, which ends with all that it has started.
static int kill_one(const char *word, uint32_t status) {
    struct info_process process;
    uint64_t pid = 0;
    bool is_job = word[0] == '%';
    if (!is_job && !number_parse(word, "PID", 1, UINT32_MAX, &pid))
        return STATUS_USAGE;
    if (is_job && !(pid = background_pid(word)))
        return fail_saying(word, "no such job", -PIPE_ESRCH);
    long result = is_job ? process_kill_tree((uint32_t)pid, status) : process_kill((uint32_t)pid, status);
    bool is_there = info_ask(INFO_PROCESS, (uint32_t)pid, &process, sizeof process) == 0 && process.pid == pid;
    if (result == -PIPE_ESRCH && is_there)
        result = -PIPE_EACCES; // the process server knows no process that it did not start
    return result < 0 ? fail(word, result) : 0;
}

int kill_command(int count, char **words) {
    static const struct option_plan plan = {"s:", 1, WORDS_MAX, "PID", false};
    struct options options;
    uint64_t status = KILL_STATUS;
    if (!options_parse(count, words, &plan, &options) ||
        !option_number(&options, 's', "STATUS", 0, STATUS_MASK, &status))
        return STATUS_USAGE;
    int failed = 0;
    for (int index = 0; index < options.operand_count; index++) {
        int result = kill_one(options.operands[index], (uint32_t)status);
        failed = result ? result : failed;
    }
    return failed;
}
