// SPDX-License-Identifier: MIT
// Threads: their registers across switches, priorities, turns, their end.
#include "agent.h"
#include "clock.h"
#include "process.h"
#include "raw_thread.h"
#include "roles.h"
#include "test.h"
#include "thread.h"

#include <errno.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>

#define STACK 16384u
#define TURNS 8u // switches that a test waits to see
#define KEY 0x78ead
#define XMM_REGISTERS 16u
#define XMM_BYTES 16u

static bool thread_begins(void (*function)(void *), void *argument, uint32_t priority) {
    return CHECK_SUCCESS(thread_start(function, argument, STACK, priority));
}

// ---- The vector registers ----

struct spinner {
    volatile uint64_t rounds; // how often the registers were looked at
    volatile bool stops, is_wrong;
    uint8_t pattern[XMM_REGISTERS][XMM_BYTES];
};

// Loads all sixteen registers, spins, and stores them again: without a call, so that only preemption can come between.
static bool registers_survive(const struct spinner *spinner) {
    uint8_t after[XMM_REGISTERS][XMM_BYTES];
    uint64_t turns = 20000;
    __asm__ volatile(
        "movdqu (%1), %%xmm0\n movdqu 16(%1), %%xmm1\n movdqu 32(%1), %%xmm2\n movdqu 48(%1), %%xmm3\n"
        "movdqu 64(%1), %%xmm4\n movdqu 80(%1), %%xmm5\n movdqu 96(%1), %%xmm6\n movdqu 112(%1), %%xmm7\n"
        "movdqu 128(%1), %%xmm8\n movdqu 144(%1), %%xmm9\n movdqu 160(%1), %%xmm10\n movdqu 176(%1), %%xmm11\n"
        "movdqu 192(%1), %%xmm12\n movdqu 208(%1), %%xmm13\n movdqu 224(%1), %%xmm14\n movdqu 240(%1), %%xmm15\n"
        "1: pause\n dec %0\n jnz 1b\n"
        "movdqu %%xmm0, (%2)\n movdqu %%xmm1, 16(%2)\n movdqu %%xmm2, 32(%2)\n movdqu %%xmm3, 48(%2)\n"
        "movdqu %%xmm4, 64(%2)\n movdqu %%xmm5, 80(%2)\n movdqu %%xmm6, 96(%2)\n movdqu %%xmm7, 112(%2)\n"
        "movdqu %%xmm8, 128(%2)\n movdqu %%xmm9, 144(%2)\n movdqu %%xmm10, 160(%2)\n movdqu %%xmm11, 176(%2)\n"
        "movdqu %%xmm12, 192(%2)\n movdqu %%xmm13, 208(%2)\n movdqu %%xmm14, 224(%2)\n movdqu %%xmm15, 240(%2)\n"
        : "+r"(turns)
        : "r"(spinner->pattern), "r"(after)
        : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
          "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return memcmp(after, spinner->pattern, sizeof after) == 0;
}

static void spin_once(struct spinner *spinner) {
    if (!registers_survive(spinner))
        spinner->is_wrong = true;
    spinner->rounds++;
}

static void spin(void *argument) {
    struct spinner *spinner = argument;
    while (!spinner->stops)
        spin_once(spinner);
    thread_exit();
}

static void pattern_fill(struct spinner *spinner, uint8_t seed) {
    for (unsigned number = 0; number < XMM_REGISTERS; number++)
        memset(spinner->pattern[number], seed + (int)number, XMM_BYTES);
}

// Two threads of one priority that never block: each sees the other go on, so that they were preempted, and each keeps
// its registers. Takes turns: round robin.
static void vector_registers_are_kept(void) {
    static struct spinner one, other;
    pattern_fill(&one, 0x10);
    pattern_fill(&other, 0x80);
    REQUIRE(thread_begins(spin, &other, own_priority()));
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint64_t before = other.rounds;
        while (other.rounds == before)
            spin_once(&one);
    }
    other.stops = true;
    CHECK(!one.is_wrong && !other.is_wrong);
    CHECK(one.rounds >= TURNS && other.rounds >= TURNS);
}

