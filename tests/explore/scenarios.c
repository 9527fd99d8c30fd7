// SPDX-License-Identifier: MIT
// The scenarios: who does what, and what must hold at the end of each schedule. In the quick form only the first three
// actors and their first three operations take part.
#include "explore.h"

#include "hook.h"

#define SEND                                                                                                           \
    { "send", start_send, done_send, NULL }
#define SEND_TIMED                                                                                                     \
    { "send with a deadline", start_send_timed, done_send, NULL }
#define CALL                                                                                                           \
    { "call", start_call, done_call, NULL }
#define CALL_TIMED                                                                                                     \
    { "call with a deadline", start_call_timed, done_call, NULL }
#define WAIT                                                                                                           \
    { "wait", start_wait, done_receive, NULL }
#define WAIT_TIMED                                                                                                     \
    { "wait with a deadline", start_wait_timed, done_receive, NULL }
#define REPLY                                                                                                          \
    { "reply", start_reply, done_reply, NULL }
#define REPLY_AGAIN                                                                                                    \
    { "reply by the same token", start_reply_again, done_reply, NULL }
#define REPLY_WAIT                                                                                                     \
    { "reply and wait", start_reply_wait, done_receive, NULL }
#define HOOK                                                                                                           \
    { "hook", start_hook, NULL, NULL }
#define UNHOOK                                                                                                         \
    { "unhook", start_unhook, NULL, NULL }
#define CLOSE                                                                                                          \
    { "close", start_close, NULL, NULL }
#define END_THREAD                                                                                                     \
    { "end the thread", start_end_thread, NULL, NULL }
#define END_PROCESS                                                                                                    \
    { "end the process", start_end_process, NULL, NULL }

#define PIPE_PATH "/pipe"
#define LINE_PATH "/line"
#define START(process, program) actor_start(process, program, sizeof program / sizeof *program)

// ---- What holds of queues ----

static bool is_in_queue(const struct node *node, uint32_t number) {
    for (uint64_t sequence = node->ring.tail; sequence != node->ring.head; sequence++) {
        uint32_t found;
        host_copy(&found, slot_payload(ring_slot(&node->ring, sequence)), sizeof found);
        if (found == number)
            return true;
    }
    return false;
}

// What was accepted was taken once or is still there; what was not accepted was not taken and is not there.
static const char *judge_queue(void) {
    const struct node *node = node_at(PIPE_PATH);
    for (uint32_t number = 0; number < NUMBERS; number++) {
        bool is_there = world.ledger.received[number] || (node && is_in_queue(node, number));
        if (is_there && !world.ledger.accepted[number])
            return "a message is there whose send has not succeeded";
        if (!is_there && world.ledger.accepted[number] && !world.ledger.pipe_was_removed)
            return "a message is lost";
    }
    return NULL;
}

// ---- Close against a blocked receive ----
// Actor 0 waits on a queue. A thread of its process closes the handle through which it is hooked, opens the pipe anew
// and hooks it for itself, while another process sends.

static long start_close_hooked(struct actor *actor) {
    return pipens_close(&actor->waiter, (uint64_t)world.actors[0].handle);
}

static long start_open_reading(struct actor *actor) {
    return open_pipe(actor, PIPE_PATH, RIGHT_READ);
}

static void close_set_up(void) {
    static const struct operation receiver[] = {WAIT, WAIT, WAIT_TIMED, WAIT};
    static const struct operation closer[] = {
        {"close the receiver's handle", start_close_hooked, NULL, NULL},
        {"open", start_open_reading, done_handle, NULL},
        HOOK,
        WAIT,
    };
    static const struct operation sender[] = {SEND, SEND_TIMED, SEND, SEND};
    static const struct operation other[] = {HOOK, WAIT, UNHOOK, CLOSE};
    struct process *process = process_start(1, KIND_APP, NULL);
    struct actor *first = START(process, receiver);
    START(process, closer);
    first->handle = must_create(first, PIPE_PATH, FLOW_QUEUE, 2);
    must_hook(first, first->handle);
    struct actor *third = START(process_start(2, KIND_APP, NULL), sender);
    third->handle = must_open(third, PIPE_PATH, RIGHT_WRITE);
    struct actor *fourth = START(process_start(3, KIND_APP, NULL), other);
    fourth->handle = must_open(fourth, PIPE_PATH, RIGHT_READ);
}

