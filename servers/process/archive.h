// SPDX-License-Identifier: MIT
// The boot image: a ustar archive (POSIX.1-2017, pax, "ustar interchange format"). Pure functions.
#ifndef PROCESS_ARCHIVE_H
#define PROCESS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_NAME_MAX 100u

struct archive_file {
    char name[ARCHIVE_NAME_MAX + 1]; // without a leading "./"
    const uint8_t *bytes;
    size_t size;
    uint32_t number; // in the archive, from 0
};

// Checks the whole archive. NULL, or a sentence.
const char *archive_check(const uint8_t *archive, size_t length);
// Finds a regular file, or another name of one (a hard link), by name, or by number (name NULL). The archive was
// checked.
bool archive_find(const uint8_t *archive, size_t length, const char *name, uint32_t number, struct archive_file *file);

#endif
