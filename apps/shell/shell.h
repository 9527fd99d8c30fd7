// SPDX-License-Identifier: MIT
// What the shell remembers from one command to the next, and how it runs text.
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "expand.h"

#include <stdbool.h>
#include <stdint.h>

// What makes a command leave those around it.
enum leaving { LEAVING_NOTHING, LEAVING_LOOP, LEAVING_ROUND, LEAVING_TEXT, LEAVING_ALL };

struct shell {
    int status;          // $?
    int substituted;     // of the last $( ): the status of a command without a name
    uint32_t background; // $!, 0: none yet
    uint32_t pid;        // $$: that of the shell that a subshell belongs to
    bool is_interactive; // it has a terminal and a prompt
    long keys;           // of a shell that serves one which has a terminal: a handle of its input, or 0
    const char *name;    // $0
    char *program;       // as which it starts further shells: they may do what this one may
    const char *script;  // its name in messages, or NULL
    unsigned line;       // of the command that runs
    char **parameters;   // $1 and up; from malloc
    unsigned parameter_count;
    enum leaving leaving;
    unsigned leaving_loops;        // how many are left, for LEAVING_LOOP and LEAVING_ROUND
    unsigned loops;                // around the command
    struct kept_variable **locals; // of the function that runs, or NULL
    unsigned returnable;           // functions and scripts around it, which `return` leaves
    unsigned conditions;           // around it, so that set -e does not heed its status
    bool stops_on_error;           // set -e
    bool shows_commands;           // set -x
    bool needs_values;             // set -u
};

extern struct shell shell;

// Runs all commands of a text, of a script whose name messages give (or NULL); `line` is the first one's number. The
// status of the last one, or 0 if there is none.
int text_run(const char *text, const char *script, unsigned line);
// The same for a text that was part of another one, whose aliases have been replaced.
int text_run_parsed(const char *text, const char *script, unsigned line);

// What a word becomes, as one word: from malloc, or NULL: reported.
char *shell_word(const struct word *word);
// The value of an assignment, the same way.
char *shell_value(const struct word *word);
char *shell_pattern(const struct word *word);
// What a here-document becomes.
char *shell_document(const struct redirection *redirection);
// What words become; `assigns`: those that look like assignments are. False: reported.
bool shell_words(const struct word *words, bool assigns, struct fields *fields);
// $1 and up: copies of the words. ENOMEM.
bool shell_parameters_set(int count, char *const *words);
// Puts others back in their place.
void shell_parameters_restore(char **parameters, unsigned count);
// An error that ends a shell that is no person's (XCU 2.8.1).
void shell_leave(void);
// After what `return` leaves.
void shell_returned(void);
// "shell: script: line 3: ", or nothing in a text that is no script's.
const char *shell_where(unsigned line);
// A problem of the language: "shell: script: line 3: <problem> (EINVAL)". STATUS_USAGE.
int shell_problem(const char *what, const char *problem, unsigned line);

#endif