// ---- The thread's own data ----

struct local_data {
    struct message *page; // where pipe_message looks
    struct _reent *kept;  // where newlib looks
};

// Takes the base that its argument is for its own, and then loads the segment register, by which its base is 0.
static void loads_a_segment(struct message *page, void *argument) {
    struct control_local request = {.operation = CONTROL_THREAD_LOCAL, .base = (uint64_t)argument};
    *(struct control_local *)(void *)page->payload = request;
    system_call(SYSTEM_CALL_call, HANDLE_CONTROL, sizeof request, 0, DEADLINE_NONE, 0);
    __asm__ volatile("mov %%ss, %%eax\n mov %%eax, %%fs" ::: "rax", "memory");
    raw_thread_exit(page);
}

static void thread_local_is_kept(void) {
    static uint8_t stack[RAW_STACK];
    static struct local_data local;
    local = (struct local_data){pipe_message(), _REENT};
    struct control_local request = {.operation = CONTROL_THREAD_LOCAL, .base = address_of(&local)};
    CHECK_EQUAL(pipe_call(HANDLE_CONTROL, &request, sizeof request, NULL, 0, DEADLINE_NONE), 0);
    REQUIRE(CHECK_SUCCESS(raw_thread_start(loads_a_segment, &local, stack, own_priority())));
    until_alone();
    struct message *page;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(page));
    CHECK(page == local.page);
}

// ---- Priorities ----

static volatile uint64_t lower_ran;
static volatile bool lower_stops;

static void count(void *argument) {
    (void)argument;
    while (!lower_stops)
        lower_ran++;
    thread_exit();
}

// They end once they run, which may be long after a deadline.
static void until_lower_ones_have_ended(void) {
    while (own_information().threads > 1)
        CHECK_ERROR(pipe_wait(clock_deadline(MILLISECOND)), ETIMEDOUT);
}

// A thread of lower priority does not run while a higher one does, and does when that waits.
static void lower_priority_waits(void) {
    uint32_t priority = own_priority();
    REQUIRE(CHECK(priority > 0) && thread_begins(count, NULL, priority - 1));
    uint64_t end = clock_deadline(50 * MILLISECOND); // several slices
    while (clock_now() < end)
        continue;
    CHECK_EQUAL(lower_ran, 0);
    while (lower_ran == 0)
        CHECK_ERROR(pipe_wait(clock_deadline(MILLISECOND)), ETIMEDOUT);
    lower_stops = true;
    until_lower_ones_have_ended();
}

struct relay {
    long served, next; // the pipe that it serves, and the one that it calls meanwhile, or 0
};

static void serve_relay(void *argument) {
    const struct relay *relay = argument;
    pipe_hook(relay->served, KEY, 0);
    while (pipe_wait(DEADLINE_NONE) >= 0 && pipe_received()->type == MESSAGE_CALL) {
        uint64_t token = pipe_received()->token;
        if (relay->next)
            pipe_call(relay->next, "", 0, NULL, 0, DEADLINE_NONE);
        pipe_reply(token, "", 0);
    }
    thread_exit();
}

static void until_hooked(long pipe) {
    struct pipe_stat stat = {0};
    while (CHECK_EQUAL(pipe_stat(pipe, &stat), 0) && stat.hooks == 0)
        CHECK_ERROR(pipe_wait(clock_deadline(MILLISECOND)), ETIMEDOUT);
}

