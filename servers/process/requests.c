// SPDX-License-Identifier: MIT
// Who may ask what: a program is started as the manifest says, whoever asks; its end is awaited and brought about by
// who asked for its start, or by an operator.
#include "requests.h"

#include "crash.h"
#include "protocol/process.h"
#include "report.h"
#include "spawn.h"
#include "supervise.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#define MEMORY_SERVER "memory"

#define FUNCTION_CLAIM_LENGTH (sizeof(struct claim) + sizeof(struct claim_function))
#define SPAWN_CLAIM_MAX (sizeof(struct claim) + PROGRAM_NAME_MAX)

_Static_assert(sizeof(struct claims_reply) + STANZA_CLAIMS_MAX + STANZA_FUNCTIONS_MAX * FUNCTION_CLAIM_LENGTH +
                       (STANZA_SPAWNS_MAX + KINDS) * SPAWN_CLAIM_MAX + STANZA_FILES_MAX <=
                   PAYLOAD_MAX,
               "claims fit a message");

static bool is_operator(uint32_t pid) {
    const struct child *child = child_find(pid);
    return child && !child->has_ended && child->stanza->is_operator;
}

// ---- Spawn ----

// Checks that the strings are as many as the head says, each terminated; argument 0 is the program's name.
static bool strings_check(const struct start_head *head, const char *text, size_t length) {
    uint64_t wanted = (uint64_t)head->argument_count + head->environment_count, found = 0;
    for (size_t index = 0; index < length; index++)
        found += text[index] == 0;
    return head->argument_count > 0 && found == wanted && length > 0 && text[length - 1] == 0;
}

// The caller's stanza lacks this line: the kernel counts, traces and logs that.
static void deny(uint32_t pid, const char *key, const char *value) {
    static long kernel_process;
    struct {
        struct process_name name;
        char line[REPORT_MAX + 1];
    } request = {.name = {PROCESS_DENIED, pid}};
    int length = snprintf(request.line, sizeof request.line, "%s %s", key, value);
    pipe_open_once(&kernel_process, "/kernel/process");
    pipe_call(kernel_process, &request, sizeof request.name + (size_t)length, NULL, 0, DEADLINE_NONE);
}

// Whether the caller may start this program as this kind: 0, -EACCES, or -EPERM by its stanza.
static long spawn_check(uint32_t pid, const struct stanza *stanza, const char *name, enum kind kind) {
    const struct child *caller = child_find(pid);
    if (stanza->is_operator && !is_operator(pid)) {
        deny(pid, "operator", "yes");
        return -PIPE_EACCES;
    }
    if (caller && stanza_may_spawn(caller->stanza, name, kind))
        return 0;
    deny(pid, "spawn", name);
    return -PIPE_EPERM;
}

// The kind as which the program is to run, or -EACCES.
static long kind_choose(const struct stanza *stanza, uint32_t wanted) {
    if (wanted == SPAWN_AS_PLAIN || wanted == stanza->kind)
        return stanza->kind;
    return wanted < KINDS && stanza->kinds >> wanted & 1 ? (long)wanted : -PIPE_EACCES;
}

static long spawn_plan(const struct request *request, const struct spawn_request *spawn, struct start_plan *plan) {
    const char *name = (const char *)request->payload + sizeof *spawn;
    if (!strings_check(&spawn->head, name, request->head.length - sizeof *spawn))
        return -PIPE_EINVAL;
    if (strlen(name) > PROGRAM_NAME_MAX || strchr(name, '/') || !name[0])
        return -PIPE_ENOENT;
    plan->stanza = stanza_of(name);
    if (!plan->stanza)
        return -PIPE_ENOENT;
    long kind = kind_choose(plan->stanza, spawn->kind);
    if (kind < 0)
        return kind;
    long error = spawn_check(request->head.pid, plan->stanza, name, (enum kind)kind);
    if (error)
        return error;
    plan->program = name;
    plan->kind = (enum kind)kind;
    plan->parent = request->head.pid;
    plan->handle_count = request->head.handle_count;
    memcpy(plan->handles, request->head.handle, sizeof plan->handles);
    plan->start = request->payload + offsetof(struct spawn_request, head);
    plan->start_length = request->head.length - offsetof(struct spawn_request, head);
    return 0;
}

static long spawn_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct spawn_request spawn_request;
    struct start_plan plan = {0};
    if (!request_get(request, &spawn_request, sizeof spawn_request))
        return -PIPE_EMSGSIZE;
    long error = spawn_plan(request, &spawn_request, &plan);
    if (error)
        return error;
    const char *reason;
    const struct child *child = spawn(&plan, &error, &reason);
    if (reason)
        report("%s: %s", plan.program, reason);
    if (!child)
        return error;
    struct spawn_reply answer = {child->pid, child->generation};
    memcpy(reply, &answer, sizeof answer);
    return sizeof answer;
}

