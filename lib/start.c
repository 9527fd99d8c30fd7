// SPDX-License-Identifier: MIT
// From the first instruction of a program to main.
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "stack.h"

#include <stdlib.h>
#include <string.h>

#define STRINGS_MAX PAYLOAD_MAX // arguments and environment together: each has at least its terminator

uint64_t program_argument;

int main(int argument_count, char **arguments, char **environment);

// Points at `count` terminated strings from `text` on; what does not end before `end` is left out. Returns what
// follows.
static char *strings_point(char *text, const char *end, uint32_t count, char **strings) {
    uint32_t found = 0;
    while (found < count && text < end) {
        size_t length = strnlen(text, (size_t)(end - text));
        if (text + length == end)
            break;
        strings[found++] = text;
        text += length + 1;
    }
    strings[found] = NULL;
    return text;
}

// The functions with the attribute `constructor`. The linker names both ends; for a flat image it does not.
extern void (*const __init_array_start[])(void) __attribute__((weak));
extern void (*const __init_array_end[])(void) __attribute__((weak));

static void constructors_run(void) {
    for (void (*const *function)(void) = __init_array_start; function < __init_array_end; function++)
        (*function)();
}

// A program is started by its name in the boot image; its first argument is the path, with which it can open itself.
static char *program_path(const char *name) {
    static char path[sizeof PROGRAMS_DIRECTORY + PROGRAM_NAME_MAX] = PROGRAMS_DIRECTORY;
    strncpy(path + sizeof PROGRAMS_DIRECTORY - 1, name, PROGRAM_NAME_MAX);
    return path;
}

_Noreturn void program_begin(struct message *page, uint64_t argument);
_Noreturn void program_begin(struct message *page, uint64_t argument) {
    static char strings[PAYLOAD_MAX];
    static char *pointers[STRINGS_MAX + 2];
    struct start_head head = {0};
    stack_guard_make();
    pipe_main_message = page;
    program_argument = argument;
    size_t length = page->received.length < PAYLOAD_MAX ? page->received.length : PAYLOAD_MAX;
    if (length >= sizeof head) {
        memcpy(&head, page->payload, sizeof head);
        length -= sizeof head;
        memcpy(strings, page->payload + sizeof head, length);
    }
    if (head.argument_count > STRINGS_MAX)
        head.argument_count = STRINGS_MAX;
    if (head.environment_count > STRINGS_MAX - head.argument_count)
        head.environment_count = STRINGS_MAX - head.argument_count;
    char *rest = strings_point(strings, strings + length, head.argument_count, pointers);
    environ = pointers + head.argument_count + 1;
    strings_point(rest, strings + length, head.environment_count, environ);
    if (pointers[0])
        pointers[0] = program_path(pointers[0]);
    constructors_run();
    exit(main((int)head.argument_count, pointers, environ));
}
