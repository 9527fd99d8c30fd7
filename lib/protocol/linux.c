// SPDX-License-Identifier: MIT
// The system calls of Linux programs as messages on /proc/<pid>/system (struct system_message), for taps.
#include "decode.h"

#define ARGUMENT(index)                                                                                                \
    { #index, offsetof(struct system_message, arguments[index]), sizeof(uint64_t), FORM_HEX }
#define ARGUMENTS_0 NULL
#define ARGUMENTS_1 FIELDS(ARGUMENT(0))
#define ARGUMENTS_2 FIELDS(ARGUMENT(0), ARGUMENT(1))
#define ARGUMENTS_3 FIELDS(ARGUMENT(0), ARGUMENT(1), ARGUMENT(2))
#define ARGUMENTS_4 FIELDS(ARGUMENT(0), ARGUMENT(1), ARGUMENT(2), ARGUMENT(3))
#define ARGUMENTS_5 FIELDS(ARGUMENT(0), ARGUMENT(1), ARGUMENT(2), ARGUMENT(3), ARGUMENT(4))
#define ARGUMENTS_6 FIELDS(ARGUMENT(0), ARGUMENT(1), ARGUMENT(2), ARGUMENT(3), ARGUMENT(4), ARGUMENT(5))
#define RESULT FIELDS({"result", 0, sizeof(int64_t), FORM_SIGNED})

static const struct operation operations[] = {
#define CALL(number, name, arguments) [number] = {#name, ARGUMENTS_##arguments, RESULT},
#define NAME(number, name) [number] = {#name, ARGUMENTS_6, RESULT},
#define PROBE(number, name) [number] = {#name, ARGUMENTS_6, RESULT},
#include "protocol/linux.def"
#undef CALL
#undef NAME
#undef PROBE
};
const struct protocol protocol_linux = {(const char *const[]){"/proc/*/system", NULL}, operations, 0,
                                        sizeof operations / sizeof *operations};
