// SPDX-License-Identifier: MIT
// factorial N: asks the driver of QEMU's device for teaching.
#include "error.h"
#include "pipe.h"
#include "protocol/edu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, const char *sentence, const char *name) {
    fprintf(stderr, "factorial: %s: %s (%s)\n", what, sentence, name);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 2 || !strcmp(arguments[1], "-h")) {
        puts("factorial N    the factorial of N, 0 to 12, as QEMU's edu device computes it");
        return count != 2;
    }
    char *end;
    unsigned long number = strtoul(arguments[1], &end, 10);
    if (end == arguments[1] || *end || number > EDU_NUMBER_MAX)
        return fail(arguments[1], "is not a number from 0 to 12", "EINVAL");
    struct edu_request request = {EDU_FACTORIAL, (uint32_t)number};
    struct edu_reply reply;
    long device = pipe_open(EDU_PIPE, RIGHT_WRITE);
    long result =
        device < 0 ? device : pipe_call(device, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    if (result < 0)
        return fail(EDU_PIPE, error_sentence(result), error_name(result));
    printf("%u\n", (unsigned)reply.factorial);
    return 0;
}