// ---- Remove against open ----
// The owner removes a full queue and makes it again, while others open it and send, and another removes it too.

static long start_remove(struct actor *actor) {
    world.ledger.pipe_was_removed = true;
    return remove_pipe(actor, PIPE_PATH);
}

static long start_create_again(struct actor *actor) {
    return create_pipe(actor, PIPE_PATH, FLOW_QUEUE, 1);
}

static long start_open(struct actor *actor) {
    return open_pipe(actor, PIPE_PATH, RIGHT_READ | RIGHT_WRITE);
}

#define REMOVE                                                                                                         \
    { "remove", start_remove, NULL, NULL }
#define CREATE                                                                                                         \
    { "create", start_create_again, done_handle, NULL }
#define OPEN                                                                                                           \
    { "open", start_open, done_handle, NULL }

static void remove_set_up(void) {
    static const struct operation owner[] = {REMOVE, CREATE, HOOK, WAIT};
    static const struct operation sender[] = {OPEN, SEND, SEND, SEND_TIMED};
    static const struct operation remover[] = {OPEN, SEND, REMOVE, OPEN};
    struct actor *first = START(process_start(1, KIND_APP, NULL), owner);
    first->handle = must_create(first, PIPE_PATH, FLOW_QUEUE, 1);
    for (uint32_t pid = 2; pid <= 4; pid++) {
        struct process *process = process_start(pid, KIND_APP, NULL);
        struct actor *actor = pid == 4 ? START(process, remover) : START(process, sender);
        actor->handle = must_open(actor, PIPE_PATH, RIGHT_WRITE);
    }
}

// A pipe whose removal has begun has somebody who ends it.
static const char *judge_removal(void) {
    const struct node *node = node_at(PIPE_PATH);
    if (node && node->special & NODE_REMOVED)
        return "a pipe is half removed, and nobody goes on";
    return judge_queue();
}

// ---- Two senders on a full queue ----

static void full_set_up(void) {
    static const struct operation receiver[] = {WAIT, WAIT, WAIT, WAIT_TIMED};
    static const struct operation sender[] = {SEND, SEND_TIMED, SEND, SEND};
    struct actor *first = START(process_start(1, KIND_SERVER, NULL), receiver);
    first->handle = must_create(first, PIPE_PATH, FLOW_QUEUE, 1);
    must_hook(first, first->handle);
    for (uint32_t pid = 2; pid <= 3; pid++) {
        struct actor *actor = START(process_start(pid, KIND_APP, NULL), sender);
        actor->handle = must_open(actor, PIPE_PATH, RIGHT_WRITE);
    }
    struct actor *second = START(process_start(4, KIND_SERVER, NULL), receiver);
    must_hook(second, must_open(second, PIPE_PATH, RIGHT_READ));
}

// ---- Server death with a pending call ----
// A server of two threads, which share what tokens they know, so that one may be used twice. The first thread dies.

static const char *judge_calls(void) {
    for (uint32_t number = 0; number < NUMBERS; number++)
        if (world.ledger.replied[number] > world.ledger.requested[number])
            return "a request was replied to that no server was given";
    return NULL;
}

static void death_set_up(void) {
    static const struct operation server[] = {WAIT, REPLY_WAIT, END_THREAD};
    static const struct operation caller[] = {CALL, CALL_TIMED, CALL, CALL};
    static const struct operation helper[] = {REPLY, WAIT_TIMED, REPLY_AGAIN, REPLY};
    struct process *process = process_start(1, KIND_SERVER, NULL);
    struct actor *first = START(process, server);
    first->handle = must_create(first, PIPE_PATH, FLOW_CALL, 0);
    must_hook(first, first->handle);
    struct actor *second = START(process_start(2, KIND_APP, NULL), caller);
    second->handle = must_open(second, PIPE_PATH, RIGHT_WRITE);
    struct actor *third = START(process, helper);
    must_hook(third, must_open(third, PIPE_PATH, RIGHT_READ));
    struct actor *fourth = START(process_start(3, KIND_APP, NULL), caller);
    fourth->handle = must_open(fourth, PIPE_PATH, RIGHT_WRITE);
}

