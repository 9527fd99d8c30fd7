// SPDX-License-Identifier: MIT
// Paths that no file has, because they are names of pipes.
#ifndef LIB_ABSENT_H
#define LIB_ABSENT_H

// The sentence for a path that no file has. If a pipe has it, the sentence names the command that shows the pipe; else
// it is that of ENOENT. The text is valid until the next call.
const char *absent_sentence(const char *path);

#endif
