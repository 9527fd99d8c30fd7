// SPDX-License-Identifier: MIT
#include "volume_claims.h"

#include <string.h>

#define RIGHTS_BOTH (RIGHT_READ | RIGHT_WRITE)

struct text {
    const char *bytes;
    size_t length;
};

// ---- Patterns ----

// How a pattern meets a path: not at all; the path is a directory on the way to what the pattern covers; it covers the
// path; it covers the path and all below.
enum cover { COVER_NONE, COVER_WAY, COVER_PATH, COVER_ALL };

// Takes the next component of a text of components that each follow a slash.
static struct text component_take(struct text *text) {
    const char *start = text->bytes + 1, *slash = memchr(start, '/', text->length - 1);
    size_t length = slash ? (size_t)(slash - start) : text->length - 1;
    text->bytes = start + length;
    text->length -= length + 1;
    return (struct text){start, length};
}

static bool component_is(struct text component, const char *wanted) {
    return component.length == strlen(wanted) && memcmp(component.bytes, wanted, component.length) == 0;
}

static bool component_matches(struct text wanted, struct text component) {
    return component_is(wanted, "*") ||
           (wanted.length == component.length && memcmp(wanted.bytes, component.bytes, wanted.length) == 0);
}

// The path is in two parts: the volume's point, and a relative path, which may be empty.
static enum cover pattern_cover(struct text pattern, struct text point, struct text path) {
    if (pattern.length == 1)
        pattern.length = 0; // the root
    while (pattern.length) {
        struct text wanted = component_take(&pattern);
        if (component_is(wanted, "**"))
            return COVER_ALL;
        struct text *rest = point.length ? &point : &path;
        if (!rest->length)
            return COVER_WAY;
        if (!component_matches(wanted, component_take(rest)))
            return COVER_NONE;
    }
    return point.length || path.length ? COVER_NONE : COVER_PATH;
}

// ---- Claims ----

// What all claims together give on a path.
struct rights {
    uint32_t path, below;
    bool is_way;
};

static struct rights rights_on(const struct volume_caller *caller, struct volume_point point,
                               const struct volume_path *path) {
    struct rights rights = {0};
    struct claim claim;
    char relative[PATH_BYTES_MAX + 1] = "/";
    size_t length = path->length < PATH_BYTES_MAX ? path->length : PATH_BYTES_MAX;
    memcpy(relative + 1, path->bytes, length);
    struct text rest = {relative, length ? length + 1 : 0};
    for (uint32_t offset = 0; offset < caller->files_length; offset += (uint32_t)sizeof claim + claim.length) {
        memcpy(&claim, caller->files + offset, sizeof claim);
        struct text pattern = {(const char *)caller->files + offset + sizeof claim, claim.length};
        enum cover cover = pattern_cover(pattern, (struct text){point.bytes, point.length}, rest);
        rights.is_way |= cover == COVER_WAY;
        rights.path |= cover >= COVER_PATH ? claim.rights : 0;
        rights.below |= cover == COVER_ALL ? claim.rights : 0;
    }
    return rights;
}

static uint32_t open_rights(uint32_t flags) {
    bool is_write = flags & (OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE | OPEN_APPEND);
    return (flags & OPEN_READ ? RIGHT_READ : 0) | (is_write ? RIGHT_WRITE : 0);
}

// What an operation needs on its first path, and on its second. A new name may have other claims than the old one, so
// it needs both rights on the old one. 0: whatever right there is.
static uint32_t rights_needed(const struct volume_request *request, unsigned path) {
    bool is_swap = request->operation == VOLUME_RENAME && request->flags & RENAME_SWAP;
    switch (request->operation) {
    case VOLUME_LOOKUP:
    case VOLUME_READLINK:
        return 0;
    case VOLUME_OPEN:
        return open_rights(request->flags);
    case VOLUME_LINK:
    case VOLUME_RENAME:
        return path == 0 || is_swap ? RIGHTS_BOTH : RIGHT_WRITE;
    default:
        return RIGHT_WRITE;
    }
}

long volume_claims_check(const struct volume_caller *caller, struct volume_point point,
                         const struct volume_request *request, const struct volume_path *paths,
                         struct volume_visit *visit) {
    bool has_two = request->operation == VOLUME_LINK || request->operation == VOLUME_RENAME;
    visit->moves_directories = true;
    for (unsigned path = 0; path <= has_two; path++) {
        uint32_t needed = rights_needed(request, path);
        struct rights rights = rights_on(caller, point, &paths[path]);
        bool may_see = rights.path || (rights.is_way && request->operation == VOLUME_LOOKUP);
        if ((rights.path & needed) != needed || !may_see)
            return -PIPE_EPERM;
        if (path == 0)
            visit->may_change = rights.path & RIGHT_WRITE;
        visit->moves_directories &= (rights.below & needed) == needed;
    }
    return 0;
}
