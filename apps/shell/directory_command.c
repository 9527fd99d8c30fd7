// SPDX-License-Identifier: MIT
// `cd` and `pwd`.
#include "commands.h"
#include "failure.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "variable.h"

#include <stdio.h>
#include <string.h>

int change_directory_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 1, "DIRECTORY", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    static char before[FILE_PATH_MAX + 1] = "/";
    char here[FILE_PATH_MAX + 1];
    const char *home = variable_get("HOME", 4), *path = options.operand_count ? options.operands[0] : home ? home : "/";
    bool goes_back = strcmp(path, "-") == 0;
    snprintf(here, sizeof here, "%s", file_directory());
    long error = file_change_directory(goes_back ? before : path);
    if (error)
        return fail(path, error);
    strcpy(before, here);
    variable_set("OLDPWD", 6, before);
    return goes_back ? print_directory_command(1, words) : 0;
}

int print_directory_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 0, "", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    const char *directory = file_directory();
    say_bytes(directory, strlen(directory));
    say("\n");
    return 0;
}
