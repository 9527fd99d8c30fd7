// SPDX-License-Identifier: MIT
#include "birth.h"

#include "page.h"
#include "protocol/memory.h"

#include <stdio.h>
#include <string.h>

#define COPIED_AT (MAPPING_BASE + 0x60000000ull) // in the agent, while it writes the code
#define CODE_BYTES 512u

struct agent maker;

long maker_call(uint64_t handle, const void *request, size_t size, uint64_t attached) {
    memcpy(maker.command.payload, request, size);
    maker.command.head.handle[0] = (uint32_t)attached;
    uint64_t flags = attached ? ATTACH_HANDLES(1) : 0;
    return agent_call(&maker, SYSTEM_CALL_call, handle, size, flags, DEADLINE_NONE, 0);
}

long process_make(const struct process_create *create, const char *claimed, struct birth *birth) {
    struct claimed_create request = {.create = *create};
    request.create.operation = PROCESS_CREATE;
    if (claimed) {
        struct claim claim = {.type = CLAIM_CREATE, .length = (uint16_t)strlen(claimed)};
        memcpy(request.claims, &claim, sizeof claim);
        memcpy(request.claims + sizeof claim, claimed, claim.length);
        request.create.claims_length = (uint32_t)sizeof claim + claim.length;
    }
    size_t size = offsetof(struct claimed_create, claims) + request.create.claims_length;
    long result = agent_request(&maker, "/kernel/process", &request, size, 0);
    struct process_created created = {0};
    memcpy(&created, maker.result.payload, sizeof created);
    birth->pid = created.pid;
    birth->priority = create->priority < own_priority() ? create->priority : own_priority();
    birth->control = maker.result.head.handle[0];
    return result;
}

uint64_t code_region(born_function *function) {
    struct memory_request allocate = {.operation = MEMORY_ALLOCATE, .amount = 2};
    CHECK_SUCCESS(agent_request(&maker, MEMORY_PIPE, &allocate, sizeof allocate, 0));
    uint64_t region = maker.result.head.handle[0];
    struct control_map map = {
        .operation = CONTROL_MAP, .flags = PROTECT_READ | PROTECT_WRITE, .address = COPIED_AT, .pages = 1};
    CHECK_EQUAL(maker_call(HANDLE_CONTROL, &map, sizeof map, region), 0);
    CHECK_EQUAL(agent_call(&maker, AGENT_COPY, COPIED_AT, (uint64_t)function, CODE_BYTES, 0, 0), 0);
    struct control_range unmap = {.operation = CONTROL_UNMAP, .address = COPIED_AT, .pages = 1};
    CHECK_EQUAL(maker_call(HANDLE_CONTROL, &unmap, sizeof unmap, 0), 0);
    return region;
}

// Invariant 11's other half: a process without a thread is its maker's to fill.
static void code_map(const struct birth *birth, uint64_t region) {
    struct control_map map = {
        .operation = CONTROL_MAP, .flags = PROTECT_READ | PROTECT_EXECUTE, .address = CODE_AT, .pages = 1};
    CHECK_EQUAL(maker_call(birth->control, &map, sizeof map, region), 0);
    map.flags = PROTECT_READ | PROTECT_WRITE;
    map.offset = PAGE_SIZE;
    map.address = STACK_AT;
    CHECK_EQUAL(maker_call(birth->control, &map, sizeof map, region), 0);
}

long thread_run(const struct birth *birth, uint64_t argument, const char *text) {
    struct {
        struct control_start start;
        char text[COMPONENT_MAX + 1];
    } request = {.start = {.operation = CONTROL_START,
                           .priority = birth->priority,
                           .entry = CODE_AT,
                           .stack = STACK_AT + PAGE_SIZE - CALL_PUSHES,
                           .argument = argument}};
    strncpy(request.text, text, COMPONENT_MAX);
    return maker_call(birth->control, &request, sizeof request.start + strlen(text), 0);
}

bool process_run(const struct process_create *create, const char *claimed, struct birth *birth,
                 born_function *function) {
    if (!CHECK_SUCCESS(process_make(create, claimed, birth)))
        return false;
    uint64_t region = code_region(function);
    code_map(birth, region);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_close, region, 0, 0, 0, 0), 0); // it lives as long as it is mapped
    return true;
}

uint64_t maker_hooks(const struct birth *birth, const char *name) {
    char path[COMPONENT_MAX];
    snprintf(path, sizeof path, "/proc/%u/%s", (unsigned)birth->pid, name);
    uint64_t handle = (uint64_t)agent_open(&maker, path, RIGHT_READ);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_hook, handle, BIRTH_KEY, 0, 0, 0), 0);
    return handle;
}

long maker_waits(void) {
    return agent_call(&maker, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
}

long status_awaited(uint64_t exit) {
    struct event_message event = {0};
    CHECK_EQUAL(maker_waits(), sizeof event);
    memcpy(&event, maker.result.payload, sizeof event);
    CHECK_EQUAL(agent_call(&maker, SYSTEM_CALL_close, exit, 0, 0, 0, 0), 0);
    return (long)event.value;
}

long about_process(uint32_t operation, uint32_t pid) {
    struct process_name request = {operation, pid};
    return agent_request(&maker, "/kernel/process", &request, sizeof request, 0);
}

long kill_by(const struct birth *birth, uint32_t status) {
    struct control_exit end = {CONTROL_KILL, status};
    return maker_call(birth->control, &end, sizeof end, 0);
}
