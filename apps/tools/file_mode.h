// SPDX-License-Identifier: MIT
// Modes of files as text. Pure: no system call.
#ifndef SHELL_FILE_MODE_H
#define SHELL_FILE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#define MODE_TEXT_SIZE 11

// "drwxr-xr-t" and a terminator, as `ls -l` prints a mode. Returns `text`.
const char *mode_text(uint32_t mode, char *text);
// What `chmod` makes of a mode: an octal number, or POSIX's [ugoa...][+-=][rwxXst...],... False: it is neither.
bool mode_parse(const char *text, uint32_t before, uint32_t *mode);

#endif
