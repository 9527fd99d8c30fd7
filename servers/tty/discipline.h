// SPDX-License-Identifier: MIT
// The line discipline: what is typed becomes what programs read, and what the screen shows of it. Pure: it knows no
// pipe. In line mode (TTY_LINES) it keeps the line that is being typed and edits it:
//
//   Backspace, Delete   erases a character, all bytes of its UTF-8
//   Ctrl-W, Ctrl-U      erases a word, the line
//   Return, Line feed   gives the line with a '\n'
//   Ctrl-D              gives what has been typed, or, where that is nothing, the end of the file
//   Ctrl-S, Ctrl-Q      stops and resumes the output, while TTY_SIGNALS is set
//
// A line that is longer than a message is given in parts as it is typed; what has been given is not edited any more.
#ifndef TTY_DISCIPLINE_H
#define TTY_DISCIPLINE_H

#include "protocol/tty.h"

#include <stdbool.h>
#include <stddef.h>

struct discipline {
    uint32_t flags; // TTY_*
    size_t length;
    uint8_t line[TTY_LINE_MAX]; // what was typed and not given yet
};

// Where results go. One byte taken calls `give` at most once, with up to TTY_LINE_MAX bytes.
struct discipline_host {
    void (*give)(const uint8_t *bytes, size_t length); // to who reads; length 0: the end of the file
    void (*echo)(const uint8_t *bytes, size_t length); // to the screen, as it is
    void (*signal)(enum tty_signal signal);            // what was typed and not read before is to be dropped
    void (*stop)(bool stops);                          // the output, or lets it go on
};

// Whether the byte is one that signals in this mode, so that it is to be taken even where there is no room for input.
bool discipline_signals(const struct discipline *discipline, uint8_t byte);
void discipline_take(struct discipline *discipline, const struct discipline_host *host, uint8_t byte);
// Changes the mode. What of a line was typed is given when the line mode ends.
void discipline_set_mode(struct discipline *discipline, const struct discipline_host *host, uint32_t flags);
// Rings the bell.
void discipline_refuse(const struct discipline_host *host);

#endif
