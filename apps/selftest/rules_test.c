// SPDX-License-Identifier: MIT
// Access rules in full: four classes, four flows and directories, four rights, each allowed and denied, when a name is
// opened and again at each operation. Each class is an agent; the owner is one of its own, so that what it can't remove
// ends with it.
#include "agent.h"

#include <stdio.h>
#include <string.h>

#define KEY 0x9e1e5
#define RIGHTS 4u
#define RULE_BIT_COUNT (RULE_BITS * CLASSES)

static struct agent agents[CLASSES];

// What one rule is tried on.
struct trial {
    enum flow flow;
    uint32_t rules;
    char path[COMPONENT_MAX];
    uint64_t handles[CLASSES]; // opened while everything was allowed
    uint32_t denials;
};

static bool agents_start(void) {
    static const enum kind kinds[CLASSES] = {KIND_APP, KIND_APP, KIND_DRIVER, KIND_SERVER};
    for (unsigned class = 0; class < CLASSES; class ++)
        if (!agent_start(&agents[class], kinds[class]))
            return false;
    return true;
}

static void agents_stop(void) {
    for (unsigned class = 0; class < CLASSES; class ++)
        agent_stop(&agents[class]);
}

static long act(unsigned class, uint32_t operation, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth) {
    return agent_call(&agents[class], operation, first, second, third, fourth, 0);
}

static long create_as(unsigned class, const char *path, enum flow flow) {
    size_t length = strlen(path);
    memcpy(agents[class].command.payload, path, length);
    return act(class, SYSTEM_CALL_create, length, flow, RULES_ALL, 0);
}

// ---- Using a right ----

static long hook_as(unsigned class, uint64_t handle, uint32_t flags) {
    long result = act(class, SYSTEM_CALL_hook, handle, KEY, flags, 0);
    if (result == 0)
        CHECK_EQUAL(act(class, SYSTEM_CALL_unhook, handle, 0, 0, 0), 0);
    return result;
}

// In a directory, each class has a name of its own to create.
static long write_as(unsigned class, const struct trial *trial) {
    char path[PATH_LENGTH_MAX];
    long result;
    switch (trial->flow) {
    case FLOW_DIRECTORY:
        snprintf(path, sizeof path, "%s/%u", trial->path, class);
        return create_as(class, path, FLOW_EVENT);
    case FLOW_CALL:
        result = act(class, SYSTEM_CALL_call, trial->handles[class], 1, 0, DEADLINE_NOW);
        return result == -PIPE_EAGAIN ? 0 : result; // it would have been let in, but nobody serves
    default:
        return act(class, SYSTEM_CALL_send, trial->handles[class], 1, 0, DEADLINE_NOW);
    }
}

// Uses the right through the class's handle: 0 or more, or an error.
static long use(unsigned class, uint32_t right, const struct trial *trial) {
    uint64_t handle = trial->handles[class];
    long result;
    switch (right) {
    case RIGHT_READ:
        if (trial->flow == FLOW_DIRECTORY)
            return act(class, SYSTEM_CALL_list, handle, 0, 0, 0);
        return hook_as(class, handle, 0);
    case RIGHT_WRITE:
        return write_as(class, trial);
    case RIGHT_TAP:
        result = hook_as(class, handle, HOOK_TAP);
        return trial->flow == FLOW_DIRECTORY && result == -PIPE_ENOTSUP ? 0 : result;
    default:
        return act(class, SYSTEM_CALL_set_rules, handle, trial->rules, 0, 0);
    }
}

// ---- Trying a rule ----

static bool is_allowed(const struct trial *trial, unsigned class, uint32_t right) {
    return trial->rules >> (RULE_BITS * class) & right;
}

static void expect(struct trial *trial, long result, bool allowed) {
    if (allowed) {
        CHECK_SUCCESS(result);
    } else {
        CHECK_ERROR(result, EACCES);
        trial->denials++;
    }
}

static void class_tries(struct trial *trial, unsigned class) {
    for (uint32_t right = 1; right < 1u << RIGHTS; right <<= 1) {
        bool allowed = is_allowed(trial, class, right);
        long handle = agent_open(&agents[class], trial->path, right);
        expect(trial, handle, allowed);
        if (handle > 0)
            CHECK_EQUAL(act(class, SYSTEM_CALL_close, (uint64_t)handle, 0, 0, 0), 0);
        expect(trial, use(class, right, trial), allowed);
    }
}

