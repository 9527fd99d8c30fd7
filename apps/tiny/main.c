// SPDX-License-Identifier: MIT
// The smallest program: it ends at once. `bench` measures what it takes to start it and to be told of its end. With an
// argument, it waits until it is killed.
#include "pipe.h"
#include "protocol/start.h"

#include <string.h>

_Noreturn void program_begin(struct message *page, uint64_t argument);
_Noreturn void program_begin(struct message *page, uint64_t argument) {
    (void)argument;
    struct start_head head;
    memcpy(&head, page->payload, sizeof head);
    while (head.argument_count > 1)
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
    const struct control_exit request = {CONTROL_KILL, 0};
    memcpy(page->payload, &request, sizeof request);
    for (;;)
        system_call(SYSTEM_CALL_call, HANDLE_CONTROL, sizeof request, 0, DEADLINE_NONE, 0);
}
