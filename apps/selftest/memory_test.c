// SPDX-License-Identifier: MIT
// Memory: mapping regions, write or execute but not both, what is leased and moved, growing on a touch.
#include "agent.h"
#include "page.h"
#include "process.h"
#include "protocol/memory.h"
#include "raw_thread.h"
#include "region.h"
#include "roles.h"
#include "thread.h"

#include <stdlib.h>
#include <string.h>

#define KEY 0x3e3047
#define MAPPED_AT (MAPPING_BASE + 0x40000000ull)
#define READ_WRITE (PROTECT_READ | PROTECT_WRITE)
#define THREAD_STACK 16384u
#define HEAP_BLOCK (3u << 20)

static volatile uint8_t *const mapped = (volatile uint8_t *)MAPPED_AT;

// One request to map, which may be refused: process_map splits what is long.
static long map(long region, uint64_t offset, uint64_t address, uint64_t pages, uint32_t flags) {
    struct control_map request = {
        .operation = CONTROL_MAP, .flags = flags, .offset = offset, .address = address, .pages = pages};
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1};
    return pipe_call_attached(HANDLE_CONTROL, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
}

static long change(enum control_operation operation, uint64_t address, uint64_t pages, uint32_t flags) {
    struct control_range request = {.operation = operation, .flags = flags, .address = address, .pages = pages};
    return pipe_call(HANDLE_CONTROL, &request, sizeof request, NULL, 0, DEADLINE_NONE);
}

static void regions_come_cleared(void) {
    long region = region_allocate(2);
    REQUIRE(CHECK_SUCCESS(region));
    REQUIRE(CHECK_EQUAL(map(region, 0, MAPPED_AT, 2, READ_WRITE), 0));
    for (unsigned index = 0; index < 2 * PAGE_SIZE; index++)
        REQUIRE(CHECK_EQUAL(mapped[index], 0));
    memset((void *)MAPPED_AT, 0xcc, 2 * PAGE_SIZE);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 1, 0), 0);
    CHECK_EQUAL(map(region, 0, MAPPED_AT, 1, READ_WRITE), 0);
    CHECK(mapped[0] == 0xcc && mapped[PAGE_SIZE] == 0xcc);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 1, 0), 0);
    CHECK_EQUAL(map(region, 0, MAPPED_AT, 1, READ_WRITE | MAP_ZERO), 0);
    CHECK(mapped[0] == 0 && mapped[PAGE_SIZE - 1] == 0 && mapped[PAGE_SIZE] == 0xcc);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), 0);
    CHECK_EQUAL(pipe_close(region), 0);
}

// A region may be mapped at several addresses; its bytes are the same everywhere, and it goes when none is left.
static void region_outlives_its_handle(void) {
    long region = region_allocate(1);
    REQUIRE(CHECK_SUCCESS(region));
    CHECK_EQUAL(map(region, 0, MAPPED_AT, 1, READ_WRITE), 0);
    CHECK_EQUAL(map(region, 0, MAPPED_AT + PAGE_SIZE, 1, PROTECT_READ), 0);
    CHECK_EQUAL(pipe_close(region), 0);
    mapped[5] = 0x31;
    CHECK_EQUAL(mapped[PAGE_SIZE + 5], 0x31);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), 0);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), 0); // nothing is there: nothing is done
}

static void mapping_refuses(void) {
    long region = region_allocate(4);
    REQUIRE(CHECK_SUCCESS(region));
    CHECK_ERROR(map(region, 0, MAPPED_AT, 1, PROTECT_READ | PROTECT_WRITE | PROTECT_EXECUTE), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 1, PROTECT_WRITE), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 1, 0), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 1, PROTECT_READ | 0x100), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT + 1, 1, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 1, MAPPED_AT, 1, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 0, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 5, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 4 * PAGE_SIZE, MAPPED_AT, 1, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, UINT64_MAX - PAGE_SIZE + 1, MAPPED_AT, 2, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, MAP_PAGES_MAX + 1, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(region, 0, MAPPED_AT, UINT64_MAX, PROTECT_READ), EINVAL);
    CHECK_ERROR(map(HANDLE_OUTPUT, 0, MAPPED_AT, 1, PROTECT_READ), EBADF);
    CHECK_ERROR(map(HANDLE_UNUSED, 0, MAPPED_AT, 1, PROTECT_READ), EBADF);
    CHECK_EQUAL(map(region, PAGE_SIZE, MAPPED_AT, 2, PROTECT_READ), 0);
    CHECK_ERROR(map(region, 0, MAPPED_AT, 1, PROTECT_READ), EEXIST);
    CHECK_ERROR(map(region, 0, MAPPED_AT - PAGE_SIZE, 2, PROTECT_READ), EEXIST);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT - PAGE_SIZE, 3, 0), 0);
    CHECK_EQUAL(pipe_close(region), 0);
}

