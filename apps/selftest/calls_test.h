// SPDX-License-Identifier: MIT
// One test for each system call: call_create, call_open, and so on. A call of syscalls.def without its test doesn't
// link.
#ifndef SELFTEST_CALLS_TEST_H
#define SELFTEST_CALLS_TEST_H

#define SYSTEM_CALL(name, arguments, ...) void call_##name(void);
#include "syscalls.def"
#undef SYSTEM_CALL

// A handle that was closed.
long handle_stale(void);

#endif
