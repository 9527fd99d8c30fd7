// SPDX-License-Identifier: MIT
// The shell's commands: one table. A command is called with its words, the first being the last word of its name,
// and returns its status, 0 if all went well.
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>

typedef int command_function(int count, char **words);

struct command {
    const char *name;  // one word, or two: "pipe create"
    const char *usage; // what follows the name
    const char *help;  // one line
    const char *group; // under which help lists it
    command_function *function;
};

// Runs a command, or a program of the boot image. Its status, which "$?" also gives from then on. `words` has at least
// one.
int command_run(int count, char **words);
// Whether the words begin with the name of a command.
bool command_is_known(int count, char **words);
// Whether it is a tool (apps/tools), a program which tells of its errors itself.
bool tool_is_known(const char *name);
// The name of each command, by numbers from 0 on; NULL after the last.
const char *command_name(unsigned index);

// directory_command.c
command_function change_directory_command, print_directory_command;
// pipes_command.c
command_function pipes_command;
// pipe_commands.c
command_function pipe_create_command, pipe_remove_command, pipe_rules_command, pipe_stat_command;
// message_commands.c
command_function send_command, call_command, signal_command, receive_command;
// watch_command.c
command_function watch_command;
// program_commands.c
command_function run_command, as_command, kill_command;
// Runs a program of the boot image by its name, or a script by its path. Its status, or a negated error if it could not
// be started.
long program_run(char **words);
// Runs a shell with these words; it tells of its errors itself.
long shell_run(char **words);
// background.c
command_function jobs_command, foreground_command, background_command, wait_command;
// language_commands.c
command_function true_command, false_command, export_command, unset_command, set_command, shift_command, return_command,
    exit_command, read_command, break_command, continue_command, alias_command, unalias_command, local_command,
    source_command, eval_command, shell_command;
// Prints an alias as the command that makes it, after the context, a text.
void alias_say(void *context, const char *name, const char *value);
// Whether a word is the name of a variable; if not, that was reported.
bool variable_is_named(const char *word);
// Whether a word is of modes that `set` knows, as "-ex".
bool modes_are(const char *word);
// Runs a script in this shell: its status.
int script_run(const char *path);
// test_command.c
command_function test_command;
// system_commands.c
command_function processes_command, memory_command, interrupts_command, uptime_command, power_off_command,
    reboot_command;
// date_command.c
command_function date_command;

#endif