// A call goes through two servers of the lowest priorities, past a thread in the middle that never waits: its priority
// is donated along the chain.
static void priority_is_donated(void) {
    static struct relay relays[2];
    long first = own_pipe("first", FLOW_CALL), second = own_pipe("second", FLOW_CALL);
    relays[0] = (struct relay){first, second};
    relays[1] = (struct relay){second, 0};
    for (unsigned index = 0; index < 2; index++) {
        REQUIRE(thread_begins(serve_relay, &relays[index], 1 - index));
        until_hooked(relays[index].served);
    }
    uint64_t ran = lower_ran;
    lower_stops = false;
    REQUIRE(thread_begins(count, NULL, own_priority() - 1));
    while (lower_ran == ran)
        CHECK_ERROR(pipe_wait(clock_deadline(MILLISECOND)), ETIMEDOUT);
    CHECK_EQUAL(pipe_call(first, "", 0, NULL, 0, clock_deadline(10 * SECOND)), 0);
    lower_stops = true;
    CHECK_EQUAL(pipe_remove(own_path("first")), 0);
    CHECK_EQUAL(pipe_remove(own_path("second")), 0);
    until_lower_ones_have_ended(); // they hook through these handles
    CHECK_EQUAL(pipe_close(first), 0);
    CHECK_EQUAL(pipe_close(second), 0);
}

// ---- Time ----

static volatile bool idler_stops;

static void take_turns(void *argument) {
    (void)argument;
    while (!idler_stops)
        continue;
    thread_exit();
}

// The time of this thread and of the process's first.
static uint64_t time_of_both(uint32_t pid) {
    return first_thread_of(process_id()).processor_time + first_thread_of(pid).processor_time;
}

// However often a thread calls a server, both together are not charged more time than has passed. A third one takes
// every other turn, so that what is charged late, of before the start, does not count.
static void time_is_charged_once(void) {
    long calls = own_pipe("calls", FLOW_CALL), pid = role_spawn(SPAWN_AS_PLAIN, "echo", NULL, calls);
    REQUIRE(CHECK_SUCCESS(pid) && thread_begins(take_turns, NULL, own_priority()));
    CHECK_EQUAL(pipe_call(calls, "x", 1, NULL, 0, DEADLINE_NONE), 1);
    uint64_t start = clock_now();
    uint64_t before = time_of_both((uint32_t)pid);
    while (clock_now() < start + 300 * MILLISECOND)
        pipe_call(calls, "x", 1, NULL, 0, DEADLINE_NONE);
    uint64_t after = time_of_both((uint32_t)pid);
    CHECK(after - before <= clock_now() - start);
    CHECK(after > before);
    idler_stops = true;
    own_remove("calls", calls);
    CHECK_EQUAL(process_wait((uint32_t)pid), 0);
    until_alone();
}

// ---- Hooks and waits of several threads ----

static volatile uint32_t taken_by[2];
static long shared_queue[2]; // a handle for each: a hook a handle

static void take_until_stopped(void *argument) {
    unsigned index = (unsigned)(uintptr_t)argument;
    if (pipe_hook(shared_queue[index], KEY, 0) < 0)
        thread_exit();
    while (pipe_wait(DEADLINE_NONE) > 0)
        taken_by[index]++;
    thread_exit(); // at the empty message
}

// Each message of a queue that two threads hook goes to one of them.
static void queue_is_shared_by_threads(void) {
    struct pipe_stat stat = {0};
    long queue = own_pipe("queue", FLOW_QUEUE);
    for (unsigned index = 0; index < 2; index++) {
        shared_queue[index] = own_open("queue", RIGHT_READ);
        REQUIRE(thread_begins(take_until_stopped, (void *)(uintptr_t)index, own_priority()));
    }
    const uint32_t sent = 100;
    for (uint32_t number = 0; number < sent; number++)
        CHECK_EQUAL(pipe_send(queue, "x", 1, DEADLINE_NONE), 0);
    for (unsigned index = 0; index < 2; index++)
        CHECK_EQUAL(pipe_send(queue, "", 0, DEADLINE_NONE), 0);
    do {
        REQUIRE(CHECK_EQUAL(pipe_stat(queue, &stat), 0));
    } while (stat.hooks || stat.depth); // a thread's hooks end with it
    CHECK_EQUAL(taken_by[0] + taken_by[1], sent);
    own_remove("queue", queue);
    CHECK_EQUAL(pipe_close(shared_queue[0]), 0);
    CHECK_EQUAL(pipe_close(shared_queue[1]), 0);
}

