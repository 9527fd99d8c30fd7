// SPDX-License-Identifier: MIT
// Addresses and numbers that no honest program gives: the kernel says EFAULT or another error, or kills who gave them,
// and is well afterwards. Invariants 12 and 13.
#include "agent.h"
#include "page.h"
#include "protocol/memory.h"

#define KEY 0xbad
#define KERNEL_TEXT 0xffffffff80000000ull
#define KERNEL_MAP 0xffff800000000000ull
#define MAPPED_AT (MAPPING_BASE + 0x50000000ull)

// No range of bytes at these addresses is the user's.
static const uint64_t bad_addresses[] = {
    1,
    USER_BASE - 1,
    MESSAGE_PAGES_BASE - 1,
    MESSAGE_PAGES_BASE,
    USER_LIMIT - 1,
    USER_LIMIT,
    0x0000800000000000ull - 1,
    KERNEL_MAP + 1,
    KERNEL_TEXT,
    UINT64_MAX - PAGE_SIZE + 1,
    UINT64_MAX - 1,
    UINT64_MAX,
};

#define BAD_ADDRESSES (sizeof bad_addresses / sizeof *bad_addresses)

static void leases_of_bad_addresses(void) {
    struct pipe_stat stat = {0};
    long pipe = own_pipe("calls", FLOW_CALL);
    for (unsigned index = 0; index < BAD_ADDRESSES; index++) {
        struct attached attached = {.leases = {{bad_addresses[index], 2}}, .lease_count = 1};
        CHECK_ERROR(pipe_call_attached(pipe, "", 0, &attached, NULL, 0, DEADLINE_PAST), EFAULT);
        attached.writable_mask = 1;
        CHECK_ERROR(pipe_call_attached(pipe, "", 0, &attached, NULL, 0, DEADLINE_PAST), EFAULT);
        attached = (struct attached){.leases = {{address_of(&stat), 1}, {bad_addresses[index], 2}}, .lease_count = 2};
        CHECK_ERROR(pipe_call_attached(pipe, "", 0, &attached, NULL, 0, DEADLINE_PAST), EFAULT);
    }
    struct attached none = {.leases = {{UINT64_MAX, 0}}, .lease_count = 1};
    CHECK_ERROR(pipe_call_attached(pipe, "", 0, &none, NULL, 0, DEADLINE_PAST), ETIMEDOUT); // no byte is leased
    struct attached long_one = {.leases = {{address_of(&stat), UINT64_MAX}}, .lease_count = 1};
    CHECK_ERROR(pipe_call_attached(pipe, "", 0, &long_one, NULL, 0, DEADLINE_PAST), EMSGSIZE);
    CHECK_EQUAL(pipe_stat(pipe, &stat), 0);
    CHECK_EQUAL(stat.in, 1);
    own_remove("calls", pipe);
}

static void leases_to_bad_addresses(void) {
    static struct agent agent;
    static uint8_t leased[PAGE_SIZE];
    long pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("calls"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    agent.command.head.lease[0] = (struct lease){address_of(leased), sizeof leased};
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, ATTACH_LEASES(1) | ATTACH_WRITABLE(0), DEADLINE_NONE, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 0);
    uint64_t token = pipe_received()->token;
    for (unsigned index = 0; index < BAD_ADDRESSES; index++)
        for (uint64_t write = 0; write <= LEASE_WRITE; write += LEASE_WRITE)
            CHECK_ERROR(system_call(SYSTEM_CALL_copy_lease, token, write, 0, bad_addresses[index], 2), EFAULT);
    CHECK_EQUAL(system_call(SYSTEM_CALL_copy_lease, token, 0, sizeof leased, UINT64_MAX, 0), 0);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    agent_stop(&agent);
    own_remove("calls", pipe);
}

// Invariant 13: an absent page that is leased is made present first, like any that the thread touches itself.
static void absent_pages_are_made_present(void) {
    static struct agent agent;
    static uint8_t untouched[3 * PAGE_SIZE], target[3 * PAGE_SIZE]; // in memory that is filled as it is touched
    long pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("calls"), RIGHT_WRITE);
    CHECK_EQUAL(pipe_hook(pipe, KEY, 0), 0);
    agent.command.head.lease[0] = (struct lease){address_of(untouched) + 1, sizeof untouched - 2};
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, ATTACH_LEASES(1), DEADLINE_NONE, 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NONE), 0);
    uint64_t token = pipe_received()->token;
    CHECK_EQUAL(pipe_lease_read(token, 0, 0, target + 1, sizeof target - 2), sizeof target - 2);
    CHECK_EQUAL(target[1] | target[PAGE_SIZE] | target[sizeof target - 2], 0);
    CHECK_EQUAL(pipe_reply(token, NULL, 0), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    agent_stop(&agent);
    own_remove("calls", pipe);
}