static long foreign_operation(struct request *request, void *reply, struct attached *attached) {
    struct foreign_request foreign;
    if (!request_get(request, &foreign, sizeof foreign))
        return -PIPE_EMSGSIZE;
    const struct child *maker = child_find(request->head.pid);
    if (!maker || !maker->stanza->makes_foreign) {
        deny(request->head.pid, "foreign", "yes");
        return -PIPE_EPERM;
    }
    foreign.name[PROGRAM_NAME_MAX] = 0;
    struct start_plan plan = {
        .stanza = maker->stanza, .program = foreign.name, .kind = KIND_APP, .parent = request->head.pid};
    long error;
    const struct child *child = spawn_foreign(&plan, &error);
    if (!child)
        return error;
    struct spawn_reply answer = {child->pid, child->generation};
    memcpy(reply, &answer, sizeof answer);
    *attached = (struct attached){.handles = {(uint32_t)child->control}, .handle_count = 1};
    return sizeof answer;
}

// ---- Wait and kill ----

// The child that a request names and that the caller may ask about.
static struct child *child_asked(const struct request *request, struct pid_request *pid, long *error) {
    if (!request_get(request, pid, sizeof *pid)) {
        *error = -PIPE_EMSGSIZE;
        return NULL;
    }
    struct child *child = child_find(pid->pid);
    if (!child)
        *error = -PIPE_ESRCH;
    else if (child->parent != request->head.pid && !is_operator(request->head.pid))
        *error = -PIPE_EACCES;
    return *error ? NULL : child;
}

// Who waited before may be gone, which is not told: its deadline has passed, or it has ended.
static void wait_begin(uint64_t *waiting, uint64_t token) {
    if (*waiting)
        pipe_reply(*waiting, NULL, -PIPE_ECANCELED);
    *waiting = token;
}

static long wait_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct pid_request pid;
    long error = 0;
    struct child *child = child_asked(request, &pid, &error);
    if (!child)
        return error;
    bool is_parent = child->parent == request->head.pid;
    if (!child->has_ended) {
        wait_begin(&child->waiting[is_parent ? WAITER_PARENT : WAITER_OPERATOR], request->head.token);
        return SERVE_LATER;
    }
    long length = crash_tell(child, reply);
    if (is_parent)
        child_give(child);
    return length;
}

// The child that a request is about to end or to suspend.
static struct child *child_ruled(const struct request *request, struct pid_request *pid, long *error) {
    struct child *child = child_asked(request, pid, error);
    if (child && child->has_ended)
        *error = -PIPE_ESRCH;
    else if (child && strcmp(child->stanza->name, MEMORY_SERVER) == 0)
        *error = -PIPE_EACCES;
    return *error ? NULL : child;
}

static long kill_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct pid_request pid;
    long error = 0;
    struct child *child = child_ruled(request, &pid, &error);
    return child ? child_kill(child, pid.status) : error;
}

// Does something with a child, and then with each below it, parents first: so that one that ends or stops starts no
// more. One that is ending already (ESRCH) may have children that live.
static long tree_do(struct request *request, long (*act)(const struct child *child, uint32_t status)) {
    struct pid_request pid;
    long error = 0;
    struct child *top = child_ruled(request, &pid, &error), *child = top;
    if (top)
        error = act(top, pid.status);
    while (top && (!error || error == -PIPE_ESRCH) && (child = child_next_below(top, child)))
        if (!child->has_ended)
            act(child, pid.status);
    return error;
}

static long kill_tree_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    return tree_do(request, child_kill);
}

// One that is suspended already, or goes on already, stays so.
static long control_tell(const struct child *child, uint32_t operation) {
    struct control_empty request = {operation};
    long result = pipe_call(child->control, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    return result == -PIPE_EINVAL ? 0 : result;
}

static long child_suspend(const struct child *child, uint32_t unused) {
    (void)unused;
    return control_tell(child, CONTROL_SUSPEND);
}

static long child_resume(const struct child *child, uint32_t unused) {
    (void)unused;
    return control_tell(child, CONTROL_RESUME);
}

static long suspend_tree_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    return tree_do(request, child_suspend);
}

static long resume_tree_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    return tree_do(request, child_resume);
}

// ---- The rest ----

static uint32_t spawn_write(const char *name, uint8_t *to) {
    const struct claim claim = {CLAIM_SPAWN, 0, (uint16_t)strlen(name)};
    memcpy(to, &claim, sizeof claim);
    memcpy(to + sizeof claim, name, claim.length);
    return (uint32_t)sizeof claim + claim.length;
}

static uint32_t spawns_write(const struct stanza *stanza, uint8_t *to) {
    uint32_t length = 0;
    for (enum kind kind = 0; kind < KINDS; kind++)
        if (stanza->spawn_kinds >> kind & 1)
            length += spawn_write(kind_name(kind), to + length);
    for (uint32_t number = 0; number < stanza->spawn_count; number++)
        length += spawn_write(stanza->spawns[number], to + length);
    return length;
}

