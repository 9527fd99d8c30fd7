// SPDX-License-Identifier: MIT
// `why` without an operand: everything that has waited for longer than a second, by who must act, the most blamed first.
#ifndef SHELL_WHY_SUMMARY_H
#define SHELL_WHY_SUMMARY_H

// Looks twice, a second apart: a thread that waits for the same pipe then and has not run between is stuck. Only the
// kernel is asked, so that no hang holds the command up. The command's status.
int why_summary(void);

#endif
