// SPDX-License-Identifier: MIT
// What a shell does that carries bytes between a file and a queue, for a program whose stream was redirected.
#ifndef SHELL_CARRY_H
#define SHELL_CARRY_H

// From a file, beginning at a position, to the output. The process's status.
int carry_from(const char *path, const char *position);
// From the input to the end of a file.
int carry_to(const char *path);

#endif
