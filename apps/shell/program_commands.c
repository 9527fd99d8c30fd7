// SPDX-License-Identifier: MIT
// Programs: run, as, kill.
#include "background.h"
#include "commands.h"
#include "failure.h"
#include "file.h"
#include "input.h"
#include "job.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "shell.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_MASK 0xffu
#define KILL_STATUS 1u // that `kill` gives if none is named

// Whether a process takes the shell's input, or leaves it to the shell, where Ctrl-C ends it, or "q" too.
enum input_use { INPUT_TAKEN, INPUT_LEFT, INPUT_ENDS_AT_Q };

// Runs a program or a shell alone: its status, or a negated error.
static long alone_run(const char *name, char **words, uint32_t kind, enum input_use use) {
    struct job *job = malloc(sizeof *job);
    if (!job)
        return -PIPE_ENOMEM;
    job_begin(job, use == INPUT_TAKEN);
    if (use == INPUT_ENDS_AT_Q)
        input_watch(true);
    long result = job_start(job, name, words, kind, (struct ends){NO_LINK, NO_LINK, NO_LINK}, NO_LINK);
    job_wait(job, false); // also for what carries a file, should the program not have started
    job_end(job);
    if (result >= 0)
        result = job_status(job);
    free(job);
    return result;
}

// A word with a slash is a script's path.
static long script_start(char **words) {
    struct file_stat stat;
    long error = file_stat(words[0], &stat);
    if (!error && stat.type == FILE_TYPE_DIRECTORY)
        error = -PIPE_EISDIR;
    int count = 0;
    while (words[count])
        count++;
    char **whole = error ? NULL : calloc((size_t)count + 2, sizeof *whole);
    if (!whole)
        return error ? error : -PIPE_ENOMEM;
    whole[0] = shell.program;
    memcpy(whole + 1, words, (size_t)count * sizeof *words);
    long status = alone_run(words[0], whole, shell_kind(), INPUT_TAKEN);
    free(whole);
    return status;
}

long shell_run(char **words) {
    return alone_run("sh", words, shell_kind(), INPUT_TAKEN);
}

long program_run(char **words) {
    if (strchr(words[0], '/'))
        return script_start(words);
    bool is_shell = strcmp(words[0], "shell") == 0;
    long status = alone_run(words[0], words, is_shell ? shell_kind() : SPAWN_AS_PLAIN, INPUT_TAKEN);
    if (status > 0 && shell.is_interactive && shell.leaving == LEAVING_NOTHING && !shell.conditions)
        complain("%s: status %ld\n", words[0], status);
    return status;
}

int run_command(int count, char **words) {
    if (count < 2)
        return fail_usage("PROGRAM", "missing");
    long status = program_run(words + 1);
    return status < 0 ? fail(words[1], status) : (int)status;
}

// A command of the shell runs in a shell of its own, which leaves the input to this one.
static long command_await(int count, char **words, enum kind kind) {
    char *arguments[WORDS_MAX + 3] = {shell.program, "--words"};
    if (!command_is_known(count, words))
        return alone_run(words[0], words, (uint32_t)kind, INPUT_TAKEN);
    memcpy(arguments + 2, words, (size_t)(count + 1) * sizeof *words);
    return alone_run(words[0], arguments, (uint32_t)kind, strcmp(words[0], "watch") ? INPUT_LEFT : INPUT_ENDS_AT_Q);
}

int as_command(int count, char **words) {
    enum kind kind;
    if (count < 3)
        return fail_usage(count < 2 ? "KIND" : "COMMAND", "missing");
    if (!kind_parse(words[1], &kind))
        return fail_usage(words[1], "a kind is app, driver or server");
    long status = command_await(count - 2, words + 2, kind);
    if (status < 0)
        return fail(words[status == -PIPE_ENOENT ? 2 : 1], status);
    return (int)status;
}

int kill_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 2, "PID", false};
    struct options options;
    uint64_t pid, status = KILL_STATUS;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    bool is_job = options.operands[0][0] == '%';
    if (is_job)
        pid = background_pid(options.operands[0]);
    else if (!number_parse(options.operands[0], "PID", 1, UINT32_MAX, &pid))
        return STATUS_USAGE;
    if (options.operand_count > 1 && !number_parse(options.operands[1], "STATUS", 0, STATUS_MASK, &status))
        return STATUS_USAGE;
    long result =
        is_job ? process_kill_tree((uint32_t)pid, (uint32_t)status) : process_kill((uint32_t)pid, (uint32_t)status);
    return result < 0 ? fail(options.operands[0], result) : 0;
}
