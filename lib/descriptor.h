// SPDX-License-Identifier: MIT
// A program's descriptors: small integers for open things, which several descriptors may share (dup).
#ifndef LIB_DESCRIPTOR_H
#define LIB_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESCRIPTORS_MAX 64

enum opened_kind {
    OPENED_QUEUE,  // messages are bytes
    OPENED_TOPIC,  // takes bytes for whoever listens
    OPENED_STREAM, // a call pipe (protocol/stream.h)
    OPENED_FILE,   // of the file server
    OPENED_DEVICE  // a device file (device.h): its handle is an enum device
};

// What poll has taken of a queue, to see that there is something.
enum taken { TAKEN_NOTHING, TAKEN_BYTE, TAKEN_END };

struct opened {
    long handle;
    unsigned references; // 0: it is free
    enum opened_kind kind;
    int flags;          // O_...
    size_t message_max; // of a queue or topic
    enum taken taken;
    uint8_t byte;
};

// What a descriptor leads to, or NULL: it is free. 0, 1 and 2 begin as the program's standard handles.
struct opened *opened_of(int descriptor);
// The lowest free descriptor from `least` on for something new: it, or -EMFILE.
long descriptor_new(int least, long handle, enum opened_kind kind, int flags);
// Makes a descriptor lead to what another one does; it must be free.
long descriptor_share(int descriptor, struct opened *opened);
// The lowest free descriptor from `least` on, or -EMFILE.
long descriptor_free(int least);
// Closes it, and with its last descriptor what it leads to.
long descriptor_close(int descriptor);
// As read and write: a count, or a negated error. Where nobody reads what is written SIGPIPE is raised first.
long opened_read(struct opened *opened, void *bytes, size_t length);
long opened_write(struct opened *opened, const void *bytes, size_t length);

#endif