// Nothing is mapped, changed or taken away outside of what is the user's.
static void addresses_are_the_users(void) {
    static const uint64_t addresses[] = {0,
                                         USER_BASE - PAGE_SIZE,
                                         MESSAGE_PAGES_BASE,
                                         MESSAGE_PAGES_BASE - PAGE_SIZE,
                                         USER_LIMIT,
                                         0x0000800000000000ull,
                                         0xffff800000000000ull,
                                         0xffffffff80000000ull,
                                         UINT64_MAX - 2 * PAGE_SIZE + 1,
                                         UINT64_MAX - PAGE_SIZE + 1};
    long region = region_allocate(2);
    REQUIRE(CHECK_SUCCESS(region));
    for (unsigned index = 0; index < sizeof addresses / sizeof *addresses; index++) {
        CHECK_ERROR(map(region, 0, addresses[index], 2, PROTECT_READ), EINVAL);
        CHECK_ERROR(change(CONTROL_UNMAP, addresses[index], 2, 0), EINVAL);
        CHECK_ERROR(change(CONTROL_PROTECT, addresses[index], 2, PROTECT_READ), EINVAL);
    }
    CHECK_EQUAL(pipe_close(region), 0);
}

// A page that becomes read-only is written no more, and none becomes both writable and executable.
static void protection_changes(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    struct memory_request allocate = {.operation = MEMORY_ALLOCATE, .amount = 1};
    CHECK_SUCCESS(agent_request(&agent, MEMORY_PIPE, &allocate, sizeof allocate, 0));
    struct control_map request = {.operation = CONTROL_MAP, .flags = READ_WRITE, .address = MAPPED_AT, .pages = 1};
    memcpy(agent.command.payload, &request, sizeof request);
    agent.command.head.handle[0] = agent.result.head.handle[0];
    uint64_t flags = ATTACH_HANDLES(1);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_call, HANDLE_CONTROL, sizeof request, flags, DEADLINE_NONE, 0), 0);
    CHECK_EQUAL(agent_call(&agent, AGENT_POKE, MAPPED_AT, 0x44, 0, 0, 0), 0);
    struct control_range range = {.operation = CONTROL_PROTECT, .address = MAPPED_AT, .pages = 1};
    range.flags = READ_WRITE | PROTECT_EXECUTE;
    memcpy(agent.command.payload, &range, sizeof range);
    CHECK_ERROR(agent_call(&agent, SYSTEM_CALL_call, HANDLE_CONTROL, sizeof range, 0, DEADLINE_NONE, 0), EINVAL);
    range.flags = PROTECT_READ;
    memcpy(agent.command.payload, &range, sizeof range);
    CHECK_EQUAL(agent_call(&agent, SYSTEM_CALL_call, HANDLE_CONTROL, sizeof range, 0, DEADLINE_NONE, 0), 0);
    CHECK_EQUAL(agent_call(&agent, AGENT_PEEK, MAPPED_AT, 0, 0, 0, 0), 0x44);
    agent_begin(&agent, AGENT_POKE, MAPPED_AT, 0x55, 0, 0, 0);
    CHECK_EQUAL(agent_wait_end(&agent), EXIT_FAULT | FAULT_PAGE);
}

// ---- Leasing ----

static long lessor_pipe, lessor_result;

// Leases the two mapped pages, readable only.
static void lease_mapped(void *argument) {
    (void)argument;
    struct attached attached = {.leases = {{MAPPED_AT, 2 * PAGE_SIZE}}, .lease_count = 1};
    lessor_result = pipe_call_attached(lessor_pipe, "", 0, &attached, NULL, 0, DEADLINE_NONE);
    thread_exit();
}

// What is leased stays mapped, as it is, until the reply; and the server may not write what was leased to read.
static void leased_pages_stay(void) {
    static struct agent server;
    static uint8_t copy[2 * PAGE_SIZE];
    long region = region_allocate(2);
    lessor_pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(CHECK_SUCCESS(region) && agent_start(&server, KIND_APP));
    CHECK_EQUAL(map(region, 0, MAPPED_AT, 2, READ_WRITE), 0);
    memset((void *)MAPPED_AT, 0x5c, 2 * PAGE_SIZE);
    uint64_t served = (uint64_t)agent_open(&server, own_path("calls"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_hook, served, KEY, 0, 0, 0), 0);
    REQUIRE(CHECK_SUCCESS(thread_start(lease_mapped, NULL, THREAD_STACK, own_priority())));
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0), 0);
    uint64_t token = server.result.head.token;
    CHECK_EQUAL(server.result.head.lease_length[0], 2 * PAGE_SIZE);
    CHECK_ERROR(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), EBUSY);
    CHECK_ERROR(change(CONTROL_UNMAP, MAPPED_AT + PAGE_SIZE, 1, 0), EBUSY);
    CHECK_ERROR(change(CONTROL_PROTECT, MAPPED_AT, 1, PROTECT_READ), EBUSY);
    uint64_t index = address_of(copy); // the agent's own, at the same address
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_copy_lease, token, 0, 1, index, 2 * PAGE_SIZE - 1), 2 * PAGE_SIZE - 1);
    CHECK_EQUAL(agent_call(&server, AGENT_PEEK, index + 2 * PAGE_SIZE - 2, 0, 0, 0, 0), 0x5c);
    CHECK_ERROR(agent_call(&server, SYSTEM_CALL_copy_lease, token, LEASE_WRITE, 0, index, 1), EACCES);
    CHECK_ERROR(agent_call(&server, SYSTEM_CALL_copy_lease, token, 0, 1, index, 2 * PAGE_SIZE), ERANGE);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_reply_wait, token, 0, REPLY_ONLY, DEADLINE_NOW, 0), 0);
    until_alone();
    CHECK_EQUAL(lessor_result, 0);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), 0);
    agent_stop(&server);
    CHECK_EQUAL(pipe_close(region), 0);
    own_remove("calls", lessor_pipe);
}

