// SPDX-License-Identifier: MIT
// A stream of bytes that is a call pipe: an open file, and whatever else wants to be read and written like one. A
// standard stream is either a queue, whose messages are its bytes, or a call pipe with this protocol: `stat` on the
// handle tells the flow. All holders of a stream share its position. A server adds operations of its own from
// STREAM_OPERATIONS_END on.
#ifndef PROTOCOL_STREAM_H
#define PROTOCOL_STREAM_H

#include <stdint.h>

enum stream_operation {
    // struct stream_request; lease 0, writable: bytes from the position on -> struct stream_moved: their count, which
    // is less than the lease's length only at the end or where a terminal's line ends; 0 at the end. The position
    // moves. EBADF (not open for reading), EISDIR.
    STREAM_READ,
    // struct stream_request; lease 0 -> struct stream_moved: how many bytes were written, less than the lease's length
    // if the space ran out under them. The position moves. EBADF (not open for writing), ENOSPC, EFBIG, EPIPE (nobody
    // reads what is written here).
    STREAM_WRITE,
    // struct stream_request with an offset and enum stream_from -> struct stream_moved: the new position, which may
    // lie after the end. ESPIPE (it has no position), EINVAL.
    STREAM_SEEK,
    STREAM_STAT, // struct stream_request -> struct stream_stat
    STREAM_OPERATIONS,
    STREAM_OPERATIONS_END = 16
};

enum stream_from { STREAM_FROM_START, STREAM_FROM_POSITION, STREAM_FROM_END };

// Flags of STREAM_READ and STREAM_WRITE.
#define STREAM_AT 1u // at `offset`; the position is neither used nor moved. ESPIPE.

struct stream_request {
    uint32_t operation;
    uint32_t flags; // STREAM_SEEK: enum stream_from
    int64_t offset;
};

struct stream_moved {
    uint64_t count; // bytes that were moved; of STREAM_SEEK: the position
};

// The parts of a mode, with POSIX's values.
#define MODE_TYPE 0170000u
#define MODE_TERMINAL 0020000u // a character device
#define MODE_DIRECTORY 0040000u
#define MODE_FILE 0100000u
#define MODE_LINK 0120000u // symbolic
#define MODE_SET_OWNER 04000u
#define MODE_SET_GROUP 02000u
#define MODE_STICKY 01000u // a directory whose names only their owners, and its own, remove
#define MODE_PERMISSIONS 07777u

// What is known of a file, or of another stream: there only `mode` counts.
struct stream_stat {
    uint64_t inode;                      // no other file of the volume has it; 0: none
    uint64_t size;                       // bytes; of a directory: its names
    uint64_t space;                      // bytes of the volume that it takes
    int64_t accessed, modified, changed; // nanoseconds of the kernel's clock; those before its start are negative
    uint32_t mode, links;
    uint32_t owner, group;
    uint32_t volume; // the number of the volume's pipe; 0: none
    uint32_t unused;
};

_Static_assert(sizeof(struct stream_stat) == 72, "the struct has no padding");

#endif
