// SPDX-License-Identifier: MIT
// Claims: what the manifest lets a program do at all. They are records of struct claim, packed one behind the other, as
// they came; principal_claim has checked each.
#include "flow.h"

static struct claim claim_at(const uint8_t *record) {
    struct claim claim;
    host_copy(&claim, record, sizeof claim);
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

// The end of the component that begins at `place`.
static uint32_t component_end(const char *path, uint32_t length, uint32_t place) {
    while (place < length && path[place] != '/')
        place++;
    return place;
}

// Whether the pattern's component is `stars`, one or two asterisks.
static bool is_stars(const char *component, uint32_t length, uint32_t stars) {
    return length == stars && component[0] == '*' && component[length - 1] == '*';
}

static bool components_match(const char *pattern, uint32_t pattern_length, const char *path, uint32_t path_length) {
    if (is_stars(pattern, pattern_length, 1))
        return true;
    if (pattern_length != path_length)
        return false;
    for (uint32_t place = 0; place < path_length; place++)
        if (pattern[place] != path[place])
            return false;
    return true;
}

// Both begin with a slash.
static bool pattern_matches(const char *pattern, uint32_t pattern_length, const char *path, uint32_t path_length) {
    uint32_t in_pattern = 1, in_path = 1;
    while (in_pattern < pattern_length && in_path < path_length) {
        uint32_t pattern_end = component_end(pattern, pattern_length, in_pattern);
        uint32_t path_end = component_end(path, path_length, in_path);
        if (pattern_end == pattern_length && is_stars(pattern + in_pattern, pattern_end - in_pattern, 2))
            return true;
        if (!components_match(pattern + in_pattern, pattern_end - in_pattern, path + in_path, path_end - in_path))
            return false;
        in_pattern = pattern_end + 1;
        in_path = path_end + 1;
    }
    return in_pattern >= pattern_length && in_path >= path_length;
}

// The rights of all claims of the type that cover the path, and whether there is one.
static bool claims_cover(const struct principal *principal, enum claim_type type, const char *path, uint32_t length,
                         uint32_t *rights) {
    bool covered = false;
    *rights = 0;
    for (uint32_t place = 0; place < principal->claims_length;) {
        struct claim claim = claim_at(principal->claims + place);
        place += (uint32_t)sizeof claim;
        if (claim.type == type &&
            pattern_matches((const char *)principal->claims + place, claim.length, path, length)) {
            covered = true;
            *rights |= claim.rights;
        }
        place += claim.length;
    }
    return covered;
}

long claims_check_open(const struct principal *principal, const char *path, uint32_t length, uint32_t rights) {
    uint32_t covered = 0;
    if (principal->is_unlimited)
        return 0;
    claims_cover(principal, CLAIM_OPEN, path, length, &covered);
    return rights & ~covered ? -PIPE_EPERM : 0;
}

long claims_check_create(const struct principal *principal, const char *path, uint32_t length) {
    uint32_t unused = 0;
    if (principal->is_unlimited || claims_cover(principal, CLAIM_CREATE, path, length, &unused))
        return 0;
    return -PIPE_EPERM;
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
