// SPDX-License-Identifier: MIT
// Foreign processes: the maker (birth.h) answers their system calls and is their pager.
#include "birth.h"
#include "page.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

#define TOUCHED_AT 0x500000ull
#define NUMBER_TOLD 0x1000u // of the call that tells what the call before has left
#define RESULT 0x123456789abcdefll
#define THREAD_UNKNOWN 99u
#define NUMBER_RAX 0u
#define NUMBER_RCX 1u
#define NUMBER_RSP 4u
#define NUMBER_RDI 7u
#define NUMBER_R11 11u
#define FLAGS_ALL UINT64_MAX

// ---- What runs in them ----

struct foreign_call {
    uint64_t result, arguments[SYSTEM_ARGUMENTS];
};

// A system call by all of its registers; RCX and R11 come with what they hold after it.
__attribute__((always_inline)) static inline uint64_t foreign_call(struct foreign_call *call, uint64_t *r11) {
    register uint64_t fourth __asm__("r10") = call->arguments[3];
    register uint64_t fifth __asm__("r8") = call->arguments[4];
    register uint64_t sixth __asm__("r9") = call->arguments[5];
    register uint64_t eleventh __asm__("r11") = 0;
    uint64_t counter = 0;
    __asm__ volatile("syscall"
                     : "+a"(call->result), "+D"(call->arguments[0]), "+S"(call->arguments[1]), "+d"(call->arguments[2]),
                       "+r"(fourth), "+r"(fifth), "+r"(sixth), "+c"(counter), "+r"(eleventh)
                     :
                     : "memory");
    call->arguments[3] = fourth;
    call->arguments[4] = fifth;
    call->arguments[5] = sixth;
    *r11 = eleventh;
    return counter;
}

// Makes a call by the number of a native one, and tells what it has left: the result, whether the arguments are as they
// were, RCX and R11. So on for ever.
__attribute__((noinline, no_stack_protector)) static void born_call(struct message *page, void *argument) {
    (void)page;
    for (uint64_t base = (uint64_t)argument;; base++) {
        struct foreign_call call = {SYSTEM_CALL_call, {base, base + 1, base + 2, base + 3, base + 4, base + 5}};
        uint64_t r11, ignored, rcx = foreign_call(&call, &r11);
        uint64_t kept = 0;
        for (unsigned index = 0; index < SYSTEM_ARGUMENTS; index++)
            kept += call.arguments[index] == base + index;
        struct foreign_call told = {NUMBER_TOLD, {call.result, kept, rcx, r11, 0, 0}};
        foreign_call(&told, &ignored);
    }
}

// Touches a page, and tells the byte.
__attribute__((noinline, no_stack_protector)) static void born_read(struct message *page, void *argument) {
    (void)page;
    uint64_t ignored;
    struct foreign_call told = {NUMBER_TOLD, {*(volatile uint8_t *)argument}};
    for (;;)
        foreign_call(&told, &ignored);
}

// ---- The maker's side ----

static const struct process_create foreign = {
    .kind = KIND_APP, .priority = PRIORITY_MAX, .quota = QUOTA, .foreign = 1, .name = "foreign"};

static struct system_message asked; // the last system call
static uint64_t token;              // and its token

// Takes a system call, which the maker has just received, as the present one.
static bool call_take(long length) {
    if (!CHECK_EQUAL(length, sizeof asked))
        return false;
    memcpy(&asked, maker.result.payload, sizeof asked);
    token = maker.result.head.token;
    return true;
}

// Starts a foreign process that runs this code, and takes its first message; its exit's handle is in *exit.
static bool foreign_run(struct birth *birth, uint64_t *exit, born_function *function, uint64_t argument) {
    if (!agent_start(&maker, KIND_SERVER) || !process_run(&foreign, NULL, birth, function))
        return false;
    maker_hooks(birth, "fault");
    maker_hooks(birth, "system");
    *exit = maker_hooks(birth, "exit");
    return CHECK_SUCCESS(thread_run(birth, argument, ""));
}

// Replies to the present call with so many bytes of a result, and waits for the next message.
static long reply_wait(long result, long length) {
    memcpy(maker.command.payload, &result, sizeof result);
    return agent_call(&maker, SYSTEM_CALL_reply_wait, token, (uint64_t)length, 0, DEADLINE_NONE, 0);
}

