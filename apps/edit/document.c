// SPDX-License-Identifier: MIT
#include "document.h"

#include "file.h"
#include "pipe.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

#define BATCH (64u << 10)

static long all_read(long file, struct text *text) {
    static char chunk[BATCH];
    long length;
    while ((length = file_read(file, chunk, sizeof chunk)) > 0)
        if (!text_insert(text, text_length(text), chunk, (size_t)length))
            return text_length(text) + (size_t)length > EDIT_TEXT_MAX ? -PIPE_EFBIG : -PIPE_ENOMEM;
    return length;
}

long document_read(const char *path, struct text *text) {
    long file = file_open(path, OPEN_READ);
    if (file < 0)
        return file;
    long error = all_read(file, text);
    file_close(file);
    return error;
}

static long all_write(long file, struct text *text) {
    const char *bytes = text_whole(text);
    for (size_t index = 0, length = text_length(text); index < length;) {
        size_t chunk = length - index < BATCH ? length - index : BATCH;
        long written = file_write(file, bytes + index, chunk);
        if (written <= 0)
            return written < 0 ? written : -PIPE_ENOSPC;
        index += (size_t)written;
    }
    return 0;
}

// A name in the same directory that no other process gives.
static long beside(const char *path, char *to) {
    const char *slash = strrchr(path, '/');
    int length =
        snprintf(to, FILE_PATH_MAX + 1, "%.*s.edit-%u", slash ? (int)(slash + 1 - path) : 0, path, process_id());
    return length > (int)FILE_PATH_MAX ? -PIPE_ENAMETOOLONG : 0;
}

long document_write(const char *path, struct text *text) {
    char whole[FILE_PATH_MAX + 1], other[FILE_PATH_MAX + 1];
    long error = file_resolve(path, whole);
    if (!error)
        error = beside(whole, other);
    long file = error ? error : file_open(other, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE);
    if (file < 0)
        return file;
    error = all_write(file, text);
    file_close(file);
    if (!error)
        error = file_rename(other, whole);
    if (error)
        file_remove(other);
    return error;
}
