// SPDX-License-Identifier: MIT
// The search: depth first over all schedules within the limits.
#include "explore.h"

#include "flow.h"

#include <stdio.h>

// Choices at a step of a schedule: an actor goes on, a blocked actor's deadline passes, or the line is tried again.
#define CHOICE_DEADLINE ACTORS_MAX
#define CHOICE_RETRY (2 * ACTORS_MAX)
#define CHOICES (2 * ACTORS_MAX + 1)

// An operation may restart once for each of those that wait, and each wait may end by its deadline.
#define DEPTH_MAX 96u

static struct world saved[DEPTH_MAX];
static struct { uint8_t choice, operation; } trail[DEPTH_MAX];
static const struct scenario *current;
static struct outcome outcome;
static uint32_t depth_reached;

static bool has_program_left(const struct actor *actor) {
    return actor->next < actor->length && actor->next < limits.operations && !actor->has_ended;
}

static bool is_possible(uint32_t choice) {
    if (choice == CHOICE_RETRY)
        return world.line.is_retry_due;
    uint32_t index = choice % ACTORS_MAX;
    if (index >= world.actor_count)
        return false;
    const struct actor *actor = &world.actors[index];
    if (choice >= CHOICE_DEADLINE)
        return actor->is_blocked && actor->deadline != DEADLINE_NONE;
    if (index >= limits.actors || actor->is_blocked || !has_program_left(actor))
        return false;
    bool (*may_start)(void) = actor->program[actor->next].may_start;
    return !may_start || may_start();
}

// ---- One step ----

static void finish_operation(struct actor *actor, long result) {
    const struct operation *operation = &actor->program[actor->next++];
    if (operation->done)
        operation->done(actor, result);
}

// Those whose wait ended by this step.
static void finish_woken(void) {
    for (uint32_t index = 0; index < world.actor_count; index++) {
        struct actor *actor = &world.actors[index];
        if (!actor->is_woken)
            continue;
        actor->is_woken = false;
        if (actor->next < actor->length)
            finish_operation(actor, actor->result);
    }
}

static void run_operation(struct actor *actor) {
    actor->is_blocked = true; // until the call says otherwise; a wake within it is one too early
    long result = actor->program[actor->next].start(actor);
    if (result == PIPENS_BLOCKED)
        return;
    if (!actor->is_blocked)
        complain("a call that did not block has woken its caller");
    actor->is_blocked = false;
    if (result != PIPENS_RESTART)
        finish_operation(actor, result);
}

static void retry_line(void) {
    world.line.is_retry_due = false;
    pipens_interrupt_retry(node_at("/line"));
}

// What must hold between any two steps.
static void look(void) {
    const char *broken = limits.use_audit ? pipens_audit(&world.names) : NULL;
    if (!broken && current->watch)
        broken = current->watch();
    if (broken)
        complain(broken);
}

static void step(uint32_t choice) {
    world.now++;
    outcome.steps++;
    if (choice == CHOICE_RETRY)
        retry_line();
    else if (choice >= CHOICE_DEADLINE)
        pipens_cancel(&world.actors[choice - CHOICE_DEADLINE].waiter, -PIPE_ETIMEDOUT);
    else
        run_operation(&world.actors[choice]);
    while (pipens_close_step(&world.names))
        continue;
    finish_woken();
    look();
}

// ---- At the end of a schedule ----

