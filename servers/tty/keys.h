// SPDX-License-Identifier: MIT
// The keys of lines that nobody has read: if a reader comes that takes keys, it gets them as they were typed, those
// that edited the line among them. Pure.
#ifndef TTY_KEYS_H
#define TTY_KEYS_H

#include <stddef.h>
#include <stdint.h>

// A key that was typed in line mode.
void keys_add(uint8_t byte);
// A message of so many bytes was made of the keys since the one before; so many messages before it are unread.
void keys_given(size_t length, size_t unread);
// The keys of an unread message that has so many after it, whose bytes are these: how many, at most `room`. One of
// which a part was read, or whose keys were too many, counts as typed as it is.
size_t keys_of(size_t after, const uint8_t *bytes, size_t length, uint8_t *keys, size_t room);
// The keys of the line that is not given yet.
size_t keys_pending(uint8_t *keys, size_t room);
void keys_drop(void);

#endif
