// SPDX-License-Identifier: MIT
// `edit`: the program of that name, which `help` lists with the commands.
#include "failure.h"
#include "tool_commands.h"

int edit_command(int count, char **words) {
    (void)count;
    long status = program_run(words);
    return status < 0 ? fail("the program", status) : (int)status;
}
