// SPDX-License-Identifier: MIT
// Invariant: `bytes` holds the keys of each message that is remembered, oldest first, and then those of the line that
// is typed, `pending`.
#include "keys.h"

#include "typed.h"

#include <stdbool.h>
#include <string.h>

#define MESSAGES_MAX (2 * INPUT_CAPACITY)
#define BYTES_MAX 16384u

static struct {
    struct {
        size_t length, keys; // of the message, and how many keys made it
    } messages[MESSAGES_MAX];
    size_t count, length, pending;
    bool is_short; // the line's keys found no room
    uint8_t bytes[BYTES_MAX];
} log;

static void forget(size_t count) {
    size_t keys = 0;
    for (size_t index = 0; index < count; index++)
        keys += log.messages[index].keys;
    log.count -= count;
    log.length -= keys;
    memmove(log.messages, log.messages + count, log.count * sizeof *log.messages);
    memmove(log.bytes, log.bytes + keys, log.length);
}

void keys_drop(void) {
    log.count = log.length = log.pending = 0;
    log.is_short = false;
}

void keys_add(uint8_t byte) {
    log.is_short = log.is_short || log.length == BYTES_MAX;
    if (log.is_short)
        return;
    log.bytes[log.length++] = byte;
    log.pending++;
}

// A line whose keys found no room has none.
void keys_given(size_t length, size_t unread) {
    if (log.count > unread)
        forget(log.count - unread);
    if (log.count == MESSAGES_MAX)
        forget(1);
    if (log.is_short)
        log.length -= log.pending;
    log.messages[log.count].length = length;
    log.messages[log.count++].keys = log.is_short ? 0 : log.pending;
    log.pending = 0;
    log.is_short = false;
}

size_t keys_of(size_t after, const uint8_t *bytes, size_t length, uint8_t *keys, size_t room) {
    size_t offset = 0, index = log.count - 1 - after;
    bool is_whole = after < log.count && log.messages[index].length == length && log.messages[index].keys;
    for (size_t before = 0; is_whole && before < index; before++)
        offset += log.messages[before].keys;
    size_t count = is_whole ? log.messages[index].keys : length;
    if (count > room)
        return 0;
    memcpy(keys, is_whole ? log.bytes + offset : bytes, count);
    return count;
}

size_t keys_pending(uint8_t *keys, size_t room) {
    if (log.pending > room)
        return 0;
    memcpy(keys, log.bytes + log.length - log.pending, log.pending);
    return log.pending;
}
