// SPDX-License-Identifier: MIT
// The kernel's services as any process reaches them: /proc/<pid>/control, its own and one that it was given,
// /kernel/info, /kernel/memory and /kernel/io.
#include "agent.h"
#include "page.h"
#include "process.h"
#include "protocol/memory.h"
#include "region.h"

#include <string.h>

#define KEY 0xc0417801
#define UNKNOWN_OPERATION 1000u
#define MAPPED_AT (MAPPING_BASE + 0x30000000ull)
#define PORTS_LAST 0xffffu

static long control_call(long control, const void *request, size_t size, long handle) {
    struct attached attached = {.handles = {(uint32_t)handle}, .handle_count = handle > 0};
    return pipe_call_attached(control, request, size, &attached, NULL, 0, DEADLINE_NONE);
}

static long control_plain(long control, enum control_operation operation) {
    struct control_empty request = {operation};
    return control_call(control, &request, sizeof request, 0);
}

// The agent gives away a copy of its own control handle.
static long control_of(struct agent *agent) {
    long queue = own_pipe("controls", FLOW_QUEUE);
    uint64_t to = (uint64_t)agent_open(agent, own_path("controls"), RIGHT_WRITE);
    agent->command.head.handle[0] = HANDLE_CONTROL;
    CHECK_EQUAL(agent_call(agent, SYSTEM_CALL_send, to, 0, ATTACH_HANDLES(1), DEADLINE_NOW, 0), 0);
    CHECK_EQUAL(pipe_hook(queue, KEY, 0), 0);
    CHECK_EQUAL(pipe_wait(DEADLINE_NOW), 0);
    long control = pipe_received()->handle[0];
    own_remove("controls", queue);
    return control;
}

// ---- Every service ----

static void requests_that_are_none(void) {
    static const uint32_t unknown = UNKNOWN_OPERATION;
    long info = pipe_open("/kernel/info", RIGHT_WRITE);
    struct attached lease = {.leases = {{address_of(&unknown), sizeof unknown}}, .lease_count = 1};
    CHECK_ERROR(pipe_call(info, &unknown, sizeof unknown, NULL, 0, DEADLINE_NONE), EPROTO);
    CHECK_ERROR(pipe_call(info, &unknown, 0, NULL, 0, DEADLINE_NONE), EMSGSIZE);
    CHECK_ERROR(pipe_call(info, &unknown, sizeof unknown - 1, NULL, 0, DEADLINE_NONE), EMSGSIZE);
    CHECK_ERROR(pipe_call_attached(info, &unknown, sizeof unknown, &lease, NULL, 0, DEADLINE_NONE), EINVAL);
    for (uint32_t operation = INFO_SYSTEM; operation <= INFO_LINE; operation++)
        if (operation != INFO_SYSTEM)
            CHECK_ERROR(pipe_call(info, &operation, sizeof operation, NULL, 0, DEADLINE_NONE), EMSGSIZE);
    for (uint32_t operation = CONTROL_MAP; operation <= CONTROL_THREAD_LOCAL; operation++)
        if (operation <= CONTROL_START || operation == CONTROL_KILL || operation == CONTROL_THREAD_LOCAL)
            CHECK_ERROR(pipe_call(HANDLE_CONTROL, &operation, sizeof operation, NULL, 0, DEADLINE_NONE), EMSGSIZE);
    CHECK_EQUAL(pipe_close(info), 0);
}

static void information_is_given(void) {
    struct info_request request = {.operation = INFO_SYSTEM};
    struct info_system system = {0};
    long info = pipe_open("/kernel/info", RIGHT_WRITE);
    CHECK_EQUAL(pipe_call(info, &request, sizeof request, &system, sizeof system, DEADLINE_NONE), sizeof system);
    CHECK(system.memory > system.reserve && system.reserve >= system.reserve_used && system.lines > 0);
    CHECK(system.processes > 0 && system.threads >= system.processes && system.processors == 1);
    request = (struct info_request){.operation = INFO_LINE, .number = system.lines};
    CHECK_ERROR(pipe_call(info, &request, sizeof request, NULL, 0, DEADLINE_NONE), ENXIO);
    request = (struct info_request){.operation = INFO_PROCESS, .number = UINT32_MAX};
    CHECK_ERROR(pipe_call(info, &request, sizeof request, NULL, 0, DEADLINE_NONE), ESRCH);
    request = (struct info_request){.operation = INFO_THREAD, .number = process_id(), .index = UINT32_MAX};
    CHECK_ERROR(pipe_call(info, &request, sizeof request, NULL, 0, DEADLINE_NONE), ESRCH);
    request = (struct info_request){.operation = INFO_FRAMEBUFFER};
    struct info_framebuffer screen = {0};
    long result = pipe_call(info, &request, sizeof request, &screen, sizeof screen, DEADLINE_NONE);
    CHECK((result == sizeof screen && screen.width > 0 && screen.height > 0) || result == -PIPE_ENODEV);
    CHECK_EQUAL(own_information().pid, process_id());
    CHECK_EQUAL(strcmp(own_information().name, "selftest"), 0);
    CHECK_EQUAL(pipe_close(info), 0);
}

