// SPDX-License-Identifier: MIT
#include "commands.h"

#include "error.h"
#include "failure.h"
#include "function.h"
#include "options.h"
#include "output.h"
#include "pipe.h"
#include "process.h"
#include "run.h"
#include "shell.h"
#include "text.h"
#include "tool_commands.h"

#include <stdlib.h>
#include <string.h>

static command_function help_command, echo_command, command_command, plain_command_run;

#define PIPES_GROUP "Pipes"
#define MESSAGES_GROUP "Messages"
#define PROGRAMS_GROUP "Programs"
#define FILES_GROUP "Files"
#define TEXT_GROUP "Text"
#define SYSTEM_GROUP "System"
#define SHELL_GROUP "Shell"
#define JOBS_GROUP "Jobs"
#define LANGUAGE_GROUP "The shell's language"

static const struct command commands[] = {
    {"pipes", "[-l|-j|--tree] [-r] [-w [-n COUNT]] [PATH]", "list pipes: long, as JSON, all, live", PIPES_GROUP,
     pipes_command},
    {"pipe create", "PATH FLOW [-r RULES] [-c CAPACITY] [-p BYTES]", "make a pipe that is this shell's", PIPES_GROUP,
     pipe_create_command},
    {"pipe rm", "PATH", "remove a pipe or an empty directory", PIPES_GROUP, pipe_remove_command},
    {"pipe rules", "PATH RULES", "set who may do what: owner=rwtm,app=w", PIPES_GROUP, pipe_rules_command},
    {"pipe stat", "PATH", "show all that is known of a pipe", PIPES_GROUP, pipe_stat_command},
    {"send", "[-w] PATH TEXT", "send text; -w waits for room for ever", MESSAGES_GROUP, send_command},
    {"recv", "PATH [-n N] [-t SECONDS]", "take N messages out and print them", MESSAGES_GROUP, receive_command},
    {"call", "PATH TEXT", "call with text and print the reply", MESSAGES_GROUP, call_command},
    {"signal", "PATH", "signal an event", MESSAGES_GROUP, signal_command},
    {"watch", "PATH...", "show what passes, until Ctrl-C or q", MESSAGES_GROUP, watch_command},
    {"run", "PROGRAM [ARG...]", "run a program of the boot image", PROGRAMS_GROUP, run_command},
    {"as", "KIND COMMAND [ARG...]", "run a command as an app, driver or server", PROGRAMS_GROUP, as_command},
    {"kill", "[-s STATUS] PID|%JOB...", "end processes, or jobs", PROGRAMS_GROUP, kill_command},
    {"time", "COMMAND [ARG...]", "run a command and tell how long it took", PROGRAMS_GROUP, time_command},
    {"sleep", "SECONDS", "wait", PROGRAMS_GROUP, sleep_command},
    {"which", "NAME...", "tell what a command is", PROGRAMS_GROUP, which_command},
    {"type", "NAME...", "the same", PROGRAMS_GROUP, which_command},
    {"jobs", "", "list what runs in the background", JOBS_GROUP, jobs_command},
    {"fg", "[%JOB]", "let a job go on, with the terminal, and wait for it", JOBS_GROUP, foreground_command},
    {"bg", "[%JOB]", "let a job that Ctrl-Z has stopped go on", JOBS_GROUP, background_command},
    {"wait", "[%JOB|PID...]", "wait until all jobs, or these, have ended", JOBS_GROUP, wait_command},
    {"cd", "[DIRECTORY|-]", "go to a directory; - is the one before", FILES_GROUP, change_directory_command},
    {"pwd", "", "print where you are", FILES_GROUP, print_directory_command},
    {"edit", "FILE", "change a text file on the whole screen", FILES_GROUP, edit_command},
    {"less", "[FILE...]", "show files a screen at a time: space, b, /TEXT, q", TEXT_GROUP, pager_command},
    {"ps", "", "list the processes", SYSTEM_GROUP, processes_command},
    {"caps", "PID|NAME", "show what a process may do", SYSTEM_GROUP, claims_command},
    {"why", "[PID|PIPE]", "explain what is waited for, or all waits of a second", SYSTEM_GROUP, why_command},
    {"graph", "[--dot|--json] [--declared|--used]", "show who talks to whom, by open pipes, or by claims", SYSTEM_GROUP,
     graph_command},
    {"why-not", "PID PATH RIGHTS|create", "tell which claim or rule lets a process do that, or does not", SYSTEM_GROUP,
     why_not_command},
    {"mem", "", "show where the memory is", SYSTEM_GROUP, memory_command},
    {"irq", "", "list the interrupt lines", SYSTEM_GROUP, interrupts_command},
    {"log", "", "print the kernel's log", SYSTEM_GROUP, log_command},
    {"denied", "[-w]", "list who was refused what, the newest first; -w: and go on", SYSTEM_GROUP, denied_command},
    {"date", "[-s TIME] [+FORMAT]", "show or set the time of day, in UTC", SYSTEM_GROUP, date_command},
    {"uptime", "", "show the time since boot", SYSTEM_GROUP, uptime_command},
    {"sysinfo", "", "show the machine and the system", SYSTEM_GROUP, system_information_command},
    {"uname", "[-a]", "show the system's name; -a: version and machine, too", SYSTEM_GROUP, name_command},
    {"poweroff", "", "switch the machine off", SYSTEM_GROUP, power_off_command},
    {"reboot", "", "start the machine again", SYSTEM_GROUP, reboot_command},
    {"help", "[COMMAND...]", "list the commands, or explain some", SHELL_GROUP, help_command},
    {"man", "[COMMAND...]", "the same", SHELL_GROUP, help_command},
    {"echo", "[-n] [TEXT]", "print text, -n without an end; $? is the last command's status", SHELL_GROUP,
     echo_command},
    {"env", "", "show what programs get as their environment", SHELL_GROUP, environment_command},
    {"history", "[-c] [-s LINE] [N]", "show the last lines, or forget them, or add one", SHELL_GROUP, history_command},
    {"clear", "", "clear the screen", SHELL_GROUP, clear_command},
    {"exit", "[STATUS]", "end this shell", SHELL_GROUP, exit_command},
    {"sh", "[-eux] [-c TEXT] [FILE] [ARG...]", "run a script, or commands, in a shell of its own", LANGUAGE_GROUP,
     shell_command},
    {".", "FILE", "run a script in this shell", LANGUAGE_GROUP, source_command},
    {"eval", "TEXT", "run text as commands", LANGUAGE_GROUP, eval_command},
    {"true", "", "do nothing, well", LANGUAGE_GROUP, true_command},
    {":", "", "do nothing, well", LANGUAGE_GROUP, true_command},
    {"false", "", "do nothing, with status 1", LANGUAGE_GROUP, false_command},
    {"test", "[!] [-defprswxnz] A [=|!=|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot B]", "compare, or look for a name",
     LANGUAGE_GROUP, test_command},
    {"[", "[!] [-defprswxnz] A [=|!=|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot B] ]", "the same", LANGUAGE_GROUP, test_command},
    {"set", "[-eux] [--] [ARG...]", "show variables; set $1 and up; stop on errors, on what is not set; show commands",
     LANGUAGE_GROUP, set_command},
    {"unset", "[-f|-v] NAME...", "forget functions, or variables", LANGUAGE_GROUP, unset_command},
    {"alias", "[NAME[=COMMAND]...]", "make words for parts of commands; show them", LANGUAGE_GROUP, alias_command},
    {"unalias", "-a|NAME...", "forget aliases: all of them", LANGUAGE_GROUP, unalias_command},
    {"export", "[NAME[=VALUE]...]", "give variables to programs", LANGUAGE_GROUP, export_command},
    {"local", "NAME[=VALUE]...", "give a function variables of its own", LANGUAGE_GROUP, local_command},
    {"read", "[-r] NAME...", "read a line into variables", LANGUAGE_GROUP, read_command},
    {"command", "[-v|-V] COMMAND [ARG...]", "run a command, not the function of its name; or tell what it is",
     LANGUAGE_GROUP, command_command},
    {"return", "[STATUS]", "leave a function, or a script that . runs", LANGUAGE_GROUP, return_command},
    {"shift", "[N]", "drop $1, or N of them", LANGUAGE_GROUP, shift_command},
    {"break", "[N]", "leave a loop, or N of them", LANGUAGE_GROUP, break_command},
    {"continue", "[N]", "go on with a loop's next round", LANGUAGE_GROUP, continue_command},
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

// The tools, which are programs: for help only.
static const struct command tools[] = {
#define TOOL(name, usage, help, group, function) {name, usage, help, group, NULL},
#include "../tools/tools.def"
#undef TOOL
};

#define TOOL_COUNT (sizeof tools / sizeof *tools)

// ---- Finding ----

// How many words the command's name has, if the words begin with it; else 0.
static int name_words(const struct command *command, int count, char **words) {
    size_t length = strcspn(command->name, " ");
    if (strlen(words[0]) != length || strncmp(command->name, words[0], length) != 0)
        return 0;
    if (!command->name[length])
        return 1;
    return count > 1 && strcmp(command->name + length + 1, words[1]) == 0 ? 2 : 0;
}

static const struct command *command_find(int count, char **words, int *name_length) {
    for (const struct command *command = commands; command < commands + COMMAND_COUNT; command++) {
        *name_length = name_words(command, count, words);
        if (*name_length)
            return command;
    }
    return NULL;
}

const char *command_name(unsigned index) {
    return index < COMMAND_COUNT ? commands[index].name : NULL;
}

// The command whose whole name this is, or NULL.
static const struct command *command_of(const char *name) {
    for (const struct command *command = commands; command < commands + COMMAND_COUNT; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static const struct command *tool_of(const char *name) {
    for (const struct command *tool = tools; tool < tools + TOOL_COUNT; tool++)
        if (strcmp(tool->name, name) == 0)
            return tool;
    return NULL;
}

bool tool_is_known(const char *name) {
    return tool_of(name);
}

// Whether it is the first word of a name of two: then `command` is one of those.
static bool is_family(const char *word, const struct command **command) {
    size_t length = strlen(word);
    for (*command = commands; *command < commands + COMMAND_COUNT; ++*command)
        if (strncmp((*command)->name, word, length) == 0 && (*command)->name[length] == ' ')
            return true;
    return false;
}

bool command_is_known(int count, char **words) {
    int name_length;
    const struct command *member;
    return command_find(count, words, &name_length) || is_family(words[0], &member);
}

// ---- Help ----

#define HELP_COLUMN 34u // of the explanations in the list

static void usage_say(const struct command *command) {
    say("usage: %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
    say_folded(command->help, HELP_INDENT, 0);
}

static void family_say(const char *word) {
    size_t length = strlen(word);
    for (const struct command *command = commands; command < commands + COMMAND_COUNT; command++)
        if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
            usage_say(command);
}

static void row_say(const struct command *command) {
    unsigned width = HELP_INDENT + (unsigned)(strlen(command->name) + strlen(command->usage)) + 1;
    bool is_alone = width >= HELP_COLUMN;
    say("%*s%s %s%s", (int)HELP_INDENT, "", command->name, command->usage, is_alone ? "\n" : "");
    say_folded(command->help, HELP_COLUMN, is_alone ? 0 : width);
}

// The shell's own commands of a group, in a row from `command` on, then the tools of it. What follows them.
static const struct command *group_say(const struct command *command) {
    const char *group = command->group;
    say("%s\n", group);
    for (; command < commands + COMMAND_COUNT && strcmp(group, command->group) == 0; command++)
        row_say(command);
    for (const struct command *tool = tools; tool < tools + TOOL_COUNT; tool++)
        if (strcmp(group, tool->group) == 0 && !command_of(tool->name))
            row_say(tool);
    return command;
}

static void help_all(void) {
    for (const struct command *command = commands; command < commands + COMMAND_COUNT;)
        command = group_say(command);
    say("Any other word runs the program of that name.\n");
}

// What the words begin with: a command of one word, or of two. The number of its words, 0: reported.
static int help_one(int count, char **words) {
    int name_length;
    const struct command *command = command_find(count, words, &name_length);
    if (!command)
        command = tool_of(words[0]);
    if (command)
        usage_say(command);
    else if (is_family(words[0], &command))
        family_say(words[0]);
    else
        return fail(words[0], PIPE_ENOENT), 0;
    return name_length ? name_length : 1;
}

static int help_command(int count, char **words) {
    int status = 0;
    if (count == 1)
        help_all();
    for (int index = 1, taken; index < count; index += taken ? taken : 1) {
        taken = help_one(count - index, words + index);
        status = taken ? status : STATUS_FAILED;
    }
    return status;
}

// ---- The shell's own ----

static int echo_command(int count, char **words) {
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

// A command, though there be a function of its name; or what one would be.
static int command_command(int count, char **words) {
    bool is_option = count > 1 && words[1][0] == '-' && words[1][1];
    if (count == 1)
        return fail_usage("COMMAND", "missing");
    if (!is_option)
        return plain_command_run(count - 1, words + 1);
    if (strcmp(words[1], "-v") == 0)
        return name_find_command(count - 1, words + 1);
    return strcmp(words[1], "-V") == 0 ? which_command(count - 1, words + 1) : fail_usage(words[1], "no such option");
}

// ---- Running ----

static bool asks_for_help(const char *word) {
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

static int family_run(const char *word, const char *next) {
    if (next && asks_for_help(next)) {
        family_say(word);
        return 0;
    }
    complain("%s: %s: %s (%s)\n", word, next ? next : "COMMAND", next ? "no such command" : "missing",
             error_name(next ? PIPE_ENOENT : PIPE_EINVAL));
    complain("usage: %s COMMAND; `%s -h` lists them\n", word, word);
    return next ? STATUS_NO_COMMAND : STATUS_USAGE;
}

static int other_run(char **words) {
    const struct command *member;
    if (is_family(words[0], &member))
        return family_run(words[0], words[1]);
    fail_as(NULL, NULL);
    long status = program_run(words);
    return status < 0 ? command_lacks(words[0], status) : (int)status;
}

int command_run(int count, char **words) {
    if (function_is_known(words[0]))
        return shell.status = function_call(count, words);
    plain_command_run(count, words);
    if (command_is_special(words[0]) && fail_is_of(words[0])) {
        shell.status = STATUS_USAGE;
        shell_leave();
    }
    return shell.status;
}

static int plain_command_run(int count, char **words) {
    int name_length;
    const struct command *command = command_find(count, words, &name_length);
    if (!command) {
        shell.status = other_run(words);
    } else if (count > name_length && asks_for_help(words[name_length])) {
        usage_say(command);
        shell.status = 0;
    } else {
        fail_as(command->name, command->usage);
        shell.status = command->function(count - name_length + 1, words + name_length - 1);
    }
    output_flush();
    return shell.status;
}