static void foreign_end(const struct birth *birth, uint64_t exit) {
    CHECK_EQUAL(kill_by(birth, 3), 0);
    CHECK_EQUAL(status_awaited(exit), EXIT_KILLED | 3);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth->pid), 0);
    agent_stop(&maker);
}

// The present message is the call that native processes make by this number, with arguments from `base` on; it is
// replied to, and what it has left is the next message.
static void call_check(uint64_t base) {
    CHECK(asked.number == SYSTEM_CALL_call && asked.thread == 0 && asked.unused == 0);
    for (unsigned index = 0; index < SYSTEM_ARGUMENTS; index++)
        CHECK_EQUAL(asked.arguments[index], base + index);
    CHECK(asked.instruction > CODE_AT && asked.instruction < STACK_AT);
    CHECK(asked.stack > STACK_AT && asked.stack < STACK_AT + PAGE_SIZE);
    uint64_t instruction = asked.instruction;
    REQUIRE(call_take(reply_wait(RESULT + (long)base, sizeof(long))));
    CHECK_EQUAL(asked.number, NUMBER_TOLD);
    CHECK_EQUAL(asked.arguments[0], RESULT + (long)base);
    CHECK_EQUAL(asked.arguments[1], SYSTEM_ARGUMENTS);
    CHECK_EQUAL(asked.arguments[2], instruction);
}

// ---- Tests ----

// What the tapper has seen next: its operation and bytes.
static void tap_check(struct agent *tapper, uint32_t operation, size_t length) {
    struct tap_message tapped = {0};
    CHECK_EQUAL(agent_call(tapper, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NOW, 0), sizeof tapped + length);
    memcpy(&tapped, tapper->result.payload, sizeof tapped);
    CHECK(tapped.operation == operation && tapped.length == length);
}

// By the fast path, and with a tap by the slow one.
static void calls_are_messages(void) {
    static struct agent tapper;
    struct birth birth;
    uint64_t exit;
    char path[COMPONENT_MAX];
    REQUIRE(agent_start(&tapper, KIND_APP));
    REQUIRE(foreign_run(&birth, &exit, born_call, 100) && call_take(maker_waits()));
    call_check(100);
    REQUIRE(call_take(reply_wait(0, sizeof(long))));
    call_check(101);
    snprintf(path, sizeof path, "/proc/%u/system", (unsigned)birth.pid);
    uint64_t tap = (uint64_t)agent_open(&tapper, path, RIGHT_TAP);
    CHECK_EQUAL(agent_call(&tapper, SYSTEM_CALL_hook, tap, BIRTH_KEY, HOOK_TAP, 0, 0), 0);
    REQUIRE(call_take(reply_wait(0, sizeof(long))));
    tap_check(&tapper, TAP_REPLIED, sizeof(long)); // to what was called before the tap
    tap_check(&tapper, TAP_CALLED, sizeof asked);
    call_check(102);
    foreign_end(&birth, exit);
    agent_stop(&tapper);
}

static long registers_ask(const struct birth *birth, uint32_t thread, struct register_set *registers) {
    struct control_thread_name request = {CONTROL_GET_REGISTERS, thread};
    long result = maker_call(birth->control, &request, sizeof request, 0);
    memcpy(registers, maker.result.payload, sizeof *registers);
    return result;
}

static long registers_set(const struct birth *birth, uint32_t thread, const struct register_set *registers) {
    struct {
        struct control_thread_name name;
        struct register_set registers;
    } request = {{CONTROL_SET_REGISTERS, thread}, *registers};
    return maker_call(birth->control, &request, sizeof request, 0);
}

