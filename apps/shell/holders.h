// SPDX-License-Identifier: MIT
// Who holds pipes: which processes have handles of them, beside their owners.
#ifndef SHELL_HOLDERS_H
#define SHELL_HOLDERS_H

#include "describe.h"

#define HOLDER_TEXT_MAX (OWNER_TEXT_MAX + 8u) // "name/pid+more"

// Looks at the handles of all processes as they are now. What there is no memory for is left out.
void holders_gather(void);
void holders_forget(void);
// "-", "cat/17", or "cat/17+2" where two more processes hold the pipe with this number. Returns `to`.
const char *holder_text(uint64_t pipe, char *to);

#endif