// ---- Control of another process ----

// Invariant 11: while a process has threads, only itself and its pager map in it, and nobody gives it handles or
// threads.
static void running_process_is_closed(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    long control = control_of(&agent), region = region_allocate(1);
    struct control_map map = {.operation = CONTROL_MAP, .flags = PROTECT_READ, .address = MAPPED_AT, .pages = 1};
    struct control_range range = {.operation = CONTROL_UNMAP, .address = MAPPED_AT, .pages = 1};
    struct control_start start = {.operation = CONTROL_START, .entry = USER_BASE, .stack = USER_BASE};
    struct control_local local = {.operation = CONTROL_THREAD_LOCAL};
    struct control_empty give = {CONTROL_GIVE};
    CHECK_ERROR(control_call(control, &map, sizeof map, region), EPERM);
    CHECK_ERROR(control_call(control, &range, sizeof range, 0), EPERM);
    range.operation = CONTROL_PROTECT;
    CHECK_ERROR(control_call(control, &range, sizeof range, 0), EPERM);
    CHECK_ERROR(control_call(control, &start, sizeof start, 0), EPERM);
    CHECK_ERROR(control_call(control, &give, sizeof give, HANDLE_OUTPUT), EPERM);
    CHECK_ERROR(control_call(control, &local, sizeof local, 0), EPERM);
    CHECK_ERROR(control_plain(control, CONTROL_EXIT_THREAD), EPERM);
    CHECK_EQUAL(information_of(agent.pid).threads, 1);
    CHECK_EQUAL(pipe_close(region), 0);
    CHECK_EQUAL(pipe_close(control), 0);
    agent_stop(&agent);
}

// A suspended process takes no step, and goes on where it was.
static void process_is_suspended(void) {
    static struct agent agent;
    static uint8_t index;
    REQUIRE(agent_start(&agent, KIND_APP));
    long control = control_of(&agent);
    CHECK_ERROR(control_plain(control, CONTROL_RESUME), EINVAL);
    CHECK_EQUAL(control_plain(control, CONTROL_SUSPEND), 0);
    CHECK_ERROR(control_plain(control, CONTROL_SUSPEND), EINVAL);
    CHECK_EQUAL(information_of(agent.pid).state, PROCESS_SUSPENDED);
    agent_begin(&agent, AGENT_PEEK, address_of(&index), 0, 0, 0, 0);
    uint64_t time = information_of(agent.pid).processor_time;
    CHECK_ERROR(pipe_wait(DEADLINE_PAST), ETIMEDOUT);
    CHECK_EQUAL(information_of(agent.pid).processor_time, (long)time);
    CHECK_EQUAL(control_plain(control, CONTROL_RESUME), 0);
    CHECK_EQUAL(agent_end(&agent), 0);
    CHECK_EQUAL(control_plain(control, CONTROL_SUSPEND), 0);
    agent_stop(&agent); // a suspended process can be killed
    CHECK_ERROR(control_plain(control, CONTROL_SUSPEND), EPIPE);
    CHECK_EQUAL(pipe_close(control), 0);
}

static void process_is_killed_by_control(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_APP));
    long control = control_of(&agent);
    struct control_exit end = {CONTROL_KILL, 0x1ff};
    CHECK_EQUAL(control_call(control, &end, sizeof end, 0), 0);
    CHECK_EQUAL(agent_wait_end(&agent), EXIT_KILLED | 0xff);
    end.status = 0;
    long error = control_call(control, &end, sizeof end, 0);
    CHECK(error == -PIPE_ESRCH || error == -PIPE_EPIPE); // dead, or forgotten
    CHECK_EQUAL(pipe_close(control), 0);
}

