// SPDX-License-Identifier: MIT
// Commands that deal with files: rows of the table in commands.c.
#ifndef SHELL_FILE_COMMANDS_H
#define SHELL_FILE_COMMANDS_H

#include "commands.h"

// list_command.c
command_function list_files_command, usage_command;
// file_commands.c
command_function copy_command, move_command, remove_command, make_directory_command, remove_directory_command,
    touch_command, change_directory_command, print_directory_command, space_command;
// text_commands.c
command_function print_file_command, count_command, head_command, tail_command, sort_command, dump_command;
// search_command.c, compare_command.c
command_function search_command, compare_command;

#endif
