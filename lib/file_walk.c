// SPDX-License-Identifier: MIT
// Listings. A volume lists a directory in an order of its own, by cookies; people and scripts want names in order.
#include "file.h"

#include "pipe.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096u // bytes for entries

// Fetches entries from where the last ones ended: their bytes, 0 at the end.
static long entries_fetch(const struct file_walk *walk, void *bytes, size_t room) {
    struct stream_request request = {.operation = FILE_LIST};
    struct attached attached = {.leases = {{(uint64_t)bytes, room}}, .lease_count = 1, .writable_mask = 1};
    struct stream_moved moved = {0};
    long result =
        pipe_call_attached(walk->directory, &request, sizeof request, &attached, &moved, sizeof moved, DEADLINE_NONE);
    return result < 0 ? result : (long)moved.count;
}

static size_t entry_size(const void *bytes) {
    struct volume_entry entry;
    memcpy(&entry, bytes, sizeof entry);
    return sizeof entry + entry.name_length;
}

static int entry_compare(const void *one, const void *two) {
    const char *const *first = one, *const *second = two;
    struct volume_entry a, b;
    memcpy(&a, *first, sizeof a);
    memcpy(&b, *second, sizeof b);
    uint32_t both = a.name_length < b.name_length ? a.name_length : b.name_length;
    int order = memcmp(*first + sizeof a, *second + sizeof b, both);
    return order ? order : (a.name_length > b.name_length) - (a.name_length < b.name_length);
}

// Fetches all entries. 0, -ENOMEM, or the volume's error.
static long entries_fetch_all(struct file_walk *walk) {
    size_t room = 0;
    for (;;) {
        if (room - walk->length < ROOM_FIRST) {
            room = room ? 2 * room : ROOM_FIRST;
            uint8_t *bytes = realloc(walk->bytes, room);
            if (!bytes)
                return -PIPE_ENOMEM;
            walk->bytes = bytes;
        }
        size_t left = room - walk->length < LEASE_LENGTH_MAX ? room - walk->length : LEASE_LENGTH_MAX;
        long length = entries_fetch(walk, walk->bytes + walk->length, left);
        if (length <= 0)
            return length;
        walk->length += (size_t)length;
    }
}

static long entries_sort(struct file_walk *walk) {
    for (size_t cursor = 0; cursor < walk->length; cursor += entry_size(walk->bytes + cursor))
        walk->count++;
    walk->sorted = malloc((walk->count + 1) * sizeof *walk->sorted);
    if (!walk->sorted)
        return -PIPE_ENOMEM;
    size_t number = 0;
    for (size_t cursor = 0; cursor < walk->length; cursor += entry_size(walk->bytes + cursor))
        walk->sorted[number++] = (char *)walk->bytes + cursor;
    qsort(walk->sorted, walk->count, sizeof *walk->sorted, entry_compare);
    return 0;
}

static void entries_free(struct file_walk *walk) {
    free(walk->bytes);
    free(walk->sorted);
    walk->bytes = NULL;
    walk->sorted = NULL;
    walk->count = walk->next = walk->cursor = walk->length = 0;
}

// Reads and sorts the whole directory, if there is memory for that.
long file_walk_rewind(struct file_walk *walk) {
    entries_free(walk);
    long result = file_seek(walk->directory, 0, STREAM_FROM_START);
    if (result >= 0)
        result = entries_fetch_all(walk);
    if (result >= 0)
        result = entries_sort(walk);
    if (result == -PIPE_ENOMEM) {
        entries_free(walk);
        result = file_seek(walk->directory, 0, STREAM_FROM_START);
    }
    return result < 0 ? result : 0;
}

long file_walk_begin(struct file_walk *walk, const char *path) {
    walk->bytes = NULL;
    walk->sorted = NULL;
    walk->directory = file_open(path, OPEN_READ);
    if (walk->directory < 0)
        return walk->directory;
    long error = file_walk_rewind(walk);
    if (error)
        file_walk_end(walk);
    return error;
}

// The next entry, or NULL with *error 0 at the end.
static const void *entry_next(struct file_walk *walk, long *error) {
    *error = 0;
    if (walk->sorted)
        return walk->next < walk->count ? walk->sorted[walk->next++] : NULL;
    if (walk->cursor == walk->length) {
        long length = entries_fetch(walk, walk->reply, sizeof walk->reply);
        walk->cursor = 0;
        walk->length = length < 0 ? 0 : (size_t)length;
        *error = length < 0 ? length : 0;
        if (!walk->length)
            return NULL;
    }
    const void *entry = walk->reply + walk->cursor;
    walk->cursor += entry_size(entry);
    return entry;
}

long file_walk_next(struct file_walk *walk) {
    long error;
    const char *entry = entry_next(walk, &error);
    if (!entry)
        return error;
    memcpy(&walk->entry, entry, sizeof walk->entry);
    size_t length = walk->entry.name_length < FILE_NAME_MAX ? walk->entry.name_length : FILE_NAME_MAX;
    memcpy(walk->name, entry + sizeof walk->entry, length);
    walk->name[length] = 0;
    return 1;
}

void file_walk_end(struct file_walk *walk) {
    entries_free(walk);
    if (walk->directory > 0)
        file_close(walk->directory);
    walk->directory = 0;
}
