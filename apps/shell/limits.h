// SPDX-License-Identifier: MIT
// How long a line typed at the prompt and a command's words may be.
#ifndef SHELL_LIMITS_H
#define SHELL_LIMITS_H

#define LINE_LENGTH_MAX 16383u // bytes that a line may have
#define WORDS_MAX 1000u        // of one command

#endif
