// SPDX-License-Identifier: MIT
#include "archive.h"

#include <string.h>

#define BLOCK 512u
#define SUM_OFFSET 148u
#define SUM_LENGTH 8u
#define TYPE_FILE '0'
#define TYPE_FILE_OLD '\0'
#define TYPE_LINK '1' // another name of a file that stands before

struct archive_head {
    char name[100], mode[8], user[8], group[8], size[12], time[12], sum[8], type, link[100], magic[6], version[2];
    char user_name[32], group_name[32], device_major[8], device_minor[8], prefix[155], padding[12];
};

_Static_assert(sizeof(struct archive_head) == BLOCK, "a head is a block");

// An octal number that ends at a space or zero. False if there is another character.
static bool octal_parse(const char *text, size_t length, uint64_t *number) {
    *number = 0;
    for (size_t index = 0; index < length && text[index] && text[index] != ' '; index++) {
        if (text[index] < '0' || text[index] > '7')
            return false;
        *number = *number * 8 + (uint64_t)(text[index] - '0');
    }
    return true;
}

static bool sum_is_right(const struct archive_head *head) {
    const uint8_t *bytes = (const uint8_t *)head;
    uint64_t sum = 0, wanted;
    for (size_t index = 0; index < BLOCK; index++)
        sum += index >= SUM_OFFSET && index < SUM_OFFSET + SUM_LENGTH ? ' ' : bytes[index];
    return octal_parse(head->sum, sizeof head->sum, &wanted) && sum == wanted;
}

static const struct archive_head *head_at(const uint8_t *archive, size_t index) {
    return (const struct archive_head *)(const void *)(archive + index);
}

static size_t blocks_of(uint64_t size) {
    return (size_t)((size + BLOCK - 1) / BLOCK * BLOCK);
}

// ---- The index ----

// FNV-1a (Fowler, Noll, Vo).
static uint32_t bucket_of(const char *name) {
    uint32_t hash = 0x811c9dc5;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 0x01000193;
    return hash % ARCHIVE_BUCKETS;
}

static const struct archive_file *entry_find(const struct archive *archive, const char *name) {
    uint32_t number = archive->buckets[bucket_of(name)];
    while (number && strcmp(archive->files[number - 1].name, name) != 0)
        number = archive->next[number - 1];
    return number ? &archive->files[number - 1] : NULL;
}

// The first of several files with one name is the one that is found.
static void entry_add(struct archive *archive, struct archive_file *file) {
    uint32_t bucket = bucket_of(file->name);
    file->number = archive->count;
    archive->files[archive->count++] = *file;
    if (entry_find(archive, file->name))
        return;
    archive->next[archive->count - 1] = archive->buckets[bucket];
    archive->buckets[bucket] = (uint16_t)archive->count;
}

// A field of a head without a leading "./".
static void name_copy(char *name, const char *field, size_t size) {
    size_t length = strnlen(field, size);
    size_t skip = length >= 2 && field[0] == '.' && field[1] == '/' ? 2 : 0;
    memcpy(name, field + skip, length - skip);
    name[length - skip] = 0;
}

static bool is_file(const struct archive_head *head) {
    return head->type == TYPE_FILE || head->type == TYPE_FILE_OLD;
}

// What a head describes, if that is a file or another name of one. NULL or a sentence.
static const char *head_index(struct archive *archive, const struct archive_head *head, const uint8_t *bytes,
                              size_t size) {
    struct archive_file file = {.bytes = bytes, .size = size};
    char target[ARCHIVE_NAME_MAX + 1];
    if (!is_file(head) && head->type != TYPE_LINK)
        return NULL;
    if (archive->count == ARCHIVE_FILES_MAX)
        return "it has too many files";
    name_copy(file.name, head->name, sizeof head->name);
    if (head->type == TYPE_LINK) {
        name_copy(target, head->link, sizeof head->link);
        const struct archive_file *linked = entry_find(archive, target);
        if (!linked)
            return "a link in it leads nowhere";
        file.bytes = linked->bytes;
        file.size = linked->size;
    }
    entry_add(archive, &file);
    return NULL;
}

const char *archive_open(struct archive *archive, const uint8_t *bytes, size_t length) {
    memset(archive, 0, sizeof *archive);
    for (size_t index = 0;;) {
        if (length - index < BLOCK)
            return "it is cut off";
        const struct archive_head *head = head_at(bytes, index);
        uint64_t size;
        if (!head->name[0])
            return index ? NULL : "it is empty";
        if (memcmp(head->magic, "ustar", 5) != 0 || !sum_is_right(head) ||
            !octal_parse(head->size, sizeof head->size, &size))
            return "a head in it is damaged";
        index += BLOCK;
        if (size > length - index || blocks_of(size) > length - index)
            return "it is cut off";
        const char *wrong = head_index(archive, head, bytes + index, (size_t)size);
        if (wrong)
            return wrong;
        index += blocks_of(size);
    }
}

const struct archive_file *archive_find(const struct archive *archive, const char *name) {
    return entry_find(archive, name);
}

const struct archive_file *archive_at(const struct archive *archive, uint64_t number) {
    return number < archive->count ? &archive->files[number] : NULL;
}
