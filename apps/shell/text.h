// SPDX-License-Identifier: MIT
// Text into commands that run: of scripts, of lines as they are typed, of functions and of parts of other texts.
#ifndef SHELL_TEXT_H
#define SHELL_TEXT_H

// Runs all commands of a text, of a script whose name messages give (or NULL); `line` is the first one's number. The
// status of the last one, or 0 if there is none.
int text_run(const char *text, const char *script, unsigned line);
// The same for a text that was part of another one, whose aliases have been replaced.
int text_run_parsed(const char *text, const char *script, unsigned line);
// Runs a function with the words after its name as $1 and up, until it ends or `return`. $?.
int function_call(int count, char **words);
// In a shell that was started for a part of a text (stage.c): reads that and runs it. `words` are those after
// "--stage".
int stage_run(int count, char **words);

#endif