// ---- The interrupt line ----

static bool line_is_open(void) {
    return !world.line.is_masked;
}

static long start_raise(struct actor *actor) {
    (void)actor;
    world.ledger.signals++;
    if (pipens_interrupt(node_at(LINE_PATH)))
        world.line.is_masked = true;
    return 0;
}

static long start_handled(struct actor *actor) {
    return pipens_send(&actor->waiter, (uint64_t)actor->handle, INTERRUPT_HANDLED, 0, DEADLINE_NOW);
}

static long start_not_mine(struct actor *actor) {
    return pipens_send(&actor->waiter, (uint64_t)actor->handle, INTERRUPT_NOT_MINE, 0, DEADLINE_NOW);
}

#define RAISE                                                                                                          \
    { "interrupt", start_raise, NULL, line_is_open }
#define HANDLED                                                                                                        \
    { "handled", start_handled, NULL, NULL }
#define NOT_MINE                                                                                                       \
    { "not mine", start_not_mine, NULL, NULL }

static void make_line(void) {
    static const struct node_plan plan = {FLOW_EVENT, RULE(RIGHTS_ALL, 0u, RIGHTS_ALL, 0u), 0, 0};
    long error = 0;
    struct node *node = node_create(&world.names.kernel, LINE_PATH, sizeof LINE_PATH - 1, &plan, &error);
    if (!node) {
        complain("the line cannot be made");
        return;
    }
    world.kept_blocks++; // the kernel's nodes stay
    node->interrupt.is_line = true;
    node->interrupt.is_level = true;
}

static struct actor *driver_start(uint32_t pid, const struct operation *program) {
    struct actor *actor = actor_start(process_start(pid, KIND_DRIVER, NULL), program, OPERATIONS_MAX);
    actor->handle = must_open(actor, LINE_PATH, RIGHT_READ | RIGHT_WRITE);
    return actor;
}