static void registers_are_refused(const struct birth *birth, const struct register_set *good) {
    struct register_set bad = *good;
    bad.instruction = USER_LIMIT;
    CHECK_ERROR(registers_set(birth, 0, &bad), EINVAL);
    bad = *good, bad.thread_local = UINT64_MAX;
    CHECK_ERROR(registers_set(birth, 0, &bad), EINVAL);
    bad = *good, memset(bad.float_registers, 0xff, sizeof bad.float_registers);
    CHECK_ERROR(registers_set(birth, 0, &bad), EINVAL);
    CHECK_ERROR(registers_set(birth, THREAD_UNKNOWN, good), ESRCH);
    CHECK_ERROR(registers_ask(birth, THREAD_UNKNOWN, &bad), ESRCH);
    struct control_thread_name own = {CONTROL_GET_REGISTERS, 0};
    CHECK_ERROR(pipe_call(HANDLE_CONTROL, &own, sizeof own, NULL, 0, DEADLINE_NONE), EPERM);
    CHECK_ERROR(pipe_call(HANDLE_CONTROL, &own, sizeof own.operation, NULL, 0, DEADLINE_NONE), EMSGSIZE);
}

// The pager sees and sets the registers, RCX and R11 among them; flags that a program may not change stay.
static void registers_are_set(void) {
    struct birth birth;
    uint64_t exit;
    struct register_set registers, other;
    REQUIRE(foreign_run(&birth, &exit, born_call, 7) && call_take(maker_waits()));
    CHECK_EQUAL(registers_ask(&birth, 0, &registers), sizeof registers);
    CHECK_EQUAL(registers.general[NUMBER_RAX], SYSTEM_CALL_call);
    CHECK_EQUAL(registers.general[NUMBER_RDI], 7);
    CHECK(registers.instruction == asked.instruction && registers.general[NUMBER_RSP] == asked.stack);
    CHECK_EQUAL(registers.general[NUMBER_RCX], asked.instruction);
    registers_are_refused(&birth, &registers);
    uint64_t flags = registers.flags;
    registers.flags = FLAGS_ALL & ~0x40500ull; // all but TF, DF and AC, which the code could not bear
    registers.general[NUMBER_RAX] = 77;
    registers.general[NUMBER_RCX] = 78;
    registers.general[NUMBER_R11] = 79;
    CHECK_EQUAL(registers_set(&birth, 0, &registers), 0);
    CHECK_EQUAL(registers_ask(&birth, 0, &other), sizeof other);
    CHECK_EQUAL(other.flags & ~0x200dd5ull, flags & ~0x200dd5ull);
    REQUIRE(call_take(reply_wait(0, 0)));
    CHECK(asked.arguments[0] == 77 && asked.arguments[1] == SYSTEM_ARGUMENTS);
    CHECK(asked.arguments[2] == 78 && asked.arguments[3] == 79);
    foreign_end(&birth, exit);
}

// The pager starts a second thread as a copy of the first: both are in their calls, each has its own answer.
static void threads_are_copied(void) {
    struct birth birth;
    uint64_t exit, first;
    struct {
        struct control_start start;
        struct register_set registers;
    } request = {.start = {.operation = CONTROL_START}};
    REQUIRE(foreign_run(&birth, &exit, born_call, 7) && call_take(maker_waits()));
    first = token;
    CHECK_EQUAL(registers_ask(&birth, 0, &request.registers), sizeof request.registers);
    request.start.priority = birth.priority;
    request.registers.general[NUMBER_RAX] = 55;
    CHECK_ERROR(maker_call(birth.control, &request, sizeof request - 1, 0), EINVAL);
    CHECK_SUCCESS(maker_call(birth.control, &request, sizeof request, 0));
    REQUIRE(call_take(maker_waits()));
    CHECK(asked.thread == 1 && asked.number == NUMBER_TOLD && asked.arguments[0] == 55);
    token = first;
    REQUIRE(call_take(reply_wait(44, sizeof(long))));
    CHECK(asked.thread == 0 && asked.number == NUMBER_TOLD && asked.arguments[0] == 44);
    foreign_end(&birth, exit);
}

// What is no valid reply ends the process, by both paths.
static void bad_reply_ends(void) {
    struct birth birth;
    uint64_t exit;
    static const long lengths[] = {5, (long)sizeof(struct system_message), -PIPE_EINVAL};
    for (unsigned index = 0; index < sizeof lengths / sizeof *lengths; index++) {
        REQUIRE(foreign_run(&birth, &exit, born_call, 0) && call_take(maker_waits()));
        CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_reply_wait, token, (uint64_t)lengths[index], index ? REPLY_ONLY : 0,
                               DEADLINE_NONE, 0),
                    index ? 0 : (long)sizeof(struct event_message));
        if (index)
            CHECK_EQUAL(status_awaited(exit), EXIT_KILLED);
        while (about_process(PROCESS_REAP, birth.pid) == -PIPE_EBUSY)
            continue;
        agent_stop(&maker);
    }
}

