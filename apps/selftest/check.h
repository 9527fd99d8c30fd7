// SPDX-License-Identifier: MIT
// What main.c needs of the checks.
#ifndef SELFTEST_CHECK_H
#define SELFTEST_CHECK_H

extern unsigned check_failures; // of the present test

#endif