// A server that dies lets go of what it was leased.
static void dead_server_unpins(void) {
    static struct agent server;
    long region = region_allocate(2);
    lessor_pipe = own_pipe("calls", FLOW_CALL);
    REQUIRE(CHECK_SUCCESS(region) && agent_start(&server, KIND_APP));
    CHECK_EQUAL(map(region, 0, MAPPED_AT, 2, READ_WRITE), 0);
    uint64_t served = (uint64_t)agent_open(&server, own_path("calls"), RIGHT_READ);
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_hook, served, KEY, 0, 0, 0), 0);
    REQUIRE(CHECK_SUCCESS(thread_start(lease_mapped, NULL, THREAD_STACK, own_priority())));
    CHECK_EQUAL(agent_call(&server, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0), 0);
    agent_stop(&server);
    until_alone();
    CHECK_ERROR(lessor_result, EOWNERDEAD);
    CHECK_EQUAL(change(CONTROL_UNMAP, MAPPED_AT, 2, 0), 0);
    CHECK_EQUAL(pipe_close(region), 0);
    own_remove("calls", lessor_pipe);
}

// ---- Growing ----

// A heap's pages come as they are touched, and cleared.
static void heap_grows(void) {
    uint64_t before = own_information().pages;
    volatile uint8_t *block = malloc(HEAP_BLOCK);
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): a test that fails ends the run
    REQUIRE(CHECK(block != NULL));
    for (unsigned index = 0; index < HEAP_BLOCK; index += PAGE_SIZE)
        block[index] = (uint8_t)(index / PAGE_SIZE);
    for (unsigned index = 0; index < HEAP_BLOCK; index += PAGE_SIZE)
        CHECK_EQUAL(block[index], (uint8_t)(index / PAGE_SIZE));
    CHECK(own_information().pages > before);
    free((void *)(uintptr_t)block);
}

#define HEAPS 4u                    // whose limits together are more than the pool of a machine of 136 MiB
#define HEAP_PART ((size_t)4 << 20) // bytes
#define HEAP_PARTS 8u               // that would be the whole limit of 32 MiB

// Takes all memory that there is for it, waits for the pipe to go, and then touches each page. Ends with the number of
// parts that it got.
int role_heap(int argument_count, char *arguments[]) {
    (void)argument_count, (void)arguments;
    volatile uint8_t *parts[2 * HEAP_PARTS] = {0};
    int count = 0;
    while (count < (int)(2 * HEAP_PARTS) && (parts[count] = malloc(HEAP_PART)))
        count++;
    pipe_call(HANDLE_GIVEN, "", 0, NULL, 0, DEADLINE_NONE);
    for (int part = 0; part < count; part++)
        for (size_t index = 0; index < HEAP_PART; index += PAGE_SIZE)
            parts[part][index] = 1;
    return count; // NOLINT(clang-analyzer-unix.Malloc): the end gives all back
}

// Who asks for more than its limit or than there is gets no memory; what was given is there when it is touched.
static void promises_are_kept(void) {
    long pids[HEAPS], counts[HEAPS], pipe = own_pipe("heaps", FLOW_CALL);
    for (unsigned index = 0; index < HEAPS; index++) {
        pids[index] = role_spawn(SPAWN_AS_PLAIN, "heap", NULL, pipe);
        if (CHECK_SUCCESS(pids[index]))
            until_waiting(pipe, index + 1);
    }
    own_remove("heaps", pipe);
    for (unsigned index = 0; index < HEAPS; index++)
        counts[index] = process_wait((uint32_t)pids[index]);
    CHECK(counts[0] > 0 && counts[0] < HEAP_PARTS);                 // its limit
    CHECK(counts[HEAPS - 1] >= 0 && counts[HEAPS - 1] < counts[0]); // what the others have left
    CHECK(counts[1] == counts[0] && counts[2] == counts[0]);
}

static const struct test tests[] = {
    {"memory: regions come cleared, and MAP_ZERO clears", regions_come_cleared},
    {"memory: a region outlives its handle while it is mapped", region_outlives_its_handle},
    {"memory: what can't be mapped; write or execute, not both", mapping_refuses},
    {"memory: no address but the user's is mapped or changed", addresses_are_the_users},
    {"memory: what becomes read-only is written no more", protection_changes},
    {"memory: what is leased stays as it is until the reply", leased_pages_stay},
    {"memory: a dead server lets go of what it was leased", dead_server_unpins},
    {"memory: a heap grows as it is touched", heap_grows},
    {"memory: no memory left is an error, and what was given is there", promises_are_kept},
};

const struct suite memory_suite = SUITE(tests);
