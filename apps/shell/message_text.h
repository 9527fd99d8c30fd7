// SPDX-License-Identifier: MIT
// Messages as people read them.
#ifndef SHELL_MESSAGE_TEXT_H
#define SHELL_MESSAGE_TEXT_H

#include "abi.h"

// Says what came: text as it is, but for unprintable bytes; the counts of an event; the change of a directory. No
// line's end.
void message_say(const struct message_received *head, const uint8_t *payload);
// When it came, if the message says so; else now.
uint64_t message_time(const struct message_received *head, const uint8_t *payload);
// Closes the handles that came with the message in the message page: nobody here has a use for them.
void handles_close(void);

#endif
