// SPDX-License-Identifier: MIT
// What the shell remembers from one command to the next.
#ifndef SHELL_STATE_H
#define SHELL_STATE_H

#include <stdbool.h>
#include <stddef.h>
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
    const char *text;    // of the commands that run, up to ; or &
    size_t text_length;
    char **parameters; // $1 and up; from malloc
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

// An error that ends a shell that is no person's (XCU 2.8.1).
void shell_leave(void);
// After what `return` leaves.
void shell_returned(void);

#endif