// ---- Memory and ports: servers and drivers ----

static long memory_request(struct agent *agent, uint32_t operation, uint64_t offset, uint64_t pages, uint32_t region) {
    struct memory_range range = {.operation = operation, .offset = offset, .pages = pages};
    return agent_request(agent, "/kernel/memory", &range, sizeof range, region);
}

static uint32_t region_of(struct agent *agent, uint64_t pages) {
    struct memory_request allocate = {.operation = MEMORY_ALLOCATE, .amount = pages};
    CHECK_SUCCESS(agent_request(agent, MEMORY_PIPE, &allocate, sizeof allocate, 0));
    return agent->result.head.handle[0];
}

static void regions_are_split(struct agent *agent) {
    struct memory_info info;
    struct memory_range back;
    uint32_t region = region_of(agent, 4);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 1, 1, region), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 0, 0, region), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 4 * PAGE_SIZE, 1, region), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, PAGE_SIZE, UINT64_MAX, region), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 0, 1, HANDLE_UNUSED), EBADF);
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 0, 1, 0), EINVAL);
    CHECK_EQUAL(memory_request(agent, MEMORY_SPLIT, PAGE_SIZE, 2, region), 0);
    uint32_t child = agent->result.head.handle[0];
    CHECK_ERROR(memory_request(agent, MEMORY_SPLIT, 2 * PAGE_SIZE, 1, region), EBUSY);
    CHECK_EQUAL(memory_request(agent, MEMORY_INFO, 0, 0, child), sizeof info);
    memcpy(&info, agent->result.payload, sizeof info);
    CHECK(info.pages == 2 && info.owner == agent->pid && info.physical == 0 && info.flags == 0);
    CHECK_EQUAL(agent_call(agent, SYSTEM_CALL_close, child, 0, 0, 0, 0), 0);
    CHECK_EQUAL(memory_request(agent, MEMORY_RETURNED, 0, 0, region), sizeof back);
    memcpy(&back, agent->result.payload, sizeof back);
    CHECK(back.offset == PAGE_SIZE && back.pages == 2);
    CHECK_EQUAL(memory_request(agent, MEMORY_SPLIT, PAGE_SIZE, 2, region), 0);
}

#define BEYOND_PROCESSORS (1ull << 51) // the architecture's last bit of an address; QEMU's processors have 40 to 46

// A driver or server has only the memory and the ports that its claims name: the selftest claims none.
static void devices_need_claims(struct agent *agent) {
    struct {
        struct io_request head;
        struct io_access access;
    } io = {.head = {.count = 1}, .access = {.port = 0x80, .width = 1}};
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, 0xb8000, 1, 0), EPERM);
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, 0x100000, 1, 0), EPERM);
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, 1, 1, 0), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, 0, 0, 0), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, 0xb8000, UINT64_MAX, 0), EINVAL);
    CHECK_ERROR(memory_request(agent, MEMORY_PHYSICAL, BEYOND_PROCESSORS, 1, 0), EINVAL);
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io, 0), EPERM);
    io.access = (struct io_access){.port = PORTS_LAST, .width = 4};
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io, 0), EPERM);
    io.access.width = 3;
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io, 0), EPERM);
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io - 1, 0), EMSGSIZE);
    io.head.count = 0;
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io, 0), EINVAL);
    io.head.count = IO_ACCESSES_MAX + 1;
    CHECK_ERROR(agent_request(agent, "/kernel/io", &io, sizeof io, 0), EINVAL);
}

static void memory_and_ports(void) {
    static struct agent agent;
    REQUIRE(agent_start(&agent, KIND_DRIVER));
    regions_are_split(&agent);
    devices_need_claims(&agent);
    agent_stop(&agent);
}

static const struct test tests[] = {
    {"services: requests that are none", requests_that_are_none},
    {"services: /kernel/info", information_is_given},
    {"invariant 11: nobody maps or gives in a process that runs", running_process_is_closed},
    {"control: suspended, and resumed", process_is_suspended},
    {"control: killed by who was given the handle", process_is_killed_by_control},
    {"services: /kernel/memory and /kernel/io keep to owners and claims", memory_and_ports},
};

const struct suite control_suite = SUITE(tests);