static void trial_run(struct trial *trial) {
    trial->handles[CLASS_OWNER] = (uint64_t)create_as(CLASS_OWNER, trial->path, trial->flow);
    for (unsigned class = CLASS_APP; class < CLASSES; class ++)
        trial->handles[class] = (uint64_t)agent_open(&agents[class], trial->path, RIGHTS_ALL);
    CHECK_EQUAL(act(CLASS_OWNER, SYSTEM_CALL_set_rules, trial->handles[CLASS_OWNER], trial->rules, 0, 0), 0);
    for (unsigned class = 0; class < CLASSES; class ++)
        class_tries(trial, class);
    struct pipe_stat stat;
    CHECK_EQUAL(act(CLASS_OWNER, SYSTEM_CALL_stat, trial->handles[CLASS_OWNER], 0, 0, 0), sizeof stat);
    memcpy(&stat, agents[CLASS_OWNER].result.payload, sizeof stat);
    CHECK_EQUAL(stat.denied, trial->denials);
    for (unsigned class = 0; class < CLASSES; class ++)
        CHECK_EQUAL(act(class, SYSTEM_CALL_close, trial->handles[class], 0, 0, 0), 0);
}

// Each rule gives one right to one class: 16 rules, tried by 4 classes with 4 rights, in 2 ways.
static void matrix(enum flow flow) {
    REQUIRE(agents_start());
    for (unsigned bit = 0; bit < RULE_BIT_COUNT; bit++) {
        struct trial trial = {.flow = flow, .rules = 1u << bit};
        snprintf(trial.path, sizeof trial.path, "/app/%u/rule-%u", (unsigned)agents[CLASS_OWNER].pid, bit);
        trial_run(&trial);
    }
    agents_stop();
}

static void queue_matrix(void) {
    matrix(FLOW_QUEUE);
}

static void topic_matrix(void) {
    matrix(FLOW_TOPIC);
}

static void call_matrix(void) {
    matrix(FLOW_CALL);
}

static void event_matrix(void) {
    matrix(FLOW_EVENT);
}

static void directory_matrix(void) {
    matrix(FLOW_DIRECTORY);
}

// ---- Reading, which is asked for at each message ----

static long take_now(unsigned class) {
    return act(class, SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NOW);
}

// Something comes into the pipe: a message, a signal, or a call, whose caller then waits.
static void put(const struct trial *trial, unsigned caller) {
    if (trial->flow != FLOW_CALL) {
        CHECK_EQUAL(act(CLASS_OWNER, SYSTEM_CALL_send, trial->handles[CLASS_OWNER], 1, 0, DEADLINE_NOW), 0);
        return;
    }
    long handle = pipe_open(trial->path, RIGHT_WRITE);
    agent_begin(&agents[caller], SYSTEM_CALL_call, trial->handles[caller], 1, 0, DEADLINE_NONE, 0);
    until_waiting(handle, 1);
    CHECK_EQUAL(pipe_close(handle), 0);
}

// The class has hooked the pipe when the right is taken from it: what comes is not given to it, and waits until the
// right is back.
static void class_is_revoked(const struct trial *trial, unsigned class) {
    uint64_t owners = trial->handles[CLASS_OWNER], hooked = trial->handles[class];
    unsigned caller = class == CLASS_APP ? CLASS_DRIVER : CLASS_APP;
    CHECK_EQUAL(act(class, SYSTEM_CALL_hook, hooked, KEY, 0, 0), 0);
    CHECK_EQUAL(act(CLASS_OWNER, SYSTEM_CALL_set_rules, owners, RULES_ALL & ~(RIGHT_READ << RULE_BITS * class), 0, 0),
                0);
    put(trial, caller);
    CHECK_ERROR(take_now(class), EAGAIN);
    CHECK_EQUAL(act(CLASS_OWNER, SYSTEM_CALL_set_rules, owners, RULES_ALL, 0, 0), 0);
    CHECK_SUCCESS(take_now(class));
    CHECK_EQUAL(agents[class].result.head.key, KEY);
    if (trial->flow == FLOW_CALL) {
        uint64_t token = agents[class].result.head.token;
        CHECK_EQUAL(act(class, SYSTEM_CALL_reply_wait, token, 0, REPLY_ONLY, DEADLINE_NOW), 0);
        CHECK_EQUAL(agent_end(&agents[caller]), 0);
    }
    CHECK_EQUAL(act(class, SYSTEM_CALL_unhook, hooked, 0, 0, 0), 0);
}

static void readers_are_revoked(void) {
    REQUIRE(agents_start());
    for (unsigned flow = FLOW_QUEUE; flow < FLOWS; flow++) {
        struct trial trial = {.flow = (enum flow)flow};
        snprintf(trial.path, sizeof trial.path, "/app/%u/read-%u", (unsigned)agents[CLASS_OWNER].pid, flow);
        trial.handles[CLASS_OWNER] = (uint64_t)create_as(CLASS_OWNER, trial.path, trial.flow);
        for (unsigned class = CLASS_APP; class < CLASSES; class ++)
            trial.handles[class] = (uint64_t)agent_open(&agents[class], trial.path, RIGHT_READ | RIGHT_WRITE);
        for (unsigned class = 0; class < CLASSES; class ++)
            class_is_revoked(&trial, class);
    }
    agents_stop();
}

