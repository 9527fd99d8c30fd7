// SPDX-License-Identifier: MIT
// Tools: rows of the table in commands.c.
#ifndef SHELL_TOOL_COMMANDS_H
#define SHELL_TOOL_COMMANDS_H

#include "commands.h"

// claims_command.c, why_command.c, sysinfo_command.c
command_function claims_command, why_command, system_information_command, name_command, clear_command;
// time_commands.c
command_function sleep_command, time_command;
// text_makers.c
command_function yes_command, sequence_command, printf_command;
// text_filters.c
command_function cut_command, translate_command, unique_command, tee_command;
// edit_command.c
command_function edit_command;
// word_commands.c
command_function gather_command, last_name_command, directory_name_command;
// pager_command.c
command_function pager_command;
// find_commands.c
command_function find_command, which_command, history_command, environment_command;
// `command -v`: the path of a program, the name of anything else that is a command; nothing of others.
command_function name_find_command;

#endif
