// SPDX-License-Identifier: MIT
// Claims: what the manifest lets a program do at all. They are records of struct claim, packed one behind the other, as
// they came; principal_claim has checked each.
//
//   none (nothing is allowed) -- principal_claim, once --> given -- principal_end_some --> none
//
// 1. Each record lies whole within claims_length, has a known type and rights, and a length that its type allows.
// 2. What no record covers is refused, but to a principal without limits.
#include "flow.h"

static struct claim claim_at(const uint8_t *record) {
    struct claim claim;
    __builtin_memcpy(&claim, record, sizeof claim); // in line: on the path of each open
    return claim;
}

static bool is_range(uint8_t type) {
    return type == CLAIM_PORTS || type == CLAIM_PHYSICAL;
}

static bool claim_is_valid(const struct claim *claim, uint32_t room) {
    if (claim->type > CLAIM_PHYSICAL || claim->length > room || claim->rights & ~RIGHTS_ALL)
        return false;
    return is_range(claim->type) ? claim->length == sizeof(struct claim_range)
                                 : claim->length > 0 && claim->length <= PATH_LENGTH_MAX;
}

static bool claims_are_valid(const uint8_t *claims, uint32_t length) {
    uint32_t place = 0;
    while (place < length) {
        if (length - place < sizeof(struct claim))
            return false;
        struct claim claim = claim_at(claims + place);
        place += (uint32_t)sizeof claim;
        if (!claim_is_valid(&claim, length - place))
            return false;
        place += claim.length;
    }
    return true;
}

long principal_claim(struct principal *principal, const uint8_t *claims, uint32_t length) {
    if (length > CLAIMS_LENGTH_MAX)
        return -PIPE_E2BIG;
    if (principal->claims || !claims_are_valid(claims, length))
        return -PIPE_EINVAL;
    if (length == 0)
        return 0;
    long error = 0;
    principal->claims = account_allocate(principal->account, length, &error);
    if (!principal->claims)
        return error;
    host_copy(principal->claims, claims, length);
    principal->claims_length = length;
    return 0;
}

// What a pattern's component of asterisks alone stands for, if one begins at `place`.
enum stars { STARS_NONE, STARS_COMPONENT, STARS_REST };

static enum stars stars_at(const char *place, const char *end) {
    if (*place != '*' || place[-1] != '/')
        return STARS_NONE;
    if (place + 1 == end || place[1] == '/')
        return STARS_COMPONENT;
    return place + 2 == end && place[1] == '*' ? STARS_REST : STARS_NONE;
}

// How many bytes stand for themselves.
static uint64_t same_bytes(const char *pattern, const char *path, uint64_t limit) {
    uint64_t same = 0;
    while (same < limit && pattern[same] == path[same] && pattern[same] != '*')
        same++;
    return same;
}

// Both begin with a slash; a pattern may also end with one. All but a component of asterisks stands for itself.
static bool pattern_matches(const char *pattern, const char *pattern_end, const char *path, const char *path_end) {
    for (pattern++, path++;;) {
        uint64_t pattern_left = (uint64_t)(pattern_end - pattern), path_left = (uint64_t)(path_end - path);
        uint64_t same = same_bytes(pattern, path, pattern_left < path_left ? pattern_left : path_left);
        pattern += same;
        path += same;
        if (pattern == pattern_end || path == path_end)
            break;
        enum stars stars = stars_at(pattern, pattern_end);
        if (stars == STARS_REST)
            return true;
        if (stars == STARS_NONE && *pattern != *path)
            return false;
        pattern++;
        path++;
        while (stars == STARS_COMPONENT && path < path_end && *path != '/')
            path++;
    }
    if (pattern + 1 == pattern_end && pattern[-1] != '/' && *pattern == '/')
        pattern++;
    return pattern == pattern_end && path == path_end;
}

// Whether claims of the type cover the path, all together with at least these rights. Most patterns differ from it in
// their first byte behind the slash, and need no closer look.
static bool claims_cover(const struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                         uint32_t rights) {
    const uint8_t *next, *end = principal->claims + principal->claims_length;
    char first = length > 1 ? path[1] : 0;
    for (const uint8_t *record = principal->claims; record < end; record = next) {
        struct claim claim = claim_at(record);
        const char *pattern = (const char *)record + sizeof claim;
        next = record + sizeof claim + claim.length;
        if (claim.type != type || (claim.length > 1 && pattern[1] != first && pattern[1] != '*') ||
            !pattern_matches(pattern, pattern + claim.length, path, path + length))
            continue;
        rights &= ~(uint32_t)claim.rights;
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
    for (uint32_t place = 0; place < principal->claims_length;) {
        struct claim claim = claim_at(principal->claims + place);
        place += (uint32_t)sizeof claim;
        if (claim.type == type) {
            struct claim_range range;
            host_copy(&range, principal->claims + place, sizeof range);
            if (first >= range.first && last <= range.last && first <= last)
                return true;
        }
        place += claim.length;
    }
    return false;
}
