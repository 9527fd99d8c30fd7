// SPDX-License-Identifier: MIT
// Tools: rows of the table in commands.c.
#ifndef SHELL_TOOL_COMMANDS_H
#define SHELL_TOOL_COMMANDS_H

#include "commands.h"

// claims_command.c, why_command.c
command_function claims_command, why_command;

#endif
