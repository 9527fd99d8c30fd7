// SPDX-License-Identifier: MIT
#include "attack.h"

#include "clock.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE (sizeof TTY_DIRECTORY + TTY_NAME_MAX + sizeof "/control")

int attack_linger(void) {
    char *const words[] = {"ttytest", "listen", NULL};
    const uint32_t streams[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    long pid = process_spawn(words, streams, 3, SPAWN_AS_PLAIN);
    clock_sleep(100 * MILLISECOND);
    return pid < 0;
}

int attack_listen(void) {
    char bytes[TTY_LINE_MAX];
    long length;
    while ((length = read(0, bytes, sizeof bytes)) > 0) {
        printf("heard %.*s\n", (int)length, bytes);
        fflush(stdout);
    }
    printf("deaf: %ld\n", length);
    return 0;
}

static uint32_t mode_of(long control) {
    struct tty_request request = {.operation = TTY_GET_MODE};
    struct tty_mode mode = {0};
    pipe_call(control, &request, sizeof request, &mode, sizeof mode, DEADLINE_NONE);
    return mode.flags;
}

// Asks without a handle, with that of the own session's input, and with one that may only tap the other's.
int attack_steal(const char *session) {
    char path[PATH_SIZE];
    struct tty_request request = {TTY_SET_MODE, TTY_ECHO};
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s/control", session);
    long control = pipe_open(path, RIGHT_WRITE);
    uint32_t before = mode_of(control);
    long bare = pipe_call(control, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    long own = terminal_set_mode(control, HANDLE_INPUT, TTY_ECHO);
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s/input", session);
    long reader = pipe_open(path, RIGHT_READ), tap = pipe_open(path, RIGHT_TAP);
    long tapped = tap < 0 ? tap : terminal_set_mode(control, tap, TTY_ECHO);
    printf("bare %ld, own %ld, reader %ld, tap %ld, mode %s\n", bare, own, reader, tapped,
           mode_of(control) == before ? "as before" : "changed");
    return control < 0;
}

int attack_grab(long control, unsigned long milliseconds) {
    printf("ready\n");
    fflush(stdout);
    clock_sleep(milliseconds * MILLISECOND);
    printf("grabbed %ld\n", terminal_foreground(control, HANDLE_INPUT, HANDLE_INPUT));
    return 0;
}

int attack_crowd(long control) {
    struct terminal_job job;
    int count = 0;
    long error;
    while ((error = terminal_job_begin(control, HANDLE_INPUT, &job)) == 0)
        count++;
    printf("%d jobs, then %ld\n", count, error);
    return 0;
}
