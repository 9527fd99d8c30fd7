// SPDX-License-Identifier: MIT
// Programs: run, as, kill. While a program runs the shell waits for its end and for Ctrl-C, which kills it.
#include "commands.h"
#include "failure.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#define STATUS_MASK 0xffu
#define KILL_STATUS 1u      // that `kill` gives if none is named
#define INTERRUPT_STATUS 2u // that a program ends with by Ctrl-C

// Waits until the process has ended or the user has ended it. A program that reads the input has it for itself; then
// the shell taps it, if it may, to see Ctrl-C. Whether the user has ended it.
static bool end_await(uint32_t pid, bool reads_input) {
    bool is_stopped = false;
    for (;;) {
        long length = reads_input ? pipe_wait(DEADLINE_NONE) : input_wait(DEADLINE_NONE);
        bool is_end = length >= 0 && pipe_received()->key == KEY_EXIT;
        bool is_failure = length < 0 && length != INPUT_STOPPED;
        if (is_end || is_failure)
            return is_stopped;
        if (length >= 0 && !input_stop_is_tapped(length))
            continue;
        say("^C\n");
        output_flush();
        is_stopped = true;
        if (process_kill(pid, INTERRUPT_STATUS) < 0)
            return true;
    }
}

// An end that came before the hook may have been told to others already, so it is looked for first.
static bool end_watch(uint32_t pid, bool reads_input) {
    bool is_stopped = false;
    char path[COMPONENT_MAX];
    struct pipe_stat stat;
    snprintf(path, sizeof path, "/proc/%u/exit", pid);
    long event = pipe_open(path, RIGHT_READ);
    if (event < 0)
        return false;
    if (pipe_hook(event, KEY_EXIT, 0) == 0 && pipe_stat(event, &stat) == 0 && stat.in == 0)
        is_stopped = end_await(pid, reads_input);
    pipe_close(event);
    return is_stopped;
}

// The input is the shell's again. A Ctrl-C that the program has not taken out has done its work.
static void input_take_back(bool is_stopped) {
    input_take();
    input_watch(false);
    if (is_stopped)
        input_wait(DEADLINE_NOW);
}

// Runs a program with the shell's input and outputs: its status with EXIT_*, STATUS_INTERRUPTED if the user has ended
// it, or a negated error.
static long program_await(char **words, uint32_t kind, bool reads_input) {
    static const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    output_flush();
    bool is_lent = reads_input && input_lend(), is_stopped = false;
    long pid = process_spawn(words, handles, sizeof handles / sizeof *handles, kind);
    if (pid >= 0)
        is_stopped = end_watch((uint32_t)pid, reads_input);
    if (is_lent)
        input_take_back(is_stopped);
    long status = pid < 0 ? pid : process_wait((uint32_t)pid);
    return is_stopped && status >= 0 ? STATUS_INTERRUPTED : status;
}

// Says how a program ended that did not end well; what "$?" shall be.
static int status_say(const char *name, long status) {
    int low = (int)(status & STATUS_MASK);
    if (status & EXIT_FAULT)
        complain("%s: ended by exception %d\n", name, low);
    else if (status & EXIT_KILLED)
        complain("%s: killed with status %d\n", name, low);
    else if (low && low != STATUS_INTERRUPTED)
        complain("%s: status %d\n", name, low);
    return low || !(status & (EXIT_FAULT | EXIT_KILLED)) ? low : (int)STATUS_MASK;
}

long program_run(char **words) {
    long status = program_await(words, SPAWN_AS_PLAIN, true);
    return status < 0 ? status : status_say(words[0], status);
}

int run_command(int count, char **words) {
    if (count < 2)
        return fail_usage("PROGRAM", "missing");
    long status = program_run(words + 1);
    return status < 0 ? fail(words[1], status) : (int)status;
}

// A command of the shell runs in a shell of its own, which leaves the input to this one.
static long command_await(int count, char **words, enum kind kind) {
    char *arguments[WORDS_MAX + 3] = {"shell", "-c"};
    if (!command_is_known(count, words))
        return program_await(words, (uint32_t)kind, true);
    memcpy(arguments + 2, words, (size_t)(count + 1) * sizeof *words);
    input_watch(strcmp(words[0], "watch") == 0);
    return program_await(arguments, (uint32_t)kind, false);
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
    return status & (EXIT_FAULT | EXIT_KILLED) ? status_say(words[2], status) : (int)(status & STATUS_MASK);
}

int kill_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 2, "PID", false};
    struct options options;
    uint64_t pid, status = KILL_STATUS;
    if (!options_parse(count, words, &plan, &options) || !number_parse(options.operands[0], "PID", 1, UINT32_MAX, &pid))
        return STATUS_USAGE;
    if (options.operand_count > 1 && !number_parse(options.operands[1], "STATUS", 0, STATUS_MASK, &status))
        return STATUS_USAGE;
    long result = process_kill((uint32_t)pid, (uint32_t)status);
    return result < 0 ? fail(options.operands[0], result) : 0;
}