// The server's death ends the process, also when it never hooked the pipe.
static void death_ends(void) {
    struct birth birth;
    uint64_t exit;
    REQUIRE(foreign_run(&birth, &exit, born_call, 0) && call_take(maker_waits()));
    agent_stop(&maker);
    struct info_process process = information_of(birth.pid);
    CHECK(process.pid != birth.pid || process.state >= PROCESS_DYING);
    REQUIRE(agent_start(&maker, KIND_SERVER));
    while (about_process(PROCESS_REAP, birth.pid) == -PIPE_EBUSY)
        continue;
    REQUIRE(process_run(&foreign, NULL, &birth, born_call));
    exit = maker_hooks(&birth, "exit");
    CHECK_SUCCESS(thread_run(&birth, 0, ""));
    CHECK_EQUAL(status_awaited(exit), EXIT_KILLED);
    CHECK_EQUAL(about_process(PROCESS_REAP, birth.pid), 0);
    agent_stop(&maker);
}

// A fault is answered as a native process's is.
static void faults_go_to_the_pager(void) {
    struct birth birth;
    uint64_t exit;
    struct fault_message fault = {0};
    REQUIRE(foreign_run(&birth, &exit, born_read, TOUCHED_AT));
    CHECK_EQUAL(maker_waits(), sizeof fault);
    memcpy(&fault, maker.result.payload, sizeof fault);
    token = maker.result.head.token;
    CHECK(fault.vector == FAULT_PAGE && fault.address == TOUCHED_AT);
    struct control_map map = {.operation = CONTROL_MAP, .flags = PROTECT_READ, .address = TOUCHED_AT, .pages = 1};
    CHECK_EQUAL(maker_call(birth.control, &map, sizeof map, code_region(born_read)), 0);
    REQUIRE(call_take(reply_wait(FAULT_RESUME, sizeof(struct fault_reply))));
    CHECK(asked.number == NUMBER_TOLD && asked.arguments[0] == *(const uint8_t *)(uint64_t)born_read);
    foreign_end(&birth, exit);
}

// Who may take its calls and see what passes: servers, and who may tap.
static void rules_of_its_pipe(void) {
    static struct agent app;
    struct birth birth;
    char path[COMPONENT_MAX];
    struct pipe_stat stat;
    REQUIRE(agent_start(&maker, KIND_SERVER) && agent_start(&app, KIND_APP));
    REQUIRE(process_run(&foreign, NULL, &birth, born_call));
    snprintf(path, sizeof path, "/proc/%u/system", (unsigned)birth.pid);
    CHECK_ERROR(agent_open(&app, path, RIGHT_READ), EACCES);
    CHECK_ERROR(agent_open(&maker, path, RIGHT_WRITE), EACCES);
    CHECK_EQUAL(pipe_stat_path(path, &stat), 0);
    snprintf(path, sizeof path, "/proc/%u/system", (unsigned)maker.pid);
    CHECK_ERROR(pipe_stat_path(path, &stat), ENOENT); // a native process has none
    CHECK_EQUAL(kill_by(&birth, 0), 0);
    while (about_process(PROCESS_REAP, birth.pid) == -PIPE_EBUSY)
        continue;
    agent_stop(&app);
    agent_stop(&maker);
}

static const struct test tests[] = {
    {"foreign: a system call is a message, and the reply its result", calls_are_messages},
    {"foreign: the pager sees and sets registers", registers_are_set},
    {"foreign: the pager copies a thread", threads_are_copied},
    {"foreign: what is no reply ends the process", bad_reply_ends},
    {"foreign: the server's death ends the process", death_ends},
    {"foreign: faults go to the pager", faults_go_to_the_pager},
    {"foreign: who may open the pipe of its system calls", rules_of_its_pipe},
};

const struct suite foreign_suite = SUITE(tests);
