// SPDX-License-Identifier: MIT
// The shell: reads lines from the serial input and runs them; `shell -c COMMAND [ARG...]` runs one command and ends
// with its status, and leaves the input alone.
#include "commands.h"
#include "failure.h"
#include "input.h"
#include "line.h"
#include "output.h"
#include "process.h"

#include <string.h>

#define PROMPT "sluice> "

static int lines_run(void) {
    long error = input_take();
    if (error)
        return fail("the standard input", error);
    process_ready();
    const char *line;
    while ((line = line_read(PROMPT)))
        line_run(line);
    return last_status();
}

int main(int count, char **words) {
    int status;
    if (count > 2 && strcmp(words[1], "-c") == 0)
        status = command_run(count - 2, words + 2);
    else if (count > 1)
        status = fail_usage(words[1], "the shell takes -c COMMAND [ARG...] or nothing");
    else
        status = lines_run();
    output_flush();
    return status;
}
