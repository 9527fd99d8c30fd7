// SPDX-License-Identifier: MIT
// `echo`, for those who start programs: in the shell it is a command of its own.
#include "tool.h"

#include <string.h>

int echo_command(int count, char **words) {
    int first = count > 1 && strcmp(words[1], "-n") == 0 ? 2 : 1;
    for (int index = first; index < count; index++) {
        if (index > first)
            say(" ");
        say_bytes(words[index], strlen(words[index]));
    }
    if (first == 1)
        say("\n");
    return 0;
}
