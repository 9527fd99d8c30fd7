// SPDX-License-Identifier: MIT
// Whose the files are that a process makes: 0 for servers, drivers and operators; for other programs what the manifest
// says.
#ifndef LIB_VOLUME_OWNER_H
#define LIB_VOLUME_OWNER_H

#include "abi.h"

#define OWNER_NOBODY 65534u // of a caller that the process server does not know

// The owner that the caller of a message acts for, by the kernel's word and the process server's.
uint32_t volume_owner_of(const struct message_received *caller);

#endif
