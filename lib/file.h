// SPDX-License-Identifier: MIT
// Files: the client side of protocol/vfs.h, volume.h and stream.h. Every function returns 0 or more, or a negated
// error. Paths may be relative to the working directory, and lead through symbolic links.
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "file_path.h"

#include <stdbool.h>
#include <stddef.h>

// ---- Open files: handles, which may be passed on; those who get them share the position ----

// Opens with OPEN_*; a new file has the mode 0666 without the bits of the mask.
long file_open(const char *path, uint32_t flags);
long file_open_mode(const char *path, uint32_t flags, uint32_t mode);
long file_close(long file);
// Up to `length` bytes from the position on: how many, less only at the end.
long file_read(long file, void *bytes, size_t length);
// How many bytes were written: less than `length` if the space ran out; an error if it was none.
long file_write(long file, const void *bytes, size_t length);
// The new position.
long file_seek(long file, int64_t offset, enum stream_from from);
long file_resize(long file, uint64_t size);
long file_stat_open(long file, struct stream_stat *stat);
// Changes what `mask` (CHANGE_*) says to what stands in `stat`.
long file_change_open(long file, uint32_t mask, const struct stream_stat *stat);
long file_sync(long file);

// ---- Names ----

long file_stat(const char *path, struct stream_stat *stat);
long file_stat_link(const char *path, struct stream_stat *stat); // of a symbolic link itself
// The absolute path without symbolic links of what is there: FILE_PATH_MAX bytes and a terminator.
long file_real(const char *path, char *to);
long file_change(const char *path, uint32_t mask, const struct stream_stat *stat);
long file_remove(const char *path);
long file_rename(const char *from, const char *to);
long file_rename_flags(const char *from, const char *to, uint32_t flags); // RENAME_*
long file_make_directory(const char *path);
long file_make_directory_mode(const char *path, uint32_t mode);
long file_remove_directory(const char *path);
long file_link(const char *path, const char *to);
long file_symlink(const char *text, const char *path);
// The text of a symbolic link, without a terminator: its bytes, `room` at most.
long file_readlink(const char *path, char *text, size_t room);
// Of the volume of a path.
// It has until the deadline to answer.
long file_space(const char *path, struct volume_space *space, uint64_t deadline);

// The bits that new files do not get; the mask before. 022 at the start.
uint32_t file_mask(uint32_t mask);

static inline bool stat_is_directory(const struct stream_stat *stat) {
    return (stat->mode & MODE_TYPE) == MODE_DIRECTORY;
}

// Whose the files are that this process makes: 0 may do everything.
uint32_t file_owner(void);
// Whether this process may read (4), write (2) and execute or search (1) what has these attributes.
bool stat_allows(const struct stream_stat *stat, uint32_t wanted);

// ---- Mounts ----

struct vfs_mount;
long file_mount(const char *pipe, const char *path);
long file_unmount(const char *path);
// Mount number `index` or the next. -ENOENT after the last.
long file_mount_list(uint32_t index, struct vfs_mount *mount);

// ---- Listings ----

// A walk through a directory: its names as they are when it begins, in order of bytes. If there is no memory for that,
// in the volume's order, and what comes or goes meanwhile is seen or not.
struct file_walk {
    char name[FILE_NAME_MAX + 1]; // of the entry
    struct volume_entry entry;
    long directory; // an open file
    char **sorted;  // entries, or NULL
    size_t count, next;
    uint8_t *bytes; // of all entries, or of the last reply
    size_t cursor, length;
    uint8_t reply[PAYLOAD_MAX];
};

// Starts to walk a directory's entries: ENOENT, ENOTDIR, EACCES.
long file_walk_begin(struct file_walk *walk, const char *path);
// The next entry, in `entry` and `name`: 1, or 0 at the end.
long file_walk_next(struct file_walk *walk);
// From the first one again.
long file_walk_rewind(struct file_walk *walk);
// To be called after every begin that returned 0.
void file_walk_end(struct file_walk *walk);

// ---- The working directory ----

#define FILE_DIRECTORY_VARIABLE "PWD" // of the environment: where the working directory of a new program comes from

const char *file_directory(void);
long file_change_directory(const char *path);
// Writes the absolute path that a path stands for by its text alone: FILE_PATH_MAX bytes and a terminator.
// ENAMETOOLONG, ENOENT (empty).
long file_resolve(const char *path, char *to);

#endif
