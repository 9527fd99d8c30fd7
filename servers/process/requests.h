// SPDX-License-Identifier: MIT
// /svc/process: what others ask.
#ifndef PROCESS_REQUESTS_H
#define PROCESS_REQUESTS_H

#include "protocol/process.h"
#include "serve.h"

extern serve_function *const process_operations[PROCESS_OPERATIONS];

#endif
