// SPDX-License-Identifier: MIT
// The shell. `shell` reads lines from its input: at a prompt, if that is a terminal. `shell FILE [ARG...]` runs a
// script, `shell -s ARG...` its input, `shell -c TEXT` a text, `shell -c COMMAND ARG...` a command whose words are as
// they are; modes of `set` may stand before these. The other forms are how a shell starts shells: `--text TEXT [NAME
// [ARG...]]`, `--words COMMAND [ARG...]`, `--stage ...` (stage.c).
#include "background.h"
#include "commands.h"
#include "failure.h"
#include "file_path.h"
#include "input.h"
#include "output.h"
#include "program_path.h"
#include "pipe.h"
#include "process.h"
#include "prompt.h"
#include "run.h"
#include "shell.h"
#include "text.h"
#include "source.h"
#include "variable.h"

#include <string.h>

// What programs expect to know of a session, where nothing else was given.
static void environment_complete(void) {
    static const char *const variables[][2] = {{"HOME", "/"},
                                               {"PATH", "/boot/bin"},
                                               {"SHELL", PROGRAMS_DIRECTORY "shell"},
                                               {"TERM", "vt100"},
                                               {"USER", "operator"}};
    for (size_t index = 0; index < sizeof variables / sizeof *variables; index++) {
        const char *name = variables[index][0];
        if (variable_get(name, strlen(name)))
            continue;
        variable_set(name, strlen(name), variables[index][1]);
        variable_export(name, strlen(name));
    }
}

static int prompt_run(void) {
    input_edit();
    shell.is_interactive = true;
    environment_complete();
    process_ready();
    return lines_run();
}

// Commands from an input that is no terminal.
static int input_run(void) {
    static struct source source;
    struct buffer text = {0};
    long error = source_open(&source, "-");
    for (int byte; !error && (byte = source_byte(&source)) >= 0;)
        buffer_put(&text, (char)byte);
    source_close(&source);
    if (error || source.error)
        return fail("the standard input", error ? error : source.error);
    return text.is_short ? fail("the standard input", -PIPE_E2BIG) : text.length ? text_run(text.bytes, NULL, 1) : 0;
}

static int words_take(int count, char **words) {
    return shell_parameters_set(count, words) ? 0 : fail("$@", -PIPE_ENOMEM);
}

static int text_mode(int count, char **words) {
    if (count > 1)
        shell.name = words[1];
    int status = words_take(count > 2 ? count - 2 : 0, words + 2);
    return status ? status : text_run(words[0], NULL, 1);
}

static int script_mode(int count, char **words) {
    shell.name = words[0];
    int status = words_take(count - 1, words + 1);
    return status ? status : script_run(words[0]);
}

static int mode_run(int count, char **words) {
    if (count == 0)
        return input_is_terminal() ? prompt_run() : input_run();
    if (modes_are(words[0])) {
        char *set[] = {"set", words[0], NULL};
        set_command(2, set);
        return mode_run(count - 1, words + 1);
    }
    if (words[0][0] != '-')
        return script_mode(count, words);
    if (strcmp(words[0], "-s") == 0) {
        int status = words_take(count - 1, words + 1);
        return status ? status : mode_run(0, NULL);
    }
    if (strcmp(words[0], "-c") == 0 && count == 2)
        return text_mode(1, words + 1);
    if (strcmp(words[0], "-c") == 0 && count > 2)
        return command_run(count - 1, words + 1);
    if (strcmp(words[0], "--words") == 0 && count > 1)
        return command_run(count - 1, words + 1);
    if (strcmp(words[0], "--text") == 0 && count > 1)
        return text_mode(count - 1, words + 1);
    if (strcmp(words[0], "--stage") == 0)
        return stage_run(count - 1, words + 1);
    return fail_usage(words[0], "the shell takes FILE [ARG...], -c TEXT, -c COMMAND ARG..., or nothing");
}

// Programs of the manifest: the shell of a session, and the one that programs get, which may do no more than they.
static char usual[] = "shell", restricted[] = "sh";

int main(int count, char **words) {
    static const struct run_host host = {command_run, command_is_known, background_start};
    run_host = &host;
    job_keep = background_keep;
    streams_wait = input_wait;
    streams_begin();
    shell.pid = process_id();
    shell.name = (char *)path_last(words[0]);
    shell.program = strcmp(shell.name, restricted) == 0 ? restricted : usual;
    if (count < 2 || strcmp(words[1], "--stage") != 0) // which gets the value of another shell
        variable_set("IFS", 3, " \t\n");
    int status = mode_run(count - 1, words + 1);
    output_flush();
    return status;
}
