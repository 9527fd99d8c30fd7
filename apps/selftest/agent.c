// SPDX-License-Identifier: MIT
#include "agent.h"

#include "clock.h"
#include "process.h"
#include "roles.h"

#include <stdio.h>
#include <string.h>

#define AGENTS_MAX 64u

static struct agent *agents[AGENTS_MAX]; // those that live

// ---- The agent's side ----

static long command_run(const struct agent_command *command) {
    const uint64_t *arguments = command->arguments;
    volatile uint8_t *cursor = (volatile uint8_t *)arguments[0];
    switch (command->operation) {
    case AGENT_EXIT:
        process_exit((uint32_t)arguments[0]);
    case AGENT_POKE:
        *cursor = (uint8_t)arguments[1];
        return 0;
    case AGENT_PEEK:
        return *cursor;
    case AGENT_TIME:
        return (long)clock_now();
    case AGENT_COPY:
        memcpy((void *)arguments[0], (const void *)arguments[1], arguments[2]);
        return 0;
    default:
        return system_call(command->operation, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
    }
}

int role_agent(int argument_count, char *arguments[]) {
    (void)argument_count, (void)arguments;
    static struct agent_command command;
    static struct agent_result result;
    struct message *page = pipe_message();
    for (;;) {
        if (pipe_call(HANDLE_GIVEN, &result, sizeof result, &command, sizeof command, DEADLINE_NONE) < 0)
            return 1;
        page->sent = command.head;
        memcpy(page->payload, command.payload, sizeof command.payload);
        result.result = command_run(&command);
        result.head = page->received;
        memcpy(result.payload, page->payload, sizeof result.payload);
    }
}

// ---- The parent's side ----

static struct agent **agent_slot(uint32_t pid) {
    for (unsigned index = 0; index < AGENTS_MAX; index++)
        if (agents[index] ? agents[index]->pid == pid : pid == 0)
            return &agents[index];
    return NULL;
}

// The pipe on which agents fetch their commands.
static long agents_pipe(void) {
    static long pipe;
    if (pipe > 0)
        return pipe;
    pipe = own_pipe("agents", FLOW_CALL);
    CHECK_SUCCESS(pipe);
    CHECK_EQUAL(pipe_hook(pipe, AGENT_KEY, 0), 0);
    return pipe;
}

bool agent_heard(void) {
    const struct message_received *head = pipe_received();
    if (!CHECK(head->key == AGENT_KEY && head->type == MESSAGE_CALL))
        return false;
    struct agent **link = agent_slot(head->pid);
    if (!CHECK(link != NULL))
        return false;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): CHECK is false for NULL
    (*link)->token = head->token;
    memcpy(&(*link)->result, pipe_payload(), sizeof(struct agent_result));
    return true;
}

static bool agent_await(const struct agent *agent) {
    while (!agent->token)
        if (!CHECK_SUCCESS(pipe_wait(DEADLINE_NONE)) || !agent_heard())
            return false;
    return true;
}

bool agent_start(struct agent *agent, enum kind kind) {
    static uint32_t to_agents;
    memset(agent, 0, sizeof *agent);
    if (!to_agents && agents_pipe() > 0)
        to_agents = (uint32_t)own_open("agents", RIGHT_WRITE);
    long pid = role_spawn(kind, "agent", NULL, to_agents);
    struct agent **link = agent_slot(0);
    if (!CHECK_SUCCESS(pid) || !CHECK(link != NULL))
        return false;
    agent->pid = (uint32_t)pid;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): CHECK is false for NULL
    *link = agent;
    return agent_await(agent);
}

long agent_wait_end(struct agent *agent) {
    struct agent **link = agent_slot(agent->pid);
    long status = process_wait(agent->pid);
    if (link)
        *link = NULL;
    agent->token = 0;
    agent->pid = 0;
    return status;
}

void agent_stop(struct agent *agent) {
    if (!agent->pid)
        return;
    CHECK_SUCCESS(process_kill(agent->pid, 0));
    CHECK_SUCCESS(agent_wait_end(agent));
}

void agent_begin(struct agent *agent, uint32_t operation, uint64_t first, uint64_t second, uint64_t third,
                 uint64_t fourth, uint64_t fifth) {
    struct agent_command *command = &agent->command;
    if (!CHECK(agent->token != 0))
        return;
    command->operation = operation;
    uint64_t arguments[] = {first, second, third, fourth, fifth};
    memcpy(command->arguments, arguments, sizeof arguments);
    CHECK_EQUAL(pipe_reply(agent->token, command, sizeof *command), 0);
    agent->token = 0;
}

long agent_end(struct agent *agent) {
    return agent_await(agent) ? agent->result.result : 0;
}

long agent_call(struct agent *agent, uint32_t operation, uint64_t first, uint64_t second, uint64_t third,
                uint64_t fourth, uint64_t fifth) {
    agent_begin(agent, operation, first, second, third, fourth, fifth);
    return agent_end(agent);
}

long agent_path_call(struct agent *agent, uint32_t operation, const char *path, uint64_t second, uint64_t third) {
    size_t length = strlen(path);
    memcpy(agent->command.payload, path, length);
    return agent_call(agent, operation, length, second, third, 0, 0);
}

long agent_open(struct agent *agent, const char *path, uint32_t rights) {
    return agent_path_call(agent, SYSTEM_CALL_open, path, rights, 0);
}

const char *agent_path(const struct agent *agent, const char *name) {
    static char path[PATH_LENGTH_MAX + 1];
    snprintf(path, sizeof path, "/app/%u/%s", (unsigned)agent->pid, name);
    return path;
}

long agent_request(struct agent *agent, const char *path, const void *request, size_t size, uint32_t handle) {
    long pipe = agent_open(agent, path, RIGHT_WRITE);
    if (pipe < 0)
        return pipe;
    memcpy(agent->command.payload, request, size);
    agent->command.head.handle[0] = handle;
    uint32_t flags = handle ? ATTACH_HANDLES(1) : 0;
    long result = agent_call(agent, SYSTEM_CALL_call, (uint64_t)pipe, size, flags, DEADLINE_NONE, 0);
    static struct agent_result kept;
    kept = agent->result;
    CHECK_EQUAL(agent_call(agent, SYSTEM_CALL_close, (uint64_t)pipe, 0, 0, 0, 0), 0);
    agent->result = kept;
    return result;
}

// ---- Waiting without a clock ----

void until_waiting(long handle, uint64_t count) {
    struct pipe_stat stat;
    do {
        REQUIRE(CHECK_SUCCESS(pipe_stat(handle, &stat)));
    } while (stat.waiting != count);
}

void until_held(long handle, uint32_t count) {
    struct pipe_stat stat;
    do {
        REQUIRE(CHECK_SUCCESS(pipe_stat(handle, &stat)));
    } while (stat.holder_count != count);
}
