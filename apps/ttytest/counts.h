// SPDX-License-Identifier: MIT
#ifndef TTYTEST_COUNTS_H
#define TTYTEST_COUNTS_H

// Tells in a line how many processes, pipes, handles of all processes, and pages that are free or the servers' there
// are; and how many pages the servers have.
int counts_tell(void);

#endif
