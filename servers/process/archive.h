// SPDX-License-Identifier: MIT
// The boot image: a ustar archive (POSIX.1-2017, pax, "ustar interchange format"). Pure functions.
#ifndef PROCESS_ARCHIVE_H
#define PROCESS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_NAME_MAX 100u
#define ARCHIVE_FILES_MAX 1024u
#define ARCHIVE_BUCKETS 256u

struct archive_file {
    char name[ARCHIVE_NAME_MAX + 1]; // without a leading "./"
    const uint8_t *bytes;
    size_t size;
    uint32_t number; // in the archive, from 0
};

// An archive's files in its order, and by their names: for each bucket the number + 1 of its first file.
struct archive {
    uint32_t count;
    uint16_t buckets[ARCHIVE_BUCKETS], next[ARCHIVE_FILES_MAX];
    struct archive_file files[ARCHIVE_FILES_MAX];
};

// Checks the whole archive and finds its regular files and their other names (hard links). NULL, or a sentence. The
// bytes stay where they are.
const char *archive_open(struct archive *archive, const uint8_t *bytes, size_t length);
// The first file with the name, or NULL.
const struct archive_file *archive_find(const struct archive *archive, const char *name);
// The file with the number, or NULL.
const struct archive_file *archive_at(const struct archive *archive, uint64_t number);

#endif
