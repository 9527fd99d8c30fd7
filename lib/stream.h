// SPDX-License-Identifier: MIT
// Streams of bytes by their handles: queues, whose messages are the bytes, and call pipes that speak protocol/stream.h.
#ifndef LIB_STREAM_H
#define LIB_STREAM_H

#include "protocol/stream.h"

#include <stddef.h>
#include <stdint.h>

// ---- Queues ----

// Makes a transient queue, /app/<pid>/pipe-<n>, and gives a handle of each of its ends alone: once the last handle of
// the writer is closed the reader finds the end, and once that of the reader is, a writer gets EPIPE. A capacity of 0
// is the default. 0 or a negated error.
long queue_pair(long *reader, long *writer, uint32_t capacity);
// A queue that has no writer: the input of a program that has none. A handle that stays open, or a negated error.
long queue_ended(void);
// Up to `length` bytes of the next message, whose rest stays for the queue's next reader; 0 at the end. Only for a
// thread that hooks nothing else meanwhile. With DEADLINE_NOW: EAGAIN where there is nothing.
long queue_read(long queue, void *bytes, size_t length, uint64_t deadline);
// All bytes, in messages of up to `message_max`: the length, or a negated error. EPIPE: nobody reads any more.
long queue_write(long queue, const void *bytes, size_t length, size_t message_max);
// The longest message of a queue, or a negated error.
long queue_message_max(long queue);

// ---- Call pipes ----

// How many bytes were moved, less than `length` as protocol/stream.h says; or a negated error.
long stream_read(long stream, void *bytes, size_t length);
long stream_write(long stream, const void *bytes, size_t length);
// The new position.
long stream_seek(long stream, int64_t offset, enum stream_from from);
long stream_stat(long stream, struct stream_stat *stat);

#endif
