// SPDX-License-Identifier: MIT
// Lines of servers and drivers in the kernel's log.
#ifndef LIB_REPORT_H
#define LIB_REPORT_H

// Formats like printf, up to REPORT_MAX bytes.
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
