// SPDX-License-Identifier: MIT
// An ordinary C program of several files, which knows nothing of Sluice: each file checks a part of the C library, one
// line "ok WHAT" or "not ok WHAT" a check. The host's library must give the same lines.
#ifndef LIBTEST_LIBTEST_H
#define LIBTEST_LIBTEST_H

#include <stdbool.h>

#define FOLDER "/tmp/libtest"

void check(bool holds, const char *what);

void check_streams(void);             // stdio of files
void check_text(void);                // stdio of text in memory
void check_strings(void);             // string.h, stdlib.h, ctype.h, regex.h
void check_memory(void);              // malloc and its like
void check_mathematics(void);         // math.h
void check_times(void);               // time.h
void check_signals(void);             // signal.h, setjmp.h
void check_directories(void);         // dirent.h, glob.h, unistd.h
void check_devices(void);             // /dev/null and its like
void check_program(const char *path); // the program's own file
void check_descriptors(void);         // dup, pipe, popen, poll.h

#endif
