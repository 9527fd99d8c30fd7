// SPDX-License-Identifier: MIT
// What a program has open: descriptors, and the descriptions that several of them share.
#ifndef LINUX_FILES_H
#define LINUX_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESCRIPTORS_MAX_LINUX 256u

enum description_kind {
    DESCRIPTION_FILE,      // of a volume: `handle`
    DESCRIPTION_DIRECTORY, // `path`
    DESCRIPTION_STANDARD,  // a standard stream of this server's: `handle` is its descriptor, 0 to 2
    DESCRIPTION_DEVICE,    // `handle` is an enum device (lib/device.h)
    DESCRIPTION_PIPE       // one end of `pipe`
};

#define PIPE_BYTES 65536u
struct byte_pipe {
    uint32_t readers, writers; // descriptions
    size_t start, length;
    uint8_t bytes[PIPE_BYTES];
};

struct description {
    uint32_t references;
    enum description_kind kind;
    uint32_t flags; // LINUX_O_*
    long handle;
    char *path;
    int64_t cookie; // of a directory: entries that were told
    struct byte_pipe *pipe;
};

struct files {
    struct description *of[DESCRIPTORS_MAX_LINUX];
    bool closes[DESCRIPTORS_MAX_LINUX]; // at exec
};

// NULL: no memory. With one reference.
struct description *description_make(enum description_kind kind, uint32_t flags, long handle, const char *path);
void description_release(struct description *description);
struct description *description_at(const struct files *files, uint64_t descriptor); // or NULL
// The lowest free descriptor from `least` on for the description, whose reference it takes: it, or -EMFILE.
long descriptor_add(struct files *files, uint64_t least, struct description *description, bool closes);
void descriptor_drop(struct files *files, uint64_t descriptor);
void files_copy(struct files *to, const struct files *from);
void files_close(struct files *files, bool all); // or only those that close at exec

#endif
