// SPDX-License-Identifier: MIT
// Signals (POSIX.1-2017, <signal.h>), as far as a process sends them to itself, instead of newlib's: a handler
// stays until it is changed. Another process knows no signals: it is ended, as by one that it does not catch.
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

#define STATUS_SIGNAL 128u // and its number: as which a process ends that a signal has ended
#define BIT(signal) (1ul << (signal))

// Those that do nothing where nobody catches them.
#define QUIET (BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH))

static void (*handlers[NSIG])(int); // NULL: SIG_DFL
static sigset_t resetting;          // those whose handler runs once
static sigset_t blocked, pending;

static int fail(int error) {
    errno = error;
    return -1;
}

static bool may_be_caught(int signal) {
    return signal > 0 && signal < NSIG && signal != SIGKILL && signal != SIGSTOP;
}

// ---- What a signal does ----

static void deliver(int signal) {
    void (*handler)(int) = handlers[signal];
    if (resetting & BIT(signal))
        handlers[signal] = SIG_DFL;
    if (handler == SIG_DFL && !(QUIET & BIT(signal)))
        process_exit(STATUS_SIGNAL + (uint32_t)signal);
    if (handler != SIG_DFL && handler != SIG_IGN)
        handler(signal);
}

static void deliver_pending(void) {
    for (int signal = 1; signal < NSIG; signal++)
        if (pending & ~blocked & BIT(signal)) {
            pending &= ~BIT(signal);
            deliver(signal);
        }
}

int raise(int signal) {
    if (signal < 0 || signal >= NSIG)
        return fail(EINVAL);
    if (signal == 0)
        return 0;
    pending |= BIT(signal);
    deliver_pending();
    return 0;
}

static long is_there(uint32_t pid) {
    struct claims_reply reply;
    uint8_t claims[PAYLOAD_MAX];
    return process_claims(pid, &reply, claims);
}

int kill(int pid, int signal) {
    if ((uint32_t)pid == process_id())
        return raise(signal);
    if (signal < 0 || signal >= NSIG)
        return fail(EINVAL);
    long error = signal ? process_kill((uint32_t)pid, STATUS_SIGNAL + (uint32_t)signal) : is_there((uint32_t)pid);
    return error < 0 ? fail((int)-error) : 0;
}

// ---- What is to be done with one ----

_sig_func_ptr signal(int signal, _sig_func_ptr handler) {
    if (!may_be_caught(signal)) {
        fail(EINVAL);
        return SIG_ERR;
    }
    _sig_func_ptr before = handlers[signal];
    handlers[signal] = handler;
    resetting &= ~BIT(signal);
    return before;
}

int sigaction(int signal, const struct sigaction *wanted, struct sigaction *before) {
    if (!may_be_caught(signal))
        return fail(EINVAL);
    if (before)
        *before =
            (struct sigaction){.sa_handler = handlers[signal], .sa_flags = resetting & BIT(signal) ? SA_RESETHAND : 0};
    if (!wanted)
        return 0;
    handlers[signal] = wanted->sa_handler;
    resetting &= ~BIT(signal);
    if (wanted->sa_flags & SA_RESETHAND)
        resetting |= BIT(signal);
    return 0;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *before) {
    if (set && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
        return fail(EINVAL);
    if (before)
        *before = blocked;
    if (!set)
        return 0;
    blocked = how == SIG_SETMASK ? *set : how == SIG_BLOCK ? blocked | *set : blocked & ~*set;
    blocked &= ~(BIT(SIGKILL) | BIT(SIGSTOP));
    deliver_pending();
    return 0;
}

int sigpending(sigset_t *set) {
    *set = pending;
    return 0;
}
