// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t caught, times;
static jmp_buf position;

static void catch (int signal) {
    caught = signal;
    times++;
}

static void leap(int signal) {
    longjmp(position, signal);
}

static void descend(int depth) {
    if (depth == 0)
        longjmp(position, 7);
    if (depth > 0)
        descend(depth - 1);
}

static void check_jumps(void) {
    int result = setjmp(position);
    if (result == 0)
        descend(10);
    check(result == 7, "longjmp out of the depth");
    signal(SIGUSR2, leap);
    result = setjmp(position);
    if (result == 0)
        raise(SIGUSR2);
    check(result == SIGUSR2, "longjmp out of a handler");
    times = 0;
    result = setjmp(position);
    if (result == 0 && times++ < 3)
        longjmp(position, 0);
    check(result == 1 && times == 1, "longjmp of 0 is one of 1");
}

static void check_actions(void) {
    struct sigaction wanted = {.sa_handler = catch, .sa_flags = SA_RESTART}, before = {0};
    sigset_t set, old;
    sigemptyset(&wanted.sa_mask);
    check(sigaction(SIGUSR1, &wanted, NULL) == 0 && sigaction(SIGUSR1, NULL, &before) == 0, "sigaction");
    check(before.sa_handler == catch, "tells what is");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    times = 0;
    check(sigprocmask(SIG_BLOCK, &set, &old) == 0 && raise(SIGUSR1) == 0 && times == 0, "what is blocked waits");
    check(sigprocmask(SIG_SETMASK, &old, NULL) == 0 && times == 1, "and comes then");
}

void check_signals(void) {
    check(signal(SIGTERM, catch) == SIG_DFL && raise(SIGTERM) == 0 && caught == SIGTERM, "raise");
    caught = 0;
    check(kill(getpid(), SIGTERM) == 0 && caught == SIGTERM, "kill itself; the handler stays");
    check(signal(SIGINT, SIG_IGN) == SIG_DFL && raise(SIGINT) == 0, "what is ignored");
    check(signal(SIGINT, SIG_DFL) == SIG_IGN && raise(SIGCHLD) == 0, "what does nothing by itself");
    errno = 0;
    check(signal(SIGKILL, catch) == SIG_ERR && errno == EINVAL, "SIGKILL is not caught");
    check_jumps();
    check_actions();
}
