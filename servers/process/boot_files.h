// SPDX-License-Identifier: MIT
// /svc/boot: the files of the boot image.
#ifndef PROCESS_BOOT_FILES_H
#define PROCESS_BOOT_FILES_H

#include "serve.h"

#define BOOT_OPERATIONS 3u
extern serve_function *const boot_operations[BOOT_OPERATIONS];

#endif