// After each step.
static const char *watch_line(void) {
    const struct node *node = node_at(LINE_PATH);
    if (world.line.is_masked)
        return NULL;
    for (const struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        if (list_object(link, struct hook, of_node)->owes_answer)
            return "the line is open while a hook owes an answer";
    return list_is_empty(&node->hooks) ? "the line is open and nobody hooks it" : NULL;
}

static const char *judge_line(void) {
    const struct node *node = node_at(LINE_PATH);
    if (node->total != world.ledger.signals)
        return "an interrupt is not counted";
    bool is_awaited = world.line.is_retry_due || list_is_empty(&node->hooks);
    for (const struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        is_awaited |= list_object(link, struct hook, of_node)->owes_answer;
    return world.line.is_masked && !is_awaited ? "the line is masked and nobody will open it" : NULL;
}

// ---- Interrupt against hook ----

static void hook_set_up(void) {
    static const struct operation hardware[] = {RAISE, RAISE, RAISE, RAISE};
    static const struct operation first[] = {HOOK, WAIT, HANDLED, UNHOOK};
    static const struct operation second[] = {HOOK, WAIT, NOT_MINE, CLOSE};
    static const struct operation third[] = {HOOK, UNHOOK, HOOK, NOT_MINE};
    make_line();
    START(process_start(1, KIND_SERVER, NULL), hardware);
    driver_start(2, first);
    driver_start(3, second);
    driver_start(4, third);
}

// ---- Acknowledge against death ----

static void acknowledge_set_up(void) {
    static const struct operation hardware[] = {RAISE, RAISE, RAISE, RAISE};
    static const struct operation first[] = {WAIT, HANDLED, NOT_MINE, WAIT};
    static const struct operation second[] = {WAIT, NOT_MINE, END_PROCESS, WAIT};
    static const struct operation third[] = {NOT_MINE, END_THREAD, NOT_MINE, NOT_MINE};
    make_line();
    START(process_start(1, KIND_SERVER, NULL), hardware);
    const struct operation *programs[] = {first, second, third};
    for (uint32_t driver = 0; driver + 1 < limits.actors; driver++) {
        struct actor *actor = driver_start(2 + driver, programs[driver]);
        must_hook(actor, actor->handle);
    }
}

// ---- Take-over by a successor against a caller ----

static bool server_has_ended(void) {
    return world.actors[0].process->has_ended;
}

static long start_take_over(struct actor *actor) {
    return create_pipe(actor, PIPE_PATH, FLOW_CALL, 0);
}

#define TAKE_OVER(may_start)                                                                                           \
    { "take over", start_take_over, done_handle, may_start }

static struct actor *caller_start(uint32_t pid, const struct operation *program, uint32_t length) {
    struct actor *actor = actor_start(process_start(pid, KIND_APP, NULL), program, length);
    actor->handle = must_open(actor, PIPE_PATH, RIGHT_WRITE);
    return actor;
}

static void successor_set_up(void) {
    static const struct operation server[] = {WAIT, REPLY_WAIT, END_PROCESS};
    static const struct operation caller[] = {CALL, CALL_TIMED, CALL, CALL};
    static const struct operation successor[] = {TAKE_OVER(server_has_ended), HOOK, WAIT, REPLY_WAIT};
    struct process *succession = process_start(0, KIND_SERVER, NULL);
    succession->principal.is_succession = true;
    struct actor *first = START(process_start(1, KIND_SERVER, &succession->principal), server);
    first->handle = must_create(first, PIPE_PATH, FLOW_CALL, 0);
    must_hook(first, first->handle);
    caller_start(2, caller, OPERATIONS_MAX);
    START(process_start(3, KIND_SERVER, &succession->principal), successor);
    caller_start(4, caller, OPERATIONS_MAX);
}

// The name outlives its server, and belongs to the succession or to the successor.
static const char *judge_take_over(void) {
    const struct node *node = node_at(PIPE_PATH);
    if (!node || node->special & NODE_REMOVED)
        return "a supervised server's pipe is gone";
    const struct principal *owner = node->owner;
    if (server_has_ended() && owner != &world.processes[0].principal && owner != &world.actors[2].process->principal)
        return "a pipe belongs to who is dead";
    return judge_calls();
}

// ---- Take-over against giving up ----
// The server is dead and callers wait. The supervisor gives up and closes its pipes, in steps, while a successor
// comes.

static long start_abandon(struct actor *actor) {
    (void)actor;
    world.ledger.pipe_was_removed = true;
    return principal_abandon_step(&world.processes[0].principal) ? PIPENS_RESTART : 0;
}

// The pipe is the succession's, as its last process has left it.
static void leave_to_succession(struct principal *succession) {
    static const struct node_plan plan = {FLOW_CALL, RULE(RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL, RIGHTS_ALL), 0, 0};
    long error = 0;
    if (!node_create(succession, PIPE_PATH, sizeof PIPE_PATH - 1, &plan, &error))
        complain("a pipe cannot be made");
}

static void abandon_set_up(void) {
    static const struct operation supervisor[] = {{"abandon", start_abandon, NULL, NULL}};
    static const struct operation successor[] = {TAKE_OVER(NULL), HOOK, WAIT, REPLY_WAIT};
    static const struct operation caller[] = {CALL, CALL_TIMED, CALL, CALL};
    struct process *succession = process_start(0, KIND_SERVER, NULL);
    succession->principal.is_succession = true;
    START(process_start(1, KIND_SERVER, NULL), supervisor);
    START(process_start(2, KIND_SERVER, &succession->principal), successor);
    leave_to_succession(&succession->principal);
    caller_start(3, caller, OPERATIONS_MAX);
    caller_start(4, caller, OPERATIONS_MAX);
    must_call(caller_start(5, NULL, 0));
    must_call(caller_start(6, NULL, 0));
}

static const char *judge_abandon(void) {
    const struct node *node = node_at(PIPE_PATH);
    if (node && node->special & NODE_REMOVED)
        return "a pipe is half removed, and nobody goes on";
    return judge_calls();
}

// ---- Removal against the remover's death ----
// A supervised server removes its pipe, on which many wait, and is killed between two chunks of that.

static long start_kill_server(struct actor *actor) {
    struct actor *server = &world.actors[0];
    (void)actor;
    long result = start_end_process(server);
    server->has_ended = true; // it makes no further step while it is taken down
    const struct node *node = node_at(PIPE_PATH);
    if (result == 0 && node && node->special & NODE_REMOVED)
        complain("a dead process has left a pipe half removed");
    return result;
}

static void remover_set_up(void) {
    static const struct operation server[] = {REMOVE};
    static const struct operation killer[] = {{"kill the server", start_kill_server, NULL, NULL}};
    static const struct operation successor[] = {TAKE_OVER(server_has_ended), HOOK, WAIT, REPLY_WAIT};
    static const struct operation caller[] = {CALL, CALL_TIMED, CALL, CALL};
    struct process *succession = process_start(0, KIND_SERVER, NULL);
    succession->principal.is_succession = true;
    struct actor *first = START(process_start(1, KIND_SERVER, &succession->principal), server);
    first->handle = must_create(first, PIPE_PATH, FLOW_CALL, 0);
    START(process_start(2, KIND_SERVER, NULL), killer);
    START(process_start(3, KIND_SERVER, &succession->principal), successor);
    caller_start(4, caller, OPERATIONS_MAX);
    must_call(caller_start(5, NULL, 0));
    must_call(caller_start(6, NULL, 0));
}

// ---- A holder's close against sends and a holder's death ----
// The owner of a transient queue takes what two holders send, of whom one closes its handle and the other ends, while
// another thread sends by the handle that is closed.

static long start_send_by_first(struct actor *actor) {
    actor->handle = world.actors[1].handle;
    return start_send(actor);
}

static void life_set_up(void) {
    static const struct operation owner[] = {WAIT, WAIT, WAIT, WAIT};
    static const struct operation closer[] = {SEND, CLOSE};
    static const struct operation mortal[] = {SEND, END_PROCESS};
    static const struct operation helper[] = {
        {"send by the other thread's handle", start_send_by_first, done_send, NULL}};
    struct actor *first = START(process_start(1, KIND_SERVER, NULL), owner);
    first->handle = must_create(first, PIPE_PATH, (enum flow)(FLOW_QUEUE | CREATE_TRANSIENT), 1);
    must_hook(first, first->handle);
    struct process *process = process_start(2, KIND_APP, NULL);
    struct actor *second = START(process, closer);
    second->handle = must_open(second, PIPE_PATH, RIGHT_WRITE);
    struct actor *third = START(process_start(3, KIND_APP, NULL), mortal);
    third->handle = must_open(third, PIPE_PATH, RIGHT_WRITE);
    START(process, helper);
}

static const char *judge_life(void) {
    if (world.ledger.closed && node_at(PIPE_PATH))
        return "an owner was told that its pipe is closed, and the pipe is there";
    return judge_queue();
}

const struct scenario scenarios[] = {
    {"close against a blocked receive", close_set_up, NULL, judge_queue, false},
    {"remove against open", remove_set_up, NULL, judge_removal, false},
    {"two senders on a full queue", full_set_up, NULL, judge_queue, false},
    {"server death with a pending call", death_set_up, NULL, judge_calls, true},
    {"interrupt against hook", hook_set_up, watch_line, judge_line, false},
    {"acknowledge against death", acknowledge_set_up, watch_line, judge_line, false},
    {"take-over by a successor against a caller", successor_set_up, NULL, judge_take_over, true},
    {"take-over against giving up", abandon_set_up, NULL, judge_abandon, true},
    {"removal against the remover's death", remover_set_up, NULL, judge_abandon, false},
    {"a holder's close against sends and death", life_set_up, NULL, judge_life, false},
};
const uint32_t scenario_count = sizeof scenarios / sizeof *scenarios;
