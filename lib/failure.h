// SPDX-License-Identifier: MIT
// Errors, each on one line: "<command>: <what>: <sentence> (<ENAME>)".
#ifndef LIB_FAILURE_H
#define LIB_FAILURE_H

#define STATUS_FAILED 1       // the system refused
#define STATUS_USAGE 2        // the words make no sense
#define STATUS_NO_PROGRAM 126 // what was found can't be run
#define STATUS_NO_COMMAND 127
#define STATUS_INTERRUPTED 130 // by Ctrl-C
#define STATUS_NO_READER 141   // who was to read what was written has ended
#define STATUS_SUSPENDED 148   // by Ctrl-Z

#include <stdbool.h>

// The command that reports from now on, and what follows its name in its usage; NULL: the shell itself.
void fail_as(const char *name, const char *usage);
// Whether the command of that name reports and has failed.
bool fail_is_of(const char *name);
// What failed, with the negated error that the system gave: STATUS_FAILED.
int fail(const char *what, long error);
// The same, where the error's own sentence would not tell enough.
int fail_saying(const char *what, const char *sentence, long error);
// A word that is not what the command takes: the sentence says what it takes, and the usage follows. STATUS_USAGE.
int fail_usage(const char *what, const char *sentence);

#endif
