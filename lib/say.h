// SPDX-License-Identifier: MIT
// What a command prints: its output and its errors. The program that links failure.c or options.c defines these: the
// shell over its own streams (apps/shell/output.c), a tool over stdio (apps/tools/say.c).
#ifndef LIB_SAY_H
#define LIB_SAY_H

#include <stdbool.h>
#include <stddef.h>

// Both take at most SAY_MAX bytes at once; what is longer is cut.
#define SAY_MAX 1536u
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Any bytes, of any number, as they are.
void say_bytes(const char *bytes, size_t length);

// Any bytes, in say.c: characters of UTF-8 that can be seen as they are, a backslash doubled, all others as \xNN.
void say_escaped(const void *bytes, size_t length);
// Whether all bytes are of characters that can be seen, of tabs or of line ends.
bool bytes_are_text(const void *bytes, size_t length);

// A text from a column on, in lines that a screen has room for; `taken` columns of the first one are written.
void say_folded(const char *text, unsigned column, unsigned taken);
#define HELP_INDENT 2u // of the sentences that follow a usage

#endif
