// SPDX-License-Identifier: MIT
// /svc/boot: the files of the boot image.
#ifndef PROCESS_BOOT_FILES_H
#define PROCESS_BOOT_FILES_H

#include "protocol/process.h"
#include "serve.h"

extern serve_function *const boot_operations[BOOT_OPERATIONS];

#endif
