// SPDX-License-Identifier: MIT
#include "archive.h"

#include <string.h>

#define BLOCK 512u
#define SUM_PLACE 148u
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
    for (size_t place = 0; place < length && text[place] && text[place] != ' '; place++) {
        if (text[place] < '0' || text[place] > '7')
            return false;
        *number = *number * 8 + (uint64_t)(text[place] - '0');
    }
    return true;
}

static bool sum_is_right(const struct archive_head *head) {
    const uint8_t *bytes = (const uint8_t *)head;
    uint64_t sum = 0, wanted;
    for (size_t place = 0; place < BLOCK; place++)
        sum += place >= SUM_PLACE && place < SUM_PLACE + SUM_LENGTH ? ' ' : bytes[place];
    return octal_parse(head->sum, sizeof head->sum, &wanted) && sum == wanted;
}

static const struct archive_head *head_at(const uint8_t *archive, size_t place) {
    return (const struct archive_head *)(const void *)(archive + place);
}

static size_t blocks_of(uint64_t size) {
    return (size_t)((size + BLOCK - 1) / BLOCK * BLOCK);
}

const char *archive_check(const uint8_t *archive, size_t length) {
    size_t place = 0;
    for (;;) {
        if (length - place < BLOCK)
            return "it is cut off";
        const struct archive_head *head = head_at(archive, place);
        uint64_t size;
        if (!head->name[0])
            return place ? NULL : "it is empty";
        if (memcmp(head->magic, "ustar", 5) != 0 || !sum_is_right(head) ||
            !octal_parse(head->size, sizeof head->size, &size))
            return "a head in it is damaged";
        place += BLOCK;
        if (size > length - place || blocks_of(size) > length - place)
            return "it is cut off";
        place += blocks_of(size);
    }
}

static void file_describe(const struct archive_head *head, const uint8_t *bytes, size_t size, uint32_t number,
                          struct archive_file *file) {
    memset(file, 0, sizeof *file);
    const char *name = head->name;
    size_t length = strnlen(name, sizeof head->name);
    if (length >= 2 && name[0] == '.' && name[1] == '/') {
        name += 2;
        length -= 2;
    }
    memcpy(file->name, name, length);
    file->bytes = bytes;
    file->size = size;
    file->number = number;
}

static bool is_file(const struct archive_head *head) {
    return head->type == TYPE_FILE || head->type == TYPE_FILE_OLD;
}

// The bytes of the file that a link's head names; it stands before `end`.
static bool link_follow(const uint8_t *archive, size_t end, const struct archive_head *link,
                        struct archive_file *file) {
    size_t length = strnlen(link->link, sizeof link->link);
    for (size_t offset = 0; offset < end;) {
        const struct archive_head *head = head_at(archive, offset);
        uint64_t size;
        if (!octal_parse(head->size, sizeof head->size, &size))
            break;
        offset += BLOCK;
        if (is_file(head) && strnlen(head->name, sizeof head->name) == length &&
            memcmp(head->name, link->link, length) == 0) {
            file->bytes = archive + offset;
            file->size = (size_t)size;
            return true;
        }
        offset += blocks_of(size);
    }
    return false;
}

bool archive_find(const uint8_t *archive, size_t length, const char *name, uint32_t number, struct archive_file *file) {
    uint32_t count = 0;
    for (size_t place = 0; place + BLOCK <= length;) {
        const struct archive_head *head = head_at(archive, place);
        uint64_t size;
        if (!head->name[0] || !octal_parse(head->size, sizeof head->size, &size))
            break;
        place += BLOCK;
        if (is_file(head) || head->type == TYPE_LINK) {
            file_describe(head, archive + place, (size_t)size, count, file);
            if (head->type == TYPE_LINK && !link_follow(archive, place - BLOCK, head, file))
                return false;
            if (name ? strcmp(file->name, name) == 0 : count == number)
                return true;
            count++;
        }
        place += blocks_of(size);
    }
    return false;
}
