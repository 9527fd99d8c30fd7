// SPDX-License-Identifier: MIT
// Messages as people read them.
#ifndef SHELL_MESSAGE_TEXT_H
#define SHELL_MESSAGE_TEXT_H

#include "abi.h"

#include <stddef.h>
#include <stdint.h>

// Says a payload in lines: text as one line, its line ends and tabs escaped; other bytes as rows of `hexdump`.
void payload_say(const uint8_t *payload, size_t length);
// Says what came in lines: its payload, the counts of an event, or the change of a directory.
void message_lines_say(const struct message_received *head, const uint8_t *payload);
// The same in a part of one line, without its end: unprintable bytes are escaped.
void message_say(const struct message_received *head, const uint8_t *payload);
// When it came, if the message says so; else now.
uint64_t message_time(const struct message_received *head, const uint8_t *payload);
// Closes the handles that came with the message in the message page: nobody here has a use for them.
void handles_close(void);

#endif