// What nobody will ever make present is its owner's fault, as if the thread had touched it.
static void unmapped_lease_is_the_lessors_fault(void) {
    static struct agent agent;
    long pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(agent_start(&agent, KIND_APP));
    uint64_t handle = (uint64_t)agent_open(&agent, own_path("calls"), RIGHT_WRITE);
    agent.command.head.lease[0] = (struct lease){MAPPED_AT, 1};
    agent_begin(&agent, SYSTEM_CALL_call, handle, 0, ATTACH_LEASES(1), DEADLINE_NONE, 0);
    CHECK_EQUAL(agent_wait_end(&agent), EXIT_FAULT | FAULT_PAGE);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(pipe, &stat), 0);
    CHECK(stat.waiting == 0 && stat.in == 0);
    own_remove("calls", pipe);
}

// Handles, tokens and lengths of every shape: each call refuses them, and nothing else happens.
static void numbers_of_every_shape(void) {
    static const uint64_t numbers[] = {0,          1ull << 15, 1ull << 16, 1ull << 31,
                                       1ull << 32, 1ull << 63, UINT32_MAX, UINT64_MAX};
    struct info_process before = own_information();
    for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        uint64_t number = numbers[index];
        CHECK_ERROR(system_call(SYSTEM_CALL_close, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_set_rules, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_list, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_hook, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_unhook, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_send, number, 0, 0, 0, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_call, number, 0, 0, DEADLINE_NONE, 0), EBADF);
        CHECK_ERROR(system_call(SYSTEM_CALL_copy_lease, number, 0, 0, 0, 0), ESTALE);
        if (number)
            CHECK_ERROR(system_call(SYSTEM_CALL_reply_wait, number, 0, REPLY_ONLY, 0, 0), ESTALE);
        if (number)
            CHECK_ERROR(system_call(SYSTEM_CALL_stat, number, 0, 0, 0, 0), EBADF);
    }
    CHECK_EQUAL(own_information().handles, before.handles);
    CHECK_EQUAL(own_information().quota_used, before.quota_used);
}

// Where a thread may not begin, and what may not be its thread-local base.
static void threads_of_bad_addresses(void) {
    struct control_start start = {.operation = CONTROL_START, .entry = USER_LIMIT, .stack = USER_BASE};
    CHECK_ERROR(pipe_call(HANDLE_CONTROL, &start, sizeof start, NULL, 0, DEADLINE_NONE), EINVAL);
    start = (struct control_start){.operation = CONTROL_START, .entry = USER_BASE, .stack = USER_LIMIT + 1};
    CHECK_ERROR(pipe_call(HANDLE_CONTROL, &start, sizeof start, NULL, 0, DEADLINE_NONE), EINVAL);
    start = (struct control_start){.operation = CONTROL_START, .entry = USER_BASE, .thread_local = KERNEL_MAP};
    CHECK_ERROR(pipe_call(HANDLE_CONTROL, &start, sizeof start, NULL, 0, DEADLINE_NONE), EINVAL);
    for (unsigned index = 0; index < BAD_ADDRESSES; index++) {
        struct control_local local = {.operation = CONTROL_THREAD_LOCAL, .base = bad_addresses[index]};
        if (bad_addresses[index] >= USER_LIMIT)
            CHECK_ERROR(pipe_call(HANDLE_CONTROL, &local, sizeof local, NULL, 0, DEADLINE_NONE), EINVAL);
    }
    CHECK_EQUAL(own_information().threads, 1);
}

static const struct test tests[] = {
    {"bad addresses: leases in the kernel, below, above and wrapping", leases_of_bad_addresses},
    {"bad addresses: leases copied to and from them", leases_to_bad_addresses},
    {"invariant 13: absent pages are made present before they are leased", absent_pages_are_made_present},
    {"bad addresses: an unmapped lease is the lessor's fault", unmapped_lease_is_the_lessors_fault},
    {"bad numbers: handles and tokens of every shape", numbers_of_every_shape},
    {"bad addresses: threads that may not begin there", threads_of_bad_addresses},
};

const struct suite bad_pointer_suite = SUITE(tests);
