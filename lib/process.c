// SPDX-License-Identifier: MIT
#include "process.h"

#include "page.h"
#include "pipe.h"

#include <string.h>

char **environ;

// ---- Other processes ----

static long process_pipe(void) {
    static long handle;
    return pipe_open_once(&handle, PROCESS_PIPE);
}

// Appends terminated strings at `*length`; how many, or -E2BIG.
static long strings_append(uint8_t *request, size_t *length, char *const strings[]) {
    long count = 0;
    for (; strings && strings[count]; count++) {
        size_t size = strlen(strings[count]) + 1;
        if (size > PAYLOAD_MAX - *length)
            return -PIPE_E2BIG;
        memcpy(request + *length, strings[count], size);
        *length += size;
    }
    return count;
}

long process_spawn(char *const arguments[], const uint32_t *handles, unsigned handle_count, uint32_t kind) {
    uint8_t request[PAYLOAD_MAX];
    struct spawn_request head = {.operation = PROCESS_SPAWN, .kind = kind};
    struct attached attached = {.handle_count = (uint8_t)handle_count};
    size_t length = sizeof head;
    if (handle_count > SPAWN_HANDLES_MAX)
        return -PIPE_EINVAL;
    long argument_count = strings_append(request, &length, arguments);
    if (argument_count < 0)
        return argument_count;
    long environment_count = strings_append(request, &length, environ);
    if (environment_count < 0)
        return environment_count;
    head.head = (struct start_head){(uint32_t)argument_count, (uint32_t)environment_count};
    memcpy(request, &head, sizeof head);
    memcpy(attached.handles, handles, handle_count * sizeof *handles);
    struct spawn_reply reply;
    long result = pipe_call_attached(process_pipe(), request, length, &attached, &reply, sizeof reply, DEADLINE_NONE);
    return result < 0 ? result : (long)reply.pid;
}

static long pid_ask(enum process_request_operation operation, uint32_t pid, uint32_t status, struct wait_reply *reply) {
    struct pid_request request = {operation, pid, status};
    return pipe_call(process_pipe(), &request, sizeof request, reply, sizeof *reply, DEADLINE_NONE);
}

long process_wait_text(uint32_t pid, struct wait_reply *reply) {
    reply->status = 0;
    reply->text[0] = 0;
    long result = pid_ask(PROCESS_WAIT, pid, 0, reply);
    return result < 0 ? result : (long)reply->status;
}

long process_wait(uint32_t pid) {
    struct wait_reply reply;
    return process_wait_text(pid, &reply);
}

long process_kill(uint32_t pid, uint32_t status) {
    struct wait_reply reply;
    return pid_ask(PROCESS_KILL, pid, status, &reply);
}

long process_kill_tree(uint32_t pid, uint32_t status) {
    struct wait_reply reply;
    return pid_ask(PROCESS_KILL_TREE, pid, status, &reply);
}

long process_suspend_tree(uint32_t pid) {
    struct wait_reply reply;
    return pid_ask(PROCESS_SUSPEND_TREE, pid, 0, &reply);
}

long process_resume_tree(uint32_t pid) {
    struct wait_reply reply;
    return pid_ask(PROCESS_RESUME_TREE, pid, 0, &reply);
}

long process_power(uint32_t operation, uint32_t status) {
    struct wait_reply reply;
    return pid_ask(PROCESS_POWER, status, operation, &reply);
}

long process_ready(void) {
    struct wait_reply reply;
    return pid_ask(PROCESS_READY, 0, 0, &reply);
}

long process_claims(uint32_t pid, struct claims_reply *reply, uint8_t *claims) {
    struct pid_request request = {.operation = PROCESS_CLAIMS, .pid = pid};
    uint8_t answer[PAYLOAD_MAX];
    long length = pipe_call(process_pipe(), &request, sizeof request, answer, sizeof answer, DEADLINE_NONE);
    if (length < (long)sizeof *reply)
        return length < 0 ? length : -PIPE_EPROTO;
    memcpy(reply, answer, sizeof *reply);
    memcpy(claims, answer + sizeof *reply, (size_t)length - sizeof *reply);
    return length - (long)sizeof *reply;
}

// ---- This process ----

static long control(const void *request, size_t length) {
    return pipe_call(HANDLE_CONTROL, request, length, NULL, 0, DEADLINE_NONE);
}

// The kernel stamps each reply with its sender; a pid of its own stands in the name of /app/<pid> alone, so it is asked
// for.
uint32_t process_id(void) {
    static uint32_t pid;
    struct control_empty request = {CONTROL_IDENTITY};
    struct process_created identity = {0};
    if (!pid && pipe_call(HANDLE_CONTROL, &request, sizeof request, &identity, sizeof identity, DEADLINE_NONE) > 0)
        pid = identity.pid;
    return pid;
}

void process_path(char *path, const char *before, uint32_t pid, const char *after) {
    char digits[PID_DIGITS];
    uint32_t count = 0;
    path = stpcpy(path, before);
    do
        digits[count++] = (char)('0' + pid % 10);
    while (pid /= 10);
    while (count)
        *path++ = digits[--count];
    strcpy(path, after);
}

#define EXIT_DIRECTORY "/proc/"
#define EXIT_NAME "/exit"

long process_watch(uint32_t pid, uint64_t key) {
    char path[sizeof EXIT_DIRECTORY + PID_DIGITS + sizeof EXIT_NAME];
    struct pipe_stat stat;
    process_path(path, EXIT_DIRECTORY, pid, EXIT_NAME);
    long handle = pipe_open(path, RIGHT_READ);
    if (handle < 0)
        return handle;
    long error = pipe_hook(handle, key, 0);
    if (!error)
        error = pipe_stat(handle, &stat);
    if (!error && stat.in > 0)
        error = -PIPE_ESRCH;
    if (!error)
        return handle;
    pipe_close(handle);
    return error;
}

_Noreturn void process_exit(uint32_t status) {
    struct control_exit request = {CONTROL_KILL, status};
    for (;;)
        control(&request, sizeof request);
}

long process_map(long region, uint64_t page_offset, uint64_t address, uint64_t pages, uint32_t flags) {
    struct attached attached = {.handles = {(uint32_t)region}, .handle_count = 1};
    for (uint64_t done = 0; done < pages;) {
        uint64_t chunk = pages - done < MAP_PAGES_MAX ? pages - done : MAP_PAGES_MAX;
        struct control_map request = {.operation = CONTROL_MAP,
                                      .flags = flags,
                                      .offset = (page_offset + done) * PAGE_SIZE,
                                      .address = address + done * PAGE_SIZE,
                                      .pages = chunk};
        long result = pipe_call_attached(HANDLE_CONTROL, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
        if (result < 0) {
            process_unmap(address, done);
            return result;
        }
        done += chunk;
    }
    return 0;
}

// Asks for a range in parts that one request may have.
static long range_ask(enum control_operation operation, uint64_t address, uint64_t pages, uint32_t flags) {
    long result = 0;
    for (uint64_t done = 0; done < pages && result >= 0; done += MAP_PAGES_MAX) {
        struct control_range request = {.operation = operation,
                                        .flags = flags,
                                        .address = address + done * PAGE_SIZE,
                                        .pages = pages - done < MAP_PAGES_MAX ? pages - done : MAP_PAGES_MAX};
        result = control(&request, sizeof request);
    }
    return result;
}

long process_unmap(uint64_t address, uint64_t pages) {
    return range_ask(CONTROL_UNMAP, address, pages, 0);
}

long process_protect(uint64_t address, uint64_t pages, uint32_t flags) {
    return range_ask(CONTROL_PROTECT, address, pages, flags);
}
