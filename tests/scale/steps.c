// SPDX-License-Identifier: MIT
// ptrace(2): a traced process stops at each signal, and, under PTRACE_SINGLESTEP, after each instruction with SIGTRAP.
// The child marks where counting begins and ends by a signal that it raises.
#include "steps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK SIGUSR1

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static _Noreturn void child_run(void (*prepare)(void), void (*operation)(void), unsigned rounds) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        fail("ptrace");
    prepare();
    operation(); // the first one of all meets what the others don't
    raise(MARK);
    for (unsigned round = 0; round < rounds; round++)
        operation();
    raise(MARK);
    _exit(EXIT_SUCCESS);
}

// Lets the child run on, in this way, until a signal stops it, which is kept from it.
static int next_stop(pid_t child, int request) {
    int status;
    if (ptrace(request, child, NULL, NULL) < 0 || waitpid(child, &status, 0) < 0)
        fail("ptrace");
    if (!WIFSTOPPED(status)) {
        fprintf(stderr, "scale: the process that is counted has ended\n");
        exit(EXIT_FAILURE);
    }
    return WSTOPSIG(status);
}

static void run_to_mark(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) < 0)
        fail("waitpid");
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != MARK) {
        fprintf(stderr, "scale: the process that is counted did not get to its mark\n");
        exit(EXIT_FAILURE);
    }
}

uint64_t steps_of(void (*prepare)(void), void (*operation)(void), unsigned rounds) {
    uint64_t steps = 0;
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        child_run(prepare, operation, rounds);
    run_to_mark(child);
    while (next_stop(child, PTRACE_SINGLESTEP) == SIGTRAP)
        steps++;
    ptrace(PTRACE_CONT, child, NULL, NULL);
    waitpid(child, NULL, 0);
    return steps / rounds;
}
