// SPDX-License-Identifier: MIT
// A program's standard streams: queues of bytes, which it finds as its handles HANDLE_INPUT, HANDLE_OUTPUT and
// HANDLE_ERRORS.
#ifndef LIB_STANDARD_H
#define LIB_STANDARD_H

#include <stddef.h>
#include <stdint.h>

#define STANDARD_STREAMS 3 // as C numbers them: input, output, errors
#define DESCRIPTORS_MAX 64 // these, and the open files

uint32_t standard_handle(unsigned stream);
// Up to `length` bytes of the input: how many, 0 at its end, or a negated error. Hooks it: only for programs that hook
// nothing else.
long standard_read(void *bytes, size_t length);
// The length, or a negated error. Where nobody reads any more it raises SIGPIPE first, which ends the program unless
// that is caught.
long standard_write(unsigned stream, const char *bytes, size_t length);
// Lets go of the input until it is read again: for a wait that is to take none of it, or for another program.
void standard_leave(void);

#endif
