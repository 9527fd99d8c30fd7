// SPDX-License-Identifier: MIT
// /svc/vfs: one tree of files. /boot is the boot image, read only; all else is a file system in memory, empty at boot
// but for /tmp. A file that is opened is a session: a number that its client alone may use, with a position; it ends
// with its client, or with the server: for a successor it is none (EBADF).
#ifndef PROTOCOL_FILE_H
#define PROTOCOL_FILE_H

#include "abi.h"

#define FILE_PIPE "/svc/vfs"

// A path is absolute: "/", or names parted by single slashes, none of them "." or "..". A name has any bytes but zero
// and slash.
#define FILE_NAME_MAX 255u
#define FILE_PATH_MAX 1023u

enum file_operation {
    // struct file_name_request with OPEN_* and a path -> struct file_opened. EINVAL (neither reading nor writing),
    // EEXIST, EISDIR (a directory is opened for reading alone), EMFILE (sessions of one client), ENFILE, ENOSPC, EROFS,
    // ENAMETOOLONG.
    FILE_OPEN,
    // struct file_request. EBADF, as from all that name a session: it is none of the caller's, or lacks the access.
    FILE_CLOSE,
    // struct file_request, lend 0, writable: the bytes from the position on -> struct file_position: their count, 0 at
    // the end; the position moves. EISDIR.
    FILE_READ,
    // struct file_request, lend 0: -> struct file_position: how many bytes were written, less than were lent when the
    // space ran out under them; the position moves. ENOSPC, EFBIG.
    FILE_WRITE,
    // struct file_request with an offset and SEEK_FROM_* -> struct file_position: the new position, which may lie
    // behind the end. EINVAL.
    FILE_SEEK,
    // struct file_request: the file gets the size of `offset`; what is new reads as zeroes. EFBIG.
    FILE_RESIZE,
    FILE_STAT_OPEN, // struct file_request -> struct file_stat
    FILE_STAT,      // struct file_name_request, path -> struct file_stat
    // struct file_name_request, path of a directory, then a name: entries behind that name (of length 0: from the
    // first) in order of bytes, struct file_entry each; none at the end.
    FILE_LIST,
    FILE_MAKE_DIRECTORY, // struct file_name_request, path. EEXIST, ENOSPC.
    FILE_REMOVE,         // struct file_name_request, path of a file. Its sessions go on. EISDIR.
    // struct file_name_request, path of an empty directory. ENOTEMPTY, ENOTDIR, EBUSY (the root).
    FILE_REMOVE_DIRECTORY,
    // struct file_name_request, path, new path: a file takes the place of a file there, a directory that of an empty
    // one. EISDIR, ENOTDIR, ENOTEMPTY, EINVAL (into itself).
    FILE_RENAME,
    FILE_SPACE, // struct file_request -> struct file_space
    FILE_OPERATIONS
};

// How a file is opened.
#define OPEN_READ 1u
#define OPEN_WRITE 2u
#define OPEN_CREATE 4u    // makes the file if there is none
#define OPEN_NEW 8u       // with OPEN_CREATE: EEXIST if there is one
#define OPEN_TRUNCATE 16u // with OPEN_WRITE: makes it empty
#define OPEN_APPEND 32u   // every write goes to the end
#define OPEN_ALL 63u

// A request with one or two names, whose bytes follow one behind the other, without terminators.
struct file_name_request {
    uint32_t operation, flags;
    uint32_t length, second_length;
};

enum file_seek { SEEK_FROM_START, SEEK_FROM_POSITION, SEEK_FROM_END };

struct file_request {
    uint32_t operation, file;
    uint32_t from, unused; // FILE_SEEK: enum file_seek
    int64_t offset;
};

struct file_opened {
    uint32_t file, type; // enum file_type
};

struct file_position {
    uint64_t position;
};

enum file_type { FILE_TYPE_FILE, FILE_TYPE_DIRECTORY };

struct file_stat {
    uint64_t size;     // bytes; of a directory: its names
    uint64_t modified; // nanoseconds of the kernel's clock
    uint64_t space;    // bytes of memory that its data takes
    uint64_t number;   // that no other file has
    uint32_t type;     // enum file_type
    uint32_t is_read_only;
};

// One entry of a listing: this, then the name without a terminator; the next entry follows at once.
struct file_entry {
    uint64_t size, modified;
    uint8_t type, is_read_only, name_length;
    uint8_t unused[5];
};

struct file_space {
    uint64_t bytes, used; // of the file system in memory
    uint64_t files, files_max;
};

_Static_assert(sizeof(struct file_entry) == 24, "entries have no holes");
_Static_assert(sizeof(struct file_name_request) + 2 * FILE_PATH_MAX <= PAYLOAD_MAX, "two paths fit a message");

#endif
