// SPDX-License-Identifier: MIT
#include "raw_thread.h"

#define CALL_PUSHES 8u // bytes that a call would have pushed: a function begins with a stack aligned to 16, less that

long raw_thread_start(raw_function *function, void *argument, uint8_t stack[RAW_STACK], uint32_t priority) {
    struct control_start start = {.operation = CONTROL_START,
                                  .priority = priority,
                                  .entry = (uint64_t)function,
                                  .stack = ((address_of(stack) + RAW_STACK) & ~15ull) - CALL_PUSHES,
                                  .argument = address_of(argument)};
    struct control_thread thread;
    long result = pipe_call(HANDLE_CONTROL, &start, sizeof start, &thread, sizeof thread, DEADLINE_NONE);
    return result < 0 ? result : (long)thread.thread;
}

void raw_thread_exit(struct message *page) {
    *(uint32_t *)(void *)page->payload = CONTROL_EXIT_THREAD;
    for (;;)
        system_call(SYSTEM_CALL_call, HANDLE_CONTROL, sizeof(struct control_empty), 0, DEADLINE_NONE, 0);
}

void raw_count(struct message *page, void *argument) {
    ++*(volatile uint32_t *)argument;
    raw_thread_exit(page);
}

void until_alone(void) {
    while (own_information().threads != 1)
        continue;
}
