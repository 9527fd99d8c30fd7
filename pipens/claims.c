// SPDX-License-Identifier: MIT
// Claims: what the manifest lets a program do at all. They come as records of struct claim, packed one after the
// other; principal_claim checks each, and keeps it as the next open will want it.
//
//   none (nothing is allowed) -- principal_claim, once --> given -- principal_end_step --> none
//
// 1. Each record lies whole within claims_length, and is as long as it came; its type, rights and length are valid.
// 2. A pattern has its CLAIM_END within its record, and no byte of a path equals CLAIM_END or STAR.
// 3. What no record covers is refused, but to a principal without limits.
#pragma GCC optimize("omit-frame-pointer") // part of the path of each open, and nothing that panics lies below it
#include "flow.h"

#define STAR '\2' // a component "*", or the first byte of a last one "**"

static struct claim_record *record_at(uint8_t *cursor) {
    return (struct claim_record *)cursor;
}

static uint32_t record_size(const struct claim_record *record) {
    return (uint32_t)sizeof(struct claim) + record->length;
}

// Whether a component of asterisks alone that stands for others begins at `cursor`.
static bool is_star(const char *cursor, const char *end) {
    if (*cursor != '*' || cursor[-1] != '/')
        return false;
    return cursor + 1 == end || cursor[1] == '/' || (cursor + 2 == end && cursor[1] == '*');
}

// Moves a pattern to the body, which begins a byte before it. A last slash after a component means nothing.
static bool pattern_keep(char *body, uint32_t length) {
    const char *pattern = body + 1, *end = pattern + length;
    if (length == 0 || length > PATH_LENGTH_MAX || *pattern != '/')
        return false;
    bool ends_with_slash = length > 1 && end[-1] == '/' && end[-2] != '/';
    while (++pattern < end) {
        if (*pattern == CLAIM_END || *pattern == STAR)
            return false;
        *body++ = is_star(pattern, end) ? STAR : *pattern;
    }
    *(ends_with_slash ? body - 1 : body) = CLAIM_END;
    return true;
}

// Turns a valid struct claim, followed by `room` bytes, into a record. False: it is not valid.
static bool record_keep(struct claim_record *record, uint32_t room) {
    struct claim claim;
    host_copy(&claim, record, sizeof claim);
    if (claim.length > room || claim.rights & ~RIGHTS_ALL)
        return false;
    *record = (struct claim_record){(uint8_t)claim.length, claim.rights, claim.type};
    if (claim.type >= CLAIM_PORTS && claim.type <= CLAIM_DMA)
        return claim.length == sizeof(struct claim_range);
    return claim.type < CLAIM_PORTS && pattern_keep(record->body, claim.length);
}

static bool claims_keep(uint8_t *claims, uint32_t length) {
    uint32_t index = 0;
    while (index < length) {
        uint32_t room = length - index;
        if (room < sizeof(struct claim) ||
            !record_keep(record_at(claims + index), room - (uint32_t)sizeof(struct claim)))
            return false;
        index += record_size(record_at(claims + index));
    }
    return true;
}

long principal_claim(struct principal *principal, const uint8_t *claims, uint32_t length) {
    if (length > CLAIMS_LENGTH_MAX)
        return -PIPE_E2BIG;
    if (principal->claims)
        return -PIPE_EINVAL;
    if (length == 0)
        return 0;
    long error = 0;
    uint8_t *kept = account_allocate(principal->account, length, &error);
    if (!kept)
        return error;
    host_copy(kept, claims, length);
    if (!claims_keep(kept, length)) {
        account_free(principal->account, kept, length);
        return -PIPE_EINVAL;
    }
    principal->claims = kept;
    principal->claims_length = length;
    return 0;
}

// Both without the first slash.
static bool pattern_matches(const char *pattern, const char *path, const char *path_end) {
    for (;;) {
        while (path < path_end && *pattern == *path)
            pattern++, path++;
        if (*pattern != STAR)
            return *pattern == CLAIM_END && path == path_end;
        if (path == path_end || *++pattern == '*')
            return path < path_end;
        while (path < path_end && *path != '/')
            path++;
    }
}

// How the records of patterns of a type begin whose first byte after the slash is this one.
static uint16_t beginning(uint8_t type, char first) {
    return (uint16_t)(type | (uint8_t)first << 8);
}

// Whether claims of the type cover the path, all together with at least these rights. Most patterns differ from it in
// their first byte after the slash, and need no closer look.
static bool claims_cover(const struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                         uint32_t rights) {
    uint8_t *next, *end = principal->claims + principal->claims_length;
    uint16_t wanted = beginning((uint8_t)type, length > 1 ? path[1] : CLAIM_END), any = beginning((uint8_t)type, STAR);
    for (uint8_t *cursor = principal->claims; cursor < end; cursor = next) {
        const struct claim_record *record = record_at(cursor);
        next = cursor + record_size(record);
        uint16_t found = beginning(record->type, record->body[0]);
        if ((found != wanted && found != any) || !pattern_matches(record->body, path + 1, path + length))
            continue;
        rights &= ~(uint32_t)record->rights;
        if (!rights)
            return true;
    }
    return false;
}

long claims_check_open(const struct principal *principal, const char *path, uint32_t length, uint32_t rights) {
    return principal->is_unlimited || claims_cover(principal, CLAIM_OPEN, path, length, rights) ? 0 : -PIPE_EPERM;
}

long claims_check_create(const struct principal *principal, const char *path, uint32_t length) {
    return principal->is_unlimited || claims_cover(principal, CLAIM_CREATE, path, length, 0) ? 0 : -PIPE_EPERM;
}

bool claims_cover_range(const struct principal *principal, enum claim_type type, uint64_t first, uint64_t last) {
    if (principal->is_unlimited)
        return true;
    for (uint32_t index = 0; index < principal->claims_length;) {
        const struct claim_record *record = record_at(principal->claims + index);
        if (record->type == type) {
            struct claim_range range;
            host_copy(&range, record->body + 1, sizeof range);
            if (first >= range.first && last <= range.last && first <= last)
                return true;
        }
        index += record_size(record);
    }
    return false;
}
