// SPDX-License-Identifier: MIT
// /svc/process: what others ask.
#ifndef PROCESS_REQUESTS_H
#define PROCESS_REQUESTS_H

#include "serve.h"

#define PROCESS_OPERATIONS 7u
extern serve_function *const process_operations[PROCESS_OPERATIONS];

#endif
