// SPDX-License-Identifier: MIT
// What a program finds at its start in its first thread's message page: this head, then its arguments and its
// environment ("NAME=value") as terminated strings, one after the other.
#ifndef PROTOCOL_START_H
#define PROTOCOL_START_H

#include <stdint.h>

struct start_head {
    uint32_t argument_count, environment_count;
};

// The programs of the boot image. A program's first argument is its path there.
#define PROGRAMS_DIRECTORY "/boot/bin/"

// Handles that every program begins with.
#define HANDLE_INPUT 2u  // queue: its standard input
#define HANDLE_OUTPUT 3u // queue: its standard output
#define HANDLE_ERRORS 4u // queue: where its errors go

#endif
