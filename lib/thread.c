// SPDX-License-Identifier: MIT
#include "thread.h"

#include "pipe.h"

#include <reent.h>
#include <stddef.h>
#include <stdlib.h>

// What FS points at: its first words are the address of the thread's message page (pipe_message), and that of what
// newlib keeps for it (reent.c).
struct thread_control {
    struct message *page;
    struct _reent *kept;
    void (*function)(void *argument);
    void *argument;
    struct _reent own; // but the first thread's is newlib's
};

_Static_assert(offsetof(struct thread_control, kept) == sizeof(struct message *), "reent.c finds it there");

#define STACK_ALIGNMENT 16u

static struct thread_control main_control;

_Noreturn void thread_exit(void) {
    struct control_empty request = {CONTROL_EXIT_THREAD};
    for (;;)
        pipe_call(HANDLE_CONTROL, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

// Where a new thread begins: start.asm hands over its message page and the argument of `start`.
_Noreturn void thread_begin(struct message *page, struct thread_control *control);
_Noreturn void thread_begin(struct message *page, struct thread_control *control) {
    control->page = page;
    control->function(control->argument);
    thread_exit();
}

extern char thread_entry[]; // start.asm

// From now on the first thread finds its page by FS, too.
static long main_thread_prepare(void) {
    if (pipe_has_threads)
        return 0;
    main_control.page = pipe_main_message;
    main_control.kept = _GLOBAL_REENT;
    struct control_local request = {.operation = CONTROL_THREAD_LOCAL, .base = (uint64_t)&main_control};
    long result = pipe_call(HANDLE_CONTROL, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    pipe_has_threads = result >= 0;
    return result;
}

long thread_start(void (*function)(void *argument), void *argument, size_t stack_size, uint32_t priority) {
    long result = main_thread_prepare();
    if (result < 0)
        return result;
    stack_size &= ~(size_t)(STACK_ALIGNMENT - 1);
    bool is_room = stack_size <= SIZE_MAX - sizeof(struct thread_control);
    char *stack = is_room ? malloc(stack_size + sizeof(struct thread_control)) : NULL; // aligned to 16
    if (!stack)
        return -PIPE_ENOMEM;
    struct thread_control *control = (void *)(stack + stack_size); // after the stack, which is as large as asked for
    *control = (struct thread_control){.kept = &control->own, .function = function, .argument = argument};
    _REENT_INIT_PTR(&control->own);
    struct control_start request = {.operation = CONTROL_START,
                                    .priority = priority,
                                    .entry = (uint64_t)thread_entry,
                                    .stack = (uint64_t)control,
                                    .argument = (uint64_t)control,
                                    .thread_local = (uint64_t)control};
    struct control_thread thread;
    result = pipe_call(HANDLE_CONTROL, &request, sizeof request, &thread, sizeof thread, DEADLINE_NONE);
    if (result >= 0)
        return (long)thread.thread;
    free(stack);
    return result;
}