// ---- The heap ----

#define BLOCKS 16u
#define BLOCK_MAX 2000u
#define HEAP_ROUNDS 4000u
#define PAUSE 20000u // nanoseconds

struct heap_user {
    uint32_t random;
    volatile bool is_wrong, has_ended;
    uint8_t *blocks[BLOCKS];
    size_t sizes[BLOCKS];
};

static bool block_holds(const struct heap_user *user, uint32_t number) {
    for (size_t index = 0; index < user->sizes[number]; index++)
        if (user->blocks[number][index] != (uint8_t)user->random)
            return false;
    return true;
}

// A block comes, is filled, and goes; others stay meanwhile.
static void heap_round(struct heap_user *user) {
    uint32_t number = user->random % BLOCKS;
    user->random = user->random * 1664525u + 1013904223u; // Numerical Recipes, 7.1
    free(user->blocks[number]);
    user->sizes[number] = user->random % BLOCK_MAX + 1;
    user->blocks[number] = malloc(user->sizes[number]);
    if (!user->blocks[number]) {
        user->is_wrong = true;
        user->sizes[number] = 0;
        return;
    }
    memset(user->blocks[number], (uint8_t)user->random, user->sizes[number]);
    if (!block_holds(user, number))
        user->is_wrong = true;
}

static void heap_leave(struct heap_user *user) {
    for (uint32_t number = 0; number < BLOCKS; number++)
        free(user->blocks[number]);
}

static void heap_use(void *argument) {
    struct heap_user *user = argument;
    for (uint32_t round = 0; round < HEAP_ROUNDS; round++)
        heap_round(user);
    heap_leave(user);
    user->has_ended = true;
    thread_exit();
}

// The first thread is the most important one, and comes between the others wherever they are.
static void heap_is_shared_by_threads(void) {
    static struct heap_user users[] = {{.random = 1}, {.random = 2}, {.random = 3}};
    uint32_t priority = own_priority();
    REQUIRE(CHECK(priority > 1) && thread_begins(heap_use, &users[1], priority - 1));
    REQUIRE(thread_begins(heap_use, &users[2], priority - 2));
    while (!users[1].has_ended || !users[2].has_ended) {
        pipe_wait(clock_deadline(PAUSE));
        heap_round(&users[0]);
    }
    heap_leave(&users[0]);
    CHECK(!users[0].is_wrong && !users[1].is_wrong && !users[2].is_wrong);
    while (own_information().threads > 1)
        pipe_wait(clock_deadline(MILLISECOND));
}

// ---- Their end ----

static void threads_come_and_go(void) {
    static uint8_t stack[RAW_STACK];
    static volatile uint32_t ended;
    uint32_t priority = own_priority();
    until_alone();
    uint64_t used = own_information().quota_used;
    for (uint32_t number = 0; number < 100; number++) {
        REQUIRE(CHECK_SUCCESS(raw_thread_start(raw_count, (void *)(uintptr_t)&ended, stack, priority)));
        until_alone();
    }
    CHECK_EQUAL(ended, 100);
    CHECK_EQUAL(own_information().quota_used, used);
}

static void takes_and_ends(void *argument) {
    const long *calls = argument;
    if (pipe_hook(*calls, KEY, 0) == 0)
        pipe_wait(DEADLINE_NONE);
    thread_exit();
}

// The caller donates a priority to the thread that it has not of its own: that ends with it, in the middle of its end.
#define HOOKS 200u // more than three of the kernel's chunks of work

static long hooked[HOOKS];

#define HOOKED 4u // pipes
static const char *const hooked_names[HOOKED] = {"hooked0", "hooked1", "hooked2", "hooked3"};

