// SPDX-License-Identifier: MIT
// The table of the system calls' tests, and the calls on names and handles: create, open, close, remove, set_rules,
// list, stat.
#include "calls_test.h"

#include "agent.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

#define LONG_NAME "0123456789012345678901234567890123456789012345678901234567890123" // 64 bytes: one too many
#define FIRST_FREE_NUMBER SYSTEM_CALLS

long handle_stale(void) {
    long handle = own_pipe("stale", FLOW_EVENT);
    own_remove("stale", handle);
    return handle;
}

// A name of PATH_LENGTH_MAX + 1 bytes whose components are short enough.
static const char *path_too_long(void) {
    static char path[PATH_LENGTH_MAX + 2];
    for (unsigned index = 0; index <= PATH_LENGTH_MAX; index++)
        path[index] = index % 50 ? 'x' : '/';
    return path;
}

// ---- create ----

static long create(const char *path, uint64_t flow, uint64_t rules, uint64_t capacity, uint64_t payload_max) {
    size_t length = strlen(path);
    memcpy(pipe_message()->payload, path, length);
    return system_call(SYSTEM_CALL_create, length, flow, rules, capacity, payload_max);
}

static void create_refuses_arguments(void) {
    const char *path = own_path("new");
    CHECK_ERROR(create(path, FLOWS, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(path, FLOW_QUEUE, 1ull << 16, 0, 0), EINVAL);
    CHECK_ERROR(create(path, FLOW_QUEUE, 1ull << 32, 0, 0), EINVAL);
    CHECK_ERROR(create(path, FLOW_QUEUE, RULES_ALL, CAPACITY_MAX + 1, 0), EINVAL);
    CHECK_ERROR(create(path, FLOW_QUEUE, RULES_ALL, 1, PAYLOAD_MAX + 1), EINVAL);
    CHECK_ERROR(create(path, FLOW_QUEUE, RULES_ALL, CAPACITY_MAX, PAYLOAD_MAX), EINVAL);
    CHECK_ERROR(create(path, FLOW_EVENT, RULES_ALL, 1, 0), EINVAL);
    CHECK_ERROR(create(path, FLOW_CALL, RULES_ALL, 0, 1), EINVAL);
    CHECK_ERROR(create("", FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create("name", FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path("."), FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path(".."), FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path("a b"), FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path("a/"), FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path("\x7f"), FLOW_QUEUE, RULES_ALL, 0, 0), EINVAL);
    CHECK_ERROR(create(own_path(LONG_NAME), FLOW_QUEUE, RULES_ALL, 0, 0), ENAMETOOLONG);
    CHECK_ERROR(create(path_too_long(), FLOW_QUEUE, RULES_ALL, 0, 0), ENAMETOOLONG);
    CHECK_ERROR(system_call(SYSTEM_CALL_create, UINT64_MAX, FLOW_QUEUE, 0, 0, 0), ENAMETOOLONG);
}

static void create_refuses_slots(void) {
    CHECK_ERROR(create("/kernel/selftest", FLOW_QUEUE, RULES_ALL, 0, 0), EPERM);
    CHECK_ERROR(create("/irq/selftest", FLOW_QUEUE, RULES_ALL, 0, 0), EPERM);
    CHECK_ERROR(create(own_path("none/new"), FLOW_QUEUE, RULES_ALL, 0, 0), ENOENT);
    long queue = own_pipe("queue", FLOW_QUEUE);
    CHECK_ERROR(create(own_path("queue"), FLOW_QUEUE, RULES_ALL, 0, 0), EEXIST);
    CHECK_ERROR(create(own_path("queue/new"), FLOW_QUEUE, RULES_ALL, 0, 0), ENOTDIR);
    CHECK_ERROR(create(own_path("queue/none/new"), FLOW_QUEUE, RULES_ALL, 0, 0), ENOTDIR);
    own_remove("queue", queue);
    long directory = own_pipe("closed", FLOW_DIRECTORY);
    CHECK_EQUAL(pipe_set_rules(directory, RULE(RIGHTS_ALL & ~RIGHT_WRITE, 0u, 0u, 0u)), 0);
    CHECK_ERROR(create(own_path("closed/new"), FLOW_QUEUE, RULES_ALL, 0, 0), EACCES);
    own_remove("closed", directory);
}

void call_create(void) {
    create_refuses_arguments();
    create_refuses_slots();
    for (uint64_t flow = 0; flow < FLOWS; flow++) {
        struct pipe_stat stat = {0};
        long handle = create(own_path("new"), flow, RULES_DEFAULT, 0, 0);
        CHECK_EQUAL(pipe_stat(handle, &stat), 0);
        CHECK_EQUAL(stat.flow, flow);
        CHECK_EQUAL(stat.rules, RULES_DEFAULT);
        CHECK_EQUAL(stat.owner, process_id());
        CHECK_EQUAL(stat.capacity, flow == FLOW_QUEUE || flow == FLOW_TOPIC ? CAPACITY_DEFAULT : 0);
        own_remove("new", handle);
    }
}

// ---- open, close ----

void call_open(void) {
    long created = own_pipe("pipe", FLOW_QUEUE);
    CHECK_ERROR(own_open("pipe", 0), EINVAL);
    CHECK_ERROR(own_open("pipe", RIGHTS_ALL + 1), EINVAL);
    CHECK_ERROR(system_call(SYSTEM_CALL_open, 1, UINT64_MAX, 0, 0, 0), EINVAL);
    CHECK_ERROR(pipe_open("app", RIGHT_READ), EINVAL);
    CHECK_ERROR(own_open("none", RIGHT_READ), ENOENT);
    CHECK_ERROR(own_open("pipe/none", RIGHT_READ), ENOTDIR);
    CHECK_ERROR(own_open(LONG_NAME, RIGHT_READ), ENAMETOOLONG);
    CHECK_ERROR(pipe_open(path_too_long(), RIGHT_READ), ENAMETOOLONG);
    CHECK_EQUAL(pipe_set_rules(created, RULE(RIGHT_READ | RIGHT_MANAGE, 0u, 0u, 0u)), 0);
    CHECK_ERROR(own_open("pipe", RIGHT_READ | RIGHT_WRITE), EACCES);
    CHECK_ERROR(pipe_open("/kernel/process", RIGHT_READ | RIGHT_MANAGE), EPERM);
    long handle = own_open("pipe", RIGHT_READ);
    CHECK_SUCCESS(handle);
    CHECK(handle != created);
    CHECK_ERROR(pipe_send(handle, "x", 1, DEADLINE_NOW), EACCES);
    CHECK_EQUAL(pipe_close(handle), 0);
    own_remove("pipe", created);
}

void call_close(void) {
    CHECK_ERROR(system_call(SYSTEM_CALL_close, 0, 0, 0, 0, 0), EBADF);
    CHECK_ERROR(system_call(SYSTEM_CALL_close, HANDLE_UNUSED, 0, 0, 0, 0), EBADF);
    CHECK_ERROR(system_call(SYSTEM_CALL_close, UINT64_MAX, 0, 0, 0, 0), EBADF);
    CHECK_ERROR(system_call(SYSTEM_CALL_close, 1ull << 32 | HANDLE_CONTROL, 0, 0, 0, 0), EBADF);
    long handle = own_pipe("pipe", FLOW_CALL);
    long other = own_open("pipe", RIGHT_READ);
    CHECK_EQUAL(pipe_hook(other, 1, 0), 0);
    CHECK_EQUAL(pipe_close(other), 0);
    struct pipe_stat stat = {0};
    CHECK_EQUAL(pipe_stat(handle, &stat), 0);
    CHECK_EQUAL(stat.hooks, 0);
    CHECK_ERROR(pipe_close(other), ESTALE);
    own_remove("pipe", handle);
    CHECK_ERROR(pipe_close(handle), ESTALE);
}

// ---- remove, set_rules ----

// EBUSY, for a pipe of the kernel's, needs RIGHT_MANAGE on one: no rule gives it to a process.
void call_remove(void) {
    CHECK_ERROR(pipe_remove(own_path("none")), ENOENT);
    CHECK_ERROR(pipe_remove("app"), EINVAL);
    CHECK_ERROR(pipe_remove(own_path(LONG_NAME)), ENAMETOOLONG);
    CHECK_ERROR(pipe_remove("/irq/0"), EACCES);
    CHECK_ERROR(pipe_remove("/irq/0/none"), ENOTDIR);
    long directory = own_pipe("directory", FLOW_DIRECTORY);
    long inside = own_pipe("directory/inside", FLOW_TOPIC);
    CHECK_ERROR(pipe_remove(own_path("directory")), ENOTEMPTY);
    own_remove("directory/inside", inside);
    own_remove("directory", directory);
    long queue = own_pipe("queue", FLOW_QUEUE);
    CHECK_EQUAL(pipe_remove(own_path("queue")), 0);
    CHECK_ERROR(own_open("queue", RIGHT_READ), ENOENT);
    CHECK_ERROR(pipe_send(queue, "x", 1, DEADLINE_NOW), EPIPE);
    CHECK_ERROR(pipe_hook(queue, 0, 0), EPIPE);
    CHECK_ERROR(pipe_set_rules(queue, RULES_ALL), EPIPE);
    CHECK_ERROR(pipe_list(queue, ""), EPIPE);
    struct pipe_stat stat;
    CHECK_ERROR(pipe_stat(queue, &stat), EPIPE);
    CHECK_EQUAL(pipe_close(queue), 0);
}

void call_set_rules(void) {
    long handle = own_pipe("pipe", FLOW_QUEUE);
    CHECK_ERROR(pipe_set_rules(handle, 1u << 16), EINVAL);
    CHECK_ERROR(system_call(SYSTEM_CALL_set_rules, (uint64_t)handle, UINT64_MAX, 0, 0, 0), EINVAL);
    CHECK_ERROR(pipe_set_rules(HANDLE_UNUSED, 0), EBADF);
    CHECK_ERROR(pipe_set_rules(handle_stale(), 0), ESTALE);
    long reader = own_open("pipe", RIGHT_READ | RIGHT_WRITE);
    CHECK_ERROR(pipe_set_rules(reader, RULES_ALL), EACCES);
    CHECK_EQUAL(pipe_send(reader, "x", 1, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_set_rules(handle, RULE(RIGHT_MANAGE, 0u, 0u, 0u)), 0);
    CHECK_ERROR(pipe_send(reader, "x", 1, DEADLINE_NOW), EACCES);
    CHECK_EQUAL(pipe_close(reader), 0);
    own_remove("pipe", handle);
}

// ---- list, stat ----

// Whether the listing at this offset of the payload is this name; goes on after it.
static bool is_listed(const uint8_t **link, enum flow flow, const char *name) {
    struct list_entry entry;
    memcpy(&entry, *link, sizeof entry);
    const uint8_t *bytes = *link + sizeof entry;
    *link = bytes + entry.name_length;
    return entry.flow == flow && entry.name_length == strlen(name) && memcmp(bytes, name, entry.name_length) == 0;
}

void call_list(void) {
    long directory = own_pipe("directory", FLOW_DIRECTORY);
    long queue = own_pipe("directory/b", FLOW_QUEUE);
    long event = own_pipe("directory/ab", FLOW_EVENT);
    long length = pipe_list(directory, "");
    const uint8_t *cursor = pipe_payload();
    CHECK_EQUAL(length, 2 * sizeof(struct list_entry) + 3);
    CHECK(is_listed(&cursor, FLOW_EVENT, "ab") && is_listed(&cursor, FLOW_QUEUE, "b"));
    CHECK_EQUAL(pipe_list(directory, "ab"), sizeof(struct list_entry) + 1);
    CHECK_EQUAL(pipe_list(directory, "b"), 0);
    CHECK_ERROR(pipe_list(queue, ""), ENOTDIR);
    CHECK_ERROR(pipe_list(HANDLE_UNUSED, ""), EBADF);
    CHECK_ERROR(pipe_list(handle_stale(), ""), ESTALE);
    CHECK_ERROR(system_call(SYSTEM_CALL_list, (uint64_t)directory, COMPONENT_MAX + 1, 0, 0, 0), EINVAL);
    long writer = own_open("directory", RIGHT_WRITE);
    CHECK_ERROR(pipe_list(writer, ""), EACCES);
    CHECK_EQUAL(pipe_close(writer), 0);
    own_remove("directory/ab", event);
    own_remove("directory/b", queue);
    CHECK_EQUAL(pipe_list(directory, ""), 0);
    own_remove("directory", directory);
}

void call_stat(void) {
    struct pipe_stat stat = {0};
    long handle = own_pipe("directory", FLOW_DIRECTORY);
    long queue = own_pipe("directory/queue", FLOW_QUEUE);
    CHECK_EQUAL(pipe_send(queue, "x", 1, DEADLINE_NOW), 0);
    CHECK_EQUAL(pipe_stat_path(own_path("directory/queue"), &stat), 0);
    CHECK(stat.flow == FLOW_QUEUE && stat.depth == 1 && stat.in == 1 && stat.out == 0 && stat.oldest != 0);
    CHECK_EQUAL(pipe_stat_path("/", &stat), 0);
    CHECK_EQUAL(stat.flow, FLOW_DIRECTORY);
    CHECK_EQUAL(pipe_stat_path("/kernel/clock", &stat), 0);
    CHECK(stat.flags == STAT_KERNEL && stat.owner == 0);
    CHECK_ERROR(pipe_stat(HANDLE_UNUSED, &stat), EBADF);
    CHECK_ERROR(pipe_stat(handle_stale(), &stat), ESTALE);
    CHECK_ERROR(pipe_stat_path(own_path("none"), &stat), ENOENT);
    CHECK_ERROR(pipe_stat_path(own_path("directory/queue/none"), &stat), ENOTDIR);
    CHECK_ERROR(pipe_stat_path("app", &stat), EINVAL);
    CHECK_ERROR(pipe_stat_path(own_path(LONG_NAME), &stat), ENAMETOOLONG);
    CHECK_EQUAL(pipe_set_rules(handle, RULE(RIGHT_WRITE | RIGHT_MANAGE, 0u, 0u, 0u)), 0);
    CHECK_ERROR(pipe_stat_path(own_path("directory/queue"), &stat), EACCES);
    own_remove("directory/queue", queue);
    CHECK_ERROR(pipe_stat(queue, &stat), ESTALE);
    own_remove("directory", handle);
}

// ---- What is no call ----

static void numbers_after_the_last(void) {
    CHECK_ERROR(system_call(FIRST_FREE_NUMBER, 0, 0, 0, 0, 0), ENOSYS);
    CHECK_ERROR(system_call(-1, 0, 0, 0, 0, 0), ENOSYS);
    CHECK_ERROR(system_call(INT64_MIN, 0, 0, 0, 0, 0), ENOSYS);
    CHECK_ERROR(system_call(1l << 32, 0, 0, 0, 0, 0), ENOSYS);
}

// A handle that is an error is told by each call: who forgets to look at it hears why the pipe could not be opened.
static void negative_handle_is_the_error(void) {
    struct pipe_stat stat;
    long handle = pipe_open("/nothing", RIGHT_WRITE);
    CHECK_ERROR(handle, ENOENT);
    CHECK_ERROR(pipe_call(handle, "", 0, NULL, 0, DEADLINE_NOW), ENOENT);
    CHECK_ERROR(pipe_send(handle, "x", 1, DEADLINE_NOW), ENOENT);
    CHECK_ERROR(pipe_signal(handle, 0), ENOENT);
    CHECK_ERROR(pipe_hook(handle, 1, 0), ENOENT);
    CHECK_ERROR(pipe_unhook(handle), ENOENT);
    CHECK_ERROR(pipe_list(handle, ""), ENOENT);
    CHECK_ERROR(pipe_stat(handle, &stat), ENOENT);
    CHECK_ERROR(pipe_set_rules(handle, 0), ENOENT);
}

static const struct test tests[] = {
    {"calls: by a handle that is an error", negative_handle_is_the_error},
#define SYSTEM_CALL(name, arguments, ...) {"system call " #name ": what it does, and each error", call_##name},
#include "syscalls.def"
#undef SYSTEM_CALL
    {"system calls: a number that is none", numbers_after_the_last},
};

const struct suite call_suite = SUITE(tests);
