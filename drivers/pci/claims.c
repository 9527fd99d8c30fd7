// SPDX-License-Identifier: MIT
#include "claims.h"

#include "protocol/process.h"

#include <string.h>

static bool claim_covers(const struct claim_function *claim, const struct pci_function *function) {
    if (claim->class_mask)
        return (function->class_code & claim->class_mask) == claim->class_code;
    return claim->vendor == function->vendor && claim->device == function->device;
}

bool claims_cover_function(const uint8_t *claims, size_t length, const struct pci_function *function) {
    struct claim claim;
    for (size_t offset = 0; offset + sizeof claim <= length; offset += sizeof claim + claim.length) {
        struct claim_function body;
        memcpy(&claim, claims + offset, sizeof claim);
        if (claim.type != CLAIM_FUNCTION || claim.length != sizeof body)
            continue;
        memcpy(&body, claims + offset + sizeof claim, sizeof body);
        if (claim_covers(&body, function))
            return true;
    }
    return false;
}
