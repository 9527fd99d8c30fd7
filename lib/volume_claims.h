// SPDX-License-Identifier: MIT
// The claims on files that the manifest gives a program: which paths it may use, whatever owners and modes say. Pure.
#ifndef LIB_VOLUME_CLAIMS_H
#define LIB_VOLUME_CLAIMS_H

#include "volume_caller.h"
#include "volume_names.h"

// Where the volume is mounted first: its paths are below that in claims, also where it is mounted again.
struct volume_point {
    const char *bytes;
    size_t length; // 0: the root
};

// Checks a request's paths: 0 or EPERM. Sets what the claims leave of the visit: whether it may rename directories, and
// whether what it opens may be changed.
long volume_claims_check(const struct volume_caller *caller, struct volume_point point,
                         const struct volume_request *request, const struct volume_path *paths,
                         struct volume_visit *visit);

#endif
