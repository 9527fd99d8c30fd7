// SPDX-License-Identifier: MIT
// The ports of a driver's device, by /kernel/io: the program's claims say which.
#ifndef LIB_PORTS_H
#define LIB_PORTS_H

#include "abi.h"

// Makes 1 to IO_ACCESSES_MAX accesses in their order, with nothing between them; what was read stands in their values.
// 0, or a negated error, and then none was made: EPERM (a port that is not claimed), EINVAL.
long ports_access(struct io_access *accesses, uint32_t count);

#endif
