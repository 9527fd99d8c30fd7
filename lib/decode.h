// SPDX-License-Identifier: MIT
// Messages as text, where the protocol of the pipe is known. Beside each lib/protocol/NAME.h a NAME.c describes its
// operations; tap and trace, and through trace's captures Wireshark, show messages by these tables. Pure functions.
#ifndef LIB_DECODE_H
#define LIB_DECODE_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>

enum field_form {
    FORM_NUMBER, // unsigned, decimal
    FORM_SIGNED, // decimal
    FORM_HEX,    // hexadecimal, after 0x
    FORM_TEXT,   // an array that a zero may end
    FORM_REST    // text from `offset` to the message's end; zeroes in it part strings
};

struct field {
    const char *name; // NULL ends a list
    uint16_t offset, size;
    enum field_form form;
};

// A list of fields, and one of its entries: a member of a struct in its form, as a number, or all after the struct.
#define FIELDS(...) ((const struct field[]){__VA_ARGS__, {NULL, 0, 0, FORM_NUMBER}})
#define FIELD_AS(type, member, form)                                                                                   \
    { #member, offsetof(type, member), sizeof(((type *)NULL)->member), form }
#define FIELD(type, member) FIELD_AS(type, member, FORM_NUMBER)
#define FIELD_REST(type, name)                                                                                         \
    { name, sizeof(type), 0, FORM_REST }

// An operation's name, and what is worth showing of its request and reply; NULL: nothing but the length.
struct operation {
    const char *name;
    const struct field *request, *reply;
};

// Each request begins with its operation, a uint32_t: `first` is the number of the first in the table.
struct protocol {
    const char *const *pipes; // patterns; "*" stands for any one component; NULL ends the list
    const struct operation *operations;
    uint32_t first, count;
};

// One per header of lib/protocol that has operations, and kernel.c for the kernel's own pipes (abi.h).
extern const struct protocol protocol_clock, protocol_console, protocol_control, protocol_edu, protocol_info,
    protocol_io, protocol_linux, protocol_log, protocol_memory, protocol_open_file, protocol_pci, protocol_process,
    protocol_boot, protocol_kernel_memory, protocol_kernel_process, protocol_random, protocol_rtc, protocol_rtc_set,
    protocol_speaker, protocol_tty, protocol_vfs, protocol_volume;

// The protocol that a pipe speaks by its path, or NULL.
const struct protocol *decode_protocol(const char *path);
// The operation that a request of so many bytes begins with, or NULL.
const struct operation *decode_operation(const struct protocol *protocol, const void *request, size_t length);

#define DECODED_MAX 256u
// " name=value" of each field that lies within the bytes; "" if there is none. At most DECODED_MAX bytes with the
// terminator; what does not fit is cut. Returns `to`.
char *decode_fields(const struct field *fields, const void *bytes, size_t length, char *to);
// Up to `shown` of the bytes, printable ones as they are, others as \n, \t, \\ or \xNN; it ends with "..." if there are
// more, or if the message had `whole` bytes, which are more. `to` has room for 4 * shown + 4 bytes. Returns `to`.
char *decode_escaped(const void *bytes, size_t length, size_t shown, size_t whole, char *to);

#endif