static bool has_receiving_hook(const struct node *node) {
    for (const struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        if (list_object(link, struct hook, of_node)->waiter->state == WAIT_RECEIVING)
            return true;
    return false;
}

static bool has_ended(struct waiter *waiter) {
    return list_object(waiter, struct actor, waiter)->has_ended;
}

// Who waits for ever must have a reason: what is wrong if it has none, or NULL.
static const char *reason_missing(const struct actor *actor) {
    const struct node *node = actor->waiter.blocked_on;
    switch (actor->waiter.state) {
    case WAIT_QUEUED:
        return has_receiving_hook(node) ? "a caller is queued and a server waits on its pipe" : NULL;
    case WAIT_SENDING:
        if (node->special & NODE_REMOVED)
            return "a sender waits on a pipe that was removed";
        return ring_depth(&node->ring) < node->ring.capacity ? "a sender waits on a queue with room" : NULL;
    case WAIT_IN_FLIGHT:
        return has_ended(actor->waiter.holder) ? "a caller waits for who has ended" : NULL;
    case WAIT_RECEIVING:
        return NULL;
    default:
        return "a thread is blocked and waits for nothing";
    }
}

// Each hook of a thread that receives must have nothing for it.
static const char *wakeup_missing(const struct actor *actor) {
    if (actor->waiter.state != WAIT_RECEIVING)
        return NULL;
    for (const struct list *link = actor->waiter.hooks.next; link != &actor->waiter.hooks; link = link->next)
        if (hook_has(list_object(link, struct hook, of_waiter)))
            return "a thread waits on a pipe that has something for it";
    return NULL;
}

static void judge_waits(void) {
    for (uint32_t index = 0; index < world.actor_count; index++) {
        const struct actor *actor = &world.actors[index];
        if (!actor->is_blocked || actor->has_ended)
            continue;
        const char *wrong = reason_missing(actor);
        if (!wrong)
            wrong = wakeup_missing(actor);
        if (wrong)
            complain(wrong);
    }
}

static void end_schedule(void) {
    outcome.schedules++;
    judge_waits();
    const char *wrong = current->judge();
    if (wrong)
        complain(wrong);
    if (!complaint())
        world_end();
}

// ---- The search ----

static bool can_anybody_go_on(void) {
    for (uint32_t choice = 0; choice < world.actor_count; choice++)
        if (is_possible(choice))
            return true;
    return false;
}

// The preemptions that a choice costs. A deadline that passes while anybody could go on is one.
static uint32_t cost_of(uint32_t choice, uint32_t last) {
    if (choice >= CHOICE_DEADLINE && choice != CHOICE_RETRY)
        return can_anybody_go_on();
    return choice != last && last < ACTORS_MAX && is_possible(last);
}

// Runs every schedule that begins as `trail` does; `last` is who made the last step.
static void search(uint32_t depth, uint32_t last, uint32_t preemptions) {
    bool is_end = true;
    depth_reached = depth;
    if (depth == DEPTH_MAX) {
        complain("a schedule is longer than the explorer can follow");
        return;
    }
    world_save(&saved[depth]);
    for (uint32_t choice = 0; choice < CHOICES; choice++) {
        if (!is_possible(choice))
            continue;
        is_end = false;
        uint32_t cost = cost_of(choice, last);
        if (cost > preemptions)
            continue;
        trail[depth].choice = (uint8_t)choice;
        trail[depth].operation = choice < ACTORS_MAX ? world.actors[choice].next : 0;
        step(choice);
        if (!complaint())
            search(depth + 1, choice, preemptions - cost);
        else
            depth_reached = depth + 1;
        if (complaint())
            return;
        world_restore(&saved[depth]);
    }
    if (is_end) {
        end_schedule();
        if (!complaint())
            world_restore(&saved[depth]);
    }
}

struct outcome explore(const struct scenario *scenario) {
    current = scenario;
    outcome = (struct outcome){0};
    complaint_clear();
    world_start();
    scenario->set_up();
    search(0, ACTORS_MAX, limits.preemptions);
    outcome.complaint = complaint();
    return outcome;
}

void print_schedule(void) {
    for (uint32_t depth = 0; depth < depth_reached; depth++) {
        uint32_t choice = trail[depth].choice;
        if (choice == CHOICE_RETRY)
            printf("#   the line is tried again\n");
        else if (choice >= CHOICE_DEADLINE)
            printf("#   the deadline of actor %u passes\n", choice - CHOICE_DEADLINE);
        else
            printf("#   actor %u: %s\n", choice, world.actors[choice].program[trail[depth].operation].name);
    }
}
