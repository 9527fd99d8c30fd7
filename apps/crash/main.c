// SPDX-License-Identifier: MIT
// Crashes as its argument says, to show what a crash tells: `crash` lists the ways.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE 0x123456u // no page is there

static volatile uintptr_t nowhere = NOWHERE;

static __attribute__((noinline)) void read_nowhere(void) {
    (void)*(volatile int *)nowhere; // NOLINT: it is to fail
}

static __attribute__((noinline)) void write_nowhere(void) {
    *(volatile int *)nowhere = 1; // NOLINT: it is to fail
}

static void write_text(void) {
    *(volatile char *)(uintptr_t)write_nowhere = 1; // NOLINT: it is to fail
}

static void call_nowhere(void) {
    ((void (*)(void))nowhere)(); // NOLINT: it is to fail
    puts("it has returned");
}

static volatile int zero;

static void divide(void) {
    printf("%d\n", 7 / zero);
}

static void run_invalid(void) {
    __asm__ volatile("ud2");
}

static void stop(void) {
    __asm__ volatile("int3");
}

static void run_forbidden(void) {
    __asm__ volatile("hlt");
}

static void measure_nothing(void) {
    printf("%zu\n", strlen((const char *)nowhere));
}

static volatile int depth;

static __attribute__((noinline)) int recurse(int number) { // NOLINT: it is to fill the stack
    volatile char room[4096];
    room[0] = (char)number;
    depth++;
    return number < 0 ? 0 : recurse(number + 1) + room[0];
}

static void fill_stack(void) {
    printf("%d\n", recurse(0));
}

static volatile size_t overrun = 64; // more bytes than the array has

static __attribute__((noinline)) void smash_stack(void) {
    char room[16];
    for (size_t index = 0; index < overrun; index++)
        ((volatile char *)room)[index] = 'x'; // NOLINT: it is to fail
}

static const struct {
    const char *name;
    void (*run)(void);
} ways[] = {
    {"read", read_nowhere},      {"write", write_nowhere}, {"text", write_text}, {"call", call_nowhere},
    {"divide", divide},          {"invalid", run_invalid}, {"breakpoint", stop}, {"forbidden", run_forbidden},
    {"strlen", measure_nothing}, {"stack", fill_stack},    {"abort", abort},     {"smash", smash_stack},
};
#define WAYS (sizeof ways / sizeof *ways)

static __attribute__((noinline)) int crash_now(const char *name) {
    for (size_t number = 0; number < WAYS; number++)
        if (strcmp(ways[number].name, name) == 0) {
            ways[number].run();
            return EXIT_SUCCESS;
        }
    fprintf(stderr, "crash: %s: no such way\n", name);
    return EXIT_FAILURE;
}

int main(int count, char **words) {
    if (count == 2)
        return crash_now(words[1]);
    for (size_t number = 0; number < WAYS; number++)
        puts(ways[number].name);
    return EXIT_SUCCESS;
}
