// SPDX-License-Identifier: MIT
// Tools: rows of the table in commands.c.
#ifndef SHELL_TOOL_COMMANDS_H
#define SHELL_TOOL_COMMANDS_H

#include "commands.h"

// claims_command.c, why_command.c, why_not_command.c, graph_command.c, sysinfo_command.c, log_commands.c
command_function claims_command, why_command, why_not_command, graph_command, log_command, denied_command,
    system_information_command, name_command, clear_command;
// time_commands.c
command_function sleep_command, time_command;
// edit_command.c
command_function edit_command;
// pager_command.c
command_function pager_command;
// find_commands.c
command_function which_command, history_command, environment_command;
// `command -v`: the path of a program, the name of anything else that is a command; nothing of others.
command_function name_find_command;

#endif
