// SPDX-License-Identifier: MIT
// The lock of newlib's heap ("__malloc_lock", newlib's manual); a thread may take it again while it has it.
//
//   FREE -- heap_take --> TAKEN -- gate_wait of another --> AWAITED -- __malloc_unlock --> FREE
//
// Who finds it taken waits at a gate: a queue of this process that is full, to which it sends. Who gives the lock back
// removes the gate, and all try anew. No wake-up is lost: a waiter says AWAITED only once it has the gate, and looks
// whether the lock has become free; who gives it back sees that, or has done so before. Sending takes nothing from the
// thread's hooks. The gate stands below /app/<pid>, which only apps have: in another program with several threads the
// others must leave the heap alone.
#include "pipe.h"
#include "process.h"

#include <malloc.h>

#define GATE_ROOT "/app/"
#define GATE_NAME "/heap"

enum lock_state { FREE, TAKEN, AWAITED };

static enum lock_state state;
static struct message *owner; // the page of the thread that has it
static uint32_t depth;

static const char *gate_path(void) {
    static char path[sizeof GATE_ROOT + PID_DIGITS + sizeof GATE_NAME];
    process_path(path, GATE_ROOT, process_id(), GATE_NAME);
    return path;
}

// Whether the lock was taken. If not, it has been given back since.
static bool gate_wait(void) {
    const char *path = gate_path();
    long gate = pipe_create(path, FLOW_QUEUE, RULES_DEFAULT, 1, 1);
    if (gate >= 0)
        pipe_send(gate, "", 1, DEADLINE_NOW); // now it is full
    else
        gate = pipe_open(path, RIGHT_WRITE);
    if (gate < 0)
        return false;
    bool is_taken = __atomic_exchange_n(&state, AWAITED, __ATOMIC_ACQUIRE) == FREE;
    if (!is_taken)
        pipe_send(gate, "", 1, DEADLINE_NONE);
    pipe_close(gate);
    return is_taken;
}

static void heap_take(void) {
    enum lock_state expected = FREE;
    if (__atomic_compare_exchange_n(&state, &expected, TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (!gate_wait())
        continue;
}

void __malloc_lock(struct _reent *unused) {
    (void)unused;
    if (!pipe_has_threads)
        return;
    if (owner != pipe_message()) {
        heap_take();
        owner = pipe_message();
    }
    depth++;
}

void __malloc_unlock(struct _reent *unused) {
    (void)unused;
    if (!pipe_has_threads || --depth)
        return;
    owner = NULL;
    if (__atomic_exchange_n(&state, FREE, __ATOMIC_RELEASE) == AWAITED)
        pipe_remove(gate_path());
}
