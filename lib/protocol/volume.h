// SPDX-License-Identifier: MIT
// A volume: a file system after a call pipe in /svc. A client asks /svc/vfs (vfs.h) for the volume of a path, and from
// then on speaks with the volume alone.
//
// Paths and texts of links pass as leases, without terminators. A path is relative to the volume's root: names parted
// by single slashes, none of them "." or ".."; the root is the empty path. A name has any bytes but zero and slash.
// The volume follows no symbolic link: where a path leads through one, the reply says how far it came, nothing was
// done, and the client, which alone knows where the volume is mounted, reads the link and asks again.
//
// The volume knows the caller by the kernel's word and checks owners and modes at every operation on names, and of an
// open file when it is opened: EACCES. Before that, and before it looks whether there is such a name, it checks the
// caller's claims on files, which are the process server's word: EPERM.
#ifndef PROTOCOL_VOLUME_H
#define PROTOCOL_VOLUME_H

#include "abi.h"
#include "protocol/stream.h"

#define NAME_BYTES_MAX 255u
#define PATH_BYTES_MAX 4095u
#define FILE_BYTES_MAX INT64_MAX
#define LINKS_FOLLOWED_MAX 40u // by a client, of one path: ELOOP

// The operations of a volume's pipe: struct volume_request -> struct volume_reply. Errors of all that take a path:
// ENOENT, ENOTDIR, ENAMETOOLONG, EINVAL, EACCES; of all that change something: EROFS, ENOSPC, EDQUOT.
enum volume_operation {
    VOLUME_LOOKUP, // lease 0: a path. Its attributes.
    // lease 0: a path; flags OPEN_*; mode of a new file. The handle of a transient pipe that is the open file, with
    // RIGHT_WRITE; the caller pays for it (CALL_PAYS). It takes enum file_operation. EEXIST, EISDIR, EMFILE (the
    // caller's tree of programs has too many open), ENFILE.
    VOLUME_OPEN,
    VOLUME_CREATE, // lease 0: a path; mode MODE_FILE or MODE_DIRECTORY and permissions. EEXIST.
    // lease 0: the path of a file; lease 1: a new path for it. EEXIST, EMLINK, EISDIR (directories have one name).
    VOLUME_LINK,
    VOLUME_SYMLINK,  // lease 0: a path; lease 1: the text of the link, 1 to PATH_BYTES_MAX bytes. EEXIST.
    VOLUME_READLINK, // lease 0: a path; lease 1, writable, for the text. `count`: its bytes. EINVAL (not a link).
    VOLUME_REMOVE,   // lease 0: a path; flags REMOVE_*. EISDIR, ENOTDIR, ENOTEMPTY, EBUSY (the root).
    // lease 0: a path; lease 1: a new one, which must not exist, or is replaced, a file by a file, an empty directory
    // by a directory; flags RENAME_*. EISDIR, ENOTDIR, ENOTEMPTY, EBUSY, EINVAL (a directory into itself).
    VOLUME_RENAME,
    VOLUME_CHANGE, // lease 0: a path; mask CHANGE_*. The attributes then.
    VOLUME_SPACE,  // -> struct volume_space
    VOLUME_SYNC,   // All that was written is kept, as far as the volume keeps anything. EIO.
    VOLUME_OPERATIONS
};

// The operations of an open file: those of stream.h, and these.
enum file_operation {
    FILE_CHANGE = STREAM_OPERATIONS_END, // struct volume_request: mask CHANGE_* -> struct volume_reply
    // struct stream_request; lease 0, writable: entries of a directory from the position on, struct volume_entry each,
    // as many as fit -> struct stream_moved: their bytes, 0 at the end. The position is the cookie of the last entry;
    // STREAM_SEEK sets it: 0 is the beginning, every cookie stays good as long as the directory does. ENOTDIR, EINVAL
    // (not even one entry fits).
    FILE_LIST,
    FILE_SYNC, // struct stream_request
    // struct stream_request with an offset of whole pages; `flags` is their number, 1 to FILE_PAGES_MAX -> handle: a
    // region that holds these bytes, zeroes after the end. It is a copy, and the caller's own. ENOMEM, ERANGE.
    FILE_PAGES,
    FILE_OPERATIONS
};

#define FILE_PAGES_MAX 256u

// How a file is opened.
#define OPEN_READ 1u
#define OPEN_WRITE 2u
#define OPEN_CREATE 4u    // makes the file if there is none
#define OPEN_NEW 8u       // with OPEN_CREATE: EEXIST if there is one
#define OPEN_TRUNCATE 16u // with OPEN_WRITE: makes it empty
#define OPEN_APPEND 32u   // every write goes to the end
#define OPEN_ALL 63u

#define REMOVE_FILE 1u
#define REMOVE_DIRECTORY 2u

#define RENAME_NEW 1u  // EEXIST if the new path exists
#define RENAME_SWAP 2u // both exist, and change names

// A path that ends in a symbolic link names the link itself, unless:
#define PATH_FOLLOW 0x100u // in `flags` of any operation, for lease 0

// What VOLUME_CHANGE and FILE_CHANGE change. Owner and group by owner 0 alone; mode and times by the file's owner too;
// size by who may write the file.
#define CHANGE_MODE 1u
#define CHANGE_OWNER 2u
#define CHANGE_GROUP 4u
#define CHANGE_ACCESSED 8u
#define CHANGE_MODIFIED 16u
#define CHANGE_SIZE 32u

struct volume_request {
    uint32_t operation, flags;
    uint32_t mode, mask;
    uint32_t owner, group;
    int64_t accessed, modified;
    uint64_t size;
};

struct volume_reply {
    uint32_t link;  // 1: there is a symbolic link in the way, and nothing was done
    uint32_t lease; // whose path that is
    uint64_t count; // bytes of that path up to and with the link; VOLUME_READLINK: of the text
    struct stream_stat stat;
};

// One entry of a listing: this, then the name without a terminator; the next entry follows at once.
struct volume_entry {
    uint64_t cookie, inode;
    uint32_t type; // MODE_TYPE's part of the mode
    uint32_t name_length;
};

#define VOLUME_NAME_MAX 15
struct volume_space {
    uint64_t bytes, used;
    uint64_t files, files_max;
    uint32_t is_read_only, block;
    char type[VOLUME_NAME_MAX + 1]; // of the file system: "memfs"
};

_Static_assert(sizeof(struct volume_request) == 48, "the struct has no padding");
_Static_assert(sizeof(struct volume_entry) == 24, "entries have no padding");

#endif