// Writes the claims that the kernel does not know. Their length.
static uint32_t functions_write(const struct stanza *stanza, uint8_t *to) {
    const struct claim claim = {CLAIM_FUNCTION, 0, sizeof *stanza->functions};
    for (uint32_t number = 0; number < stanza->function_count; number++) {
        memcpy(to + number * FUNCTION_CLAIM_LENGTH, &claim, sizeof claim);
        memcpy(to + number * FUNCTION_CLAIM_LENGTH + sizeof claim, &stanza->functions[number], claim.length);
    }
    return stanza->function_count * (uint32_t)FUNCTION_CLAIM_LENGTH;
}

// Writes which files the child may use: by its stanza, or its starter's; without `files` there, all.
static uint32_t files_write(const struct child *child, uint8_t *to) {
    static const char all[] = "/**";
    const struct claim claim = {CLAIM_FILES, RIGHT_READ | RIGHT_WRITE, sizeof all - 1};
    const struct stanza *stanza = child->files;
    if (stanza->has_files) {
        memcpy(to, stanza->files, stanza->files_length);
        return stanza->files_length;
    }
    memcpy(to, &claim, sizeof claim);
    memcpy(to + sizeof claim, all, claim.length);
    return (uint32_t)sizeof claim + claim.length;
}

static long claims_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    struct pid_request pid;
    if (!request_get(request, &pid, sizeof pid))
        return -PIPE_EMSGSIZE;
    const struct child *child = child_find(pid.pid);
    if (!child || child->has_ended)
        return -PIPE_ESRCH;
    const struct stanza *stanza = child->stanza;
    struct claims_reply answer = {.quota = stanza->quota,
                                  .memory = stanza->memory,
                                  .flags = (stanza->is_operator ? CLAIMS_OPERATOR : 0) |
                                           (stanza->is_supervised ? CLAIMS_SUPERVISED : 0),
                                  .kinds = stanza->kinds,
                                  .budget = spawn_budget(stanza),
                                  .length = child->is_foreign ? 0 : stanza->claims_length};
    uint8_t *claims = (uint8_t *)reply + sizeof answer;
    strcpy(answer.stanza, stanza->name);
    memcpy(claims, stanza->claims, answer.length);
    if (!child->is_foreign) {
        answer.length += functions_write(stanza, claims + answer.length);
        answer.length += spawns_write(stanza, claims + answer.length);
    }
    answer.length += files_write(child, claims + answer.length);
    memcpy(reply, &answer, sizeof answer);
    return (long)sizeof answer + answer.length;
}

// What volumes ask about a caller.
static long owner_tell(const struct request *request, void *reply, bool with_files) {
    struct pid_request pid;
    if (!request_get(request, &pid, sizeof pid))
        return -PIPE_EMSGSIZE;
    const struct child *child = child_find(pid.pid);
    if (!child)
        return -PIPE_ESRCH;
    struct owner_reply answer = {child->owner, child->generation, child->leader};
    memcpy(reply, &answer, sizeof answer);
    return (long)sizeof answer + (with_files ? files_write(child, (uint8_t *)reply + sizeof answer) : 0);
}

static long owner_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return owner_tell(request, reply, false);
}

static long files_operation(struct request *request, void *reply, struct attached *attached) {
    (void)attached;
    return owner_tell(request, reply, true);
}

static long power_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    struct pid_request power;
    if (!request_get(request, &power, sizeof power))
        return -PIPE_EMSGSIZE;
    if (!is_operator(request->head.pid))
        return -PIPE_EACCES;
    struct power_request ask = {.operation = power.status, .status = power.pid};
    long handle = pipe_open("/kernel/power", RIGHT_WRITE);
    long result = pipe_call(handle, &ask, sizeof ask, NULL, 0, DEADLINE_NONE);
    pipe_close(handle);
    return result;
}

static long ready_operation(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    pipe_reply(request->head.token, NULL, 0);
    boot_ready(request->head.pid);
    return SERVE_LATER;
}

serve_function *const process_operations[PROCESS_OPERATIONS] = {[PROCESS_SPAWN] = spawn_operation,
                                                                [PROCESS_FOREIGN] = foreign_operation,
                                                                [PROCESS_WAIT] = wait_operation,
                                                                [PROCESS_KILL] = kill_operation,
                                                                [PROCESS_POWER] = power_operation,
                                                                [PROCESS_READY] = ready_operation,
                                                                [PROCESS_CLAIMS] = claims_operation,
                                                                [PROCESS_KILL_TREE] = kill_tree_operation,
                                                                [PROCESS_SUSPEND_TREE] = suspend_tree_operation,
                                                                [PROCESS_RESUME_TREE] = resume_tree_operation,
                                                                [PROCESS_OWNER] = owner_operation,
                                                                [PROCESS_FILES] = files_operation};