static void hooks_all(struct message *page, void *argument) {
    volatile uint32_t *count = argument;
    for (uint32_t number = 0; number < HOOKS; number++)
        *count += system_call(SYSTEM_CALL_hook, (uint64_t)hooked[number], KEY, 0, 0, 0) == 0;
    raw_thread_exit(page);
}

static uint64_t control_calls(void) {
    char path[COMPONENT_MAX];
    struct pipe_stat stat = {0};
    process_path(path, "/proc/", process_id(), "/control");
    CHECK_EQUAL(pipe_stat_path(path, &stat), 0);
    return stat.in;
}

// The call by which a thread with many hooks ends is run again for each chunk: between two, others may run.
static void thread_ends_in_steps(void) {
    static uint8_t stack[RAW_STACK];
    static volatile uint32_t count;
    long events[HOOKED]; // one process may not hook a pipe so often
    for (uint32_t number = 0; number < HOOKED; number++)
        events[number] = own_pipe(hooked_names[number], FLOW_EVENT);
    for (uint32_t number = 0; number < HOOKS; number++)
        hooked[number] = own_open(hooked_names[number % HOOKED], RIGHT_READ);
    uint64_t before = control_calls();
    REQUIRE(CHECK_SUCCESS(raw_thread_start(hooks_all, (void *)(uintptr_t)&count, stack, own_priority())));
    until_alone();
    CHECK_EQUAL(count, HOOKS);
    CHECK(control_calls() - before > 1 + 3); // the start, and at least so many chunks and the last one
    for (uint32_t number = 0; number < HOOKS; number++)
        CHECK_EQUAL(pipe_close(hooked[number]), 0);
    for (uint32_t number = 0; number < HOOKED; number++)
        own_remove(hooked_names[number], events[number]);
}

static void thread_that_owes_ends(void) {
    static struct agent caller;
    static long calls;
    calls = own_pipe("calls", FLOW_CALL);
    REQUIRE(agent_start(&caller, KIND_APP));
    uint64_t to_calls = (uint64_t)agent_open(&caller, own_path("calls"), RIGHT_WRITE);
    for (unsigned count = 0; count < TURNS; count++) {
        REQUIRE(thread_begins(takes_and_ends, &calls, 0));
        agent_begin(&caller, SYSTEM_CALL_call, to_calls, 1, 0, DEADLINE_NONE, 0);
        CHECK_ERROR(agent_end(&caller), EOWNERDEAD);
    }
    agent_stop(&caller);
    own_remove("calls", calls);
    until_alone();
    CHECK_ERROR(pipe_wait(clock_deadline(MILLISECOND)), ETIMEDOUT); // nobody is ready meanwhile
}

static void process_end_itself(void *argument) {
    process_exit((uint32_t)(uintptr_t)argument);
}

static void thread_only_ends(void *argument) {
    (void)argument;
    thread_exit();
}

static volatile int zero, dividend = 1; // both unknown to the compiler, which divides 1 without an instruction

static void divide(void *argument) {
    (void)argument;
    zero = dividend / zero;
}

#define NOT_STARTED 98

// Ends as its argument says: any thread's exit or fault is the process's, and the last thread's end is the process's
// with 0.
int role_thread(int argument_count, char *arguments[]) {
    const char *what = argument_count > 1 ? arguments[1] : "";
    void (*function)(void *) = thread_only_ends;
    if (strcmp(what, "exit") == 0)
        function = process_end_itself;
    else if (strcmp(what, "fault") == 0)
        function = divide;
    if (thread_start(function, (void *)42, STACK, 0) < 0)
        return NOT_STARTED;
    if (strcmp(what, "last") == 0)
        thread_exit();
    pipe_wait(DEADLINE_NONE); // nothing is hooked
    return 1;
}

