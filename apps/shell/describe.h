// SPDX-License-Identifier: MIT
// What pipes and processes look like in the shell's listings. Texts go to the room given, which is also returned.
#ifndef SHELL_DESCRIBE_H
#define SHELL_DESCRIBE_H

#include "abi.h"

#include <stddef.h>

#define OWNER_TEXT_MAX (PROGRAM_NAME_MAX + 16u) // "name/pid"
#define DEPTH_TEXT_MAX 44u                      // two numbers and a slash
#define TIME_TEXT_MAX 32u

// "kernel", "serial/5", or "-/5" of a process that is no more.
const char *owner_text(uint32_t pid, uint32_t generation, char *to);
// The same of whatever process has the pid now.
const char *process_text(uint32_t pid, char *to);
// The program's name alone: "kernel", "serial", "-".
const char *owner_name(uint32_t pid, uint32_t generation, char *to);
// As rules_format, but without classes that have no right, and with commas: one word. RULES_TEXT_MAX bytes.
const char *rules_brief(uint32_t rules, char *to);
// "3/16", or "3" where there is no capacity.
const char *depth_text(const struct pipe_stat *stat, char *to);
// Seconds with microseconds.
const char *time_text(uint64_t time, char *to);

// As pipe_stat_path, which needs the right to list the directory; without that, by a handle with whatever right there
// is.
long stat_get(const char *path, struct pipe_stat *stat);
// Takes the slash from the end of words that name directories of pipes: completion writes one.
void directories_trim(int count, char **words);

#endif