// ---- The kernel's own names ----

static long open_by_kind(enum kind kind, const char *path, uint32_t rights) {
    return agent_open(&agents[CLASS_APP + kind], path, rights);
}

// What an app may not touch whatever it claims: either the rules or its claims say so.
static void kernel_names_are_closed(void) {
    static const char *const paths[] = {"/kernel/process", "/kernel/memory", "/kernel/io", "/kernel/power"};
    REQUIRE(agents_start());
    for (unsigned index = 0; index < sizeof paths / sizeof *paths; index++) {
        long error = open_by_kind(KIND_APP, paths[index], RIGHT_WRITE);
        CHECK(error == -PIPE_EACCES || error == -PIPE_EPERM);
    }
    long handle = open_by_kind(KIND_DRIVER, "/kernel/process", RIGHT_WRITE);
    CHECK(handle == -PIPE_EACCES || handle == -PIPE_EPERM);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        CHECK_SUCCESS(open_by_kind((enum kind)kind, "/kernel/clock", RIGHT_WRITE));
        CHECK_SUCCESS(open_by_kind((enum kind)kind, "/kernel/info", RIGHT_WRITE));
    }
    agents_stop();
}

// Names can't be squatted: each kind makes its names in its own directory only.
static void directories_stop_squatting(void) {
    static const char *const paths[] = {"/app/selftest-name", "/dev/selftest-name", "/svc/selftest-name"};
    static const bool may[KINDS][3] = {{true, false, false}, {true, true, false}, {true, true, true}};
    REQUIRE(agents_start());
    for (unsigned kind = 0; kind < KINDS; kind++) {
        unsigned class = CLASS_APP + kind;
        for (unsigned index = 0; index < 3; index++) {
            long handle = create_as(class, paths[index], FLOW_EVENT);
            if (!may[kind][index]) {
                CHECK(handle == -PIPE_EACCES || handle == -PIPE_EPERM);
                continue;
            }
            CHECK_SUCCESS(handle);
            CHECK_EQUAL(agent_path_call(&agents[class], SYSTEM_CALL_remove, paths[index], 0, 0), 0);
        }
    }
    agents_stop();
}

// /app/<pid> is its process's alone: nobody else lists it, finds a name in it, makes one or takes it away.
static void private_directories_are_private(void) {
    REQUIRE(agents_start());
    uint32_t owner = agents[CLASS_OWNER].pid;
    char directory[COMPONENT_MAX], path[COMPONENT_MAX];
    snprintf(directory, sizeof directory, "/app/%u", (unsigned)owner);
    snprintf(path, sizeof path, "/app/%u/mine", (unsigned)owner);
    CHECK_SUCCESS(agent_path_call(&agents[CLASS_OWNER], SYSTEM_CALL_create, path, FLOW_QUEUE, RULES_DEFAULT));
    for (unsigned class = CLASS_APP; class < CLASSES; class ++) {
        char theirs[COMPONENT_MAX];
        snprintf(theirs, sizeof theirs, "/app/%u/theirs-%u", (unsigned)owner, class);
        CHECK_ERROR(create_as(class, theirs, FLOW_QUEUE), EACCES);
        CHECK_ERROR(agent_open(&agents[class], directory, RIGHT_READ), EACCES);
        CHECK_ERROR(agent_open(&agents[class], path, RIGHT_READ), EACCES);
        CHECK_ERROR(agent_path_call(&agents[class], SYSTEM_CALL_remove, path, 0, 0), EACCES);
        CHECK_ERROR(agent_path_call(&agents[class], SYSTEM_CALL_remove, directory, 0, 0), EACCES);
    }
    CHECK_SUCCESS(agent_open(&agents[CLASS_OWNER], path, RIGHT_READ));
    agents_stop();
}

static const struct test tests[] = {
    {"rules: queue, each class and right", queue_matrix},
    {"rules: topic, each class and right", topic_matrix},
    {"rules: call, each class and right", call_matrix},
    {"rules: event, each class and right", event_matrix},
    {"rules: directory, each class and right", directory_matrix},
    {"rules: who may not read any more gets nothing through its hook", readers_are_revoked},
    {"rules: an app can't reach the kernel's own services", kernel_names_are_closed},
    {"rules: directories stop name squatting", directories_stop_squatting},
    {"rules: /app/<pid> is its process's alone", private_directories_are_private},
};

const struct suite rules_suite = SUITE(tests);