static long thread_child(const char *argument) {
    long pid = role_spawn(SPAWN_AS_PLAIN, "thread", argument, 0);
    return CHECK_SUCCESS(pid) ? process_wait((uint32_t)pid) : pid;
}

static void threads_end_their_process(void) {
    CHECK_EQUAL(thread_child("exit"), 42);
    CHECK_EQUAL(thread_child("last"), 0);
    CHECK_EQUAL(thread_child("fault"), EXIT_FAULT | 0);
}

static void priorities_are_bounded(void) {
    static uint8_t stack[RAW_STACK];
    static uint32_t unused;
    struct info_process self = own_information();
    CHECK_ERROR(raw_thread_start(raw_count, &unused, stack, self.priority + 1), EINVAL);
    CHECK_ERROR(raw_thread_start(raw_count, &unused, stack, UINT32_MAX), EINVAL);
    CHECK_EQUAL(own_information().threads, self.threads);
}

// ---- The stack ----

#define SMALL_STACK 2048u
#define SMALL_STACK_USED 1700u // the rest is for the calls

static void stack_use(void *argument) {
    volatile uint8_t bytes[SMALL_STACK_USED];
    for (unsigned index = 0; index < sizeof bytes; index++)
        bytes[index] = UINT8_MAX;
    *(volatile bool *)argument = true;
    thread_exit();
}

// A thread has as much as was asked for: what lies in the heap before its stack stays as it is.
static void stack_is_as_large_as_asked(void) {
    static const uint8_t zeroes[SMALL_STACK];
    volatile bool is_used = false;
    uint8_t *before = calloc(1, sizeof zeroes);
    if (CHECK_SUCCESS(thread_start(stack_use, (void *)&is_used, SMALL_STACK, own_priority())))
        until_alone();
    CHECK(before && is_used && memcmp(before, zeroes, sizeof zeroes) == 0);
    CHECK_ERROR(thread_start(stack_use, (void *)&is_used, SIZE_MAX, own_priority()), ENOMEM);
    free(before);
}

// ---- The C library ----

static void library_use(void *argument) {
    char line[] = "three,four";
    errno = ENOENT;
    strtok(line, ",");
    *(volatile bool *)argument = true;
    thread_exit();
}

// errno, and what functions keep for who calls them, are each thread's own.
static void library_keeps_them_apart(void) {
    volatile bool is_used = false;
    char line[] = "one,two";
    REQUIRE(thread_begins(library_use, (void *)&is_used, own_priority()));
    const char *first = strtok(line, ",");
    errno = EBADF;
    while (!is_used)
        continue;
    int error = errno;
    const char *second = strtok(NULL, ",");
    CHECK_EQUAL(error, EBADF);
    CHECK(first && strcmp(first, "one") == 0 && second && strcmp(second, "two") == 0);
    until_alone();
}

static const struct test tests[] = {
    {"threads: all vector registers are kept across preemption", vector_registers_are_kept},
    {"threads: the C library keeps theirs apart", library_keeps_them_apart},
    {"threads: each keeps its own data's base, whatever others load", thread_local_is_kept},
    {"threads: a lower priority waits for a higher one", lower_priority_waits},
    {"threads: a call's priority is donated along the chain of servers", priority_is_donated},
    {"threads: their time is charged once", time_is_charged_once},
    {"threads: a queue's messages go to one of two each", queue_is_shared_by_threads},
    {"threads: they share the heap, whoever comes between", heap_is_shared_by_threads},
    {"threads: a hundred come and go, and leave nothing", threads_come_and_go},
    {"threads: one with many hooks ends by chunks", thread_ends_in_steps},
    {"threads: one that owes a reply ends, and its caller is told", thread_that_owes_ends},
    {"threads: how they end their process", threads_end_their_process},
    {"threads: none above the process's priority", priorities_are_bounded},
    {"threads: each has as large a stack as was asked for", stack_is_as_large_as_asked},
};

const struct suite thread_suite = SUITE(tests);
