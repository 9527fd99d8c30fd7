// SPDX-License-Identifier: MIT
// The bytes of an operation: code; thread and choice; then four bytes whose meaning depends on the code; fill;
// selector.
//
//   0 code   1 thread (low 3 bits), choice (high bits)   2 selector or path   3 flags or flow   4 length or rules
//   5 deadline, rights or capacity   6 attached handles and leases, or payload_max   7 more selectors, fill
#include "operation.h"

#include <stdbool.h>

// A pool is an array whose entries are as likely as they are frequent.
#define POOL_PICK(pool, byte) ((pool)[(byte) % (sizeof(pool) / sizeof *(pool))])

#define LONG_COMPONENT "/0123456789012345678901234567890123456789012345678901234567890123" // 64 bytes: one too many
#define LONGEST_COMPONENT "/012345678901234567890123456789012345678901234567890123456789012"
#define LONG_PATH LONGEST_COMPONENT LONGEST_COMPONENT LONGEST_COMPONENT LONGEST_COMPONENT // 256 bytes: one too many

#define TEXT(literal)                                                                                                  \
    { literal, sizeof(literal) - 1 }
struct text {
    const char *bytes;
    uint32_t length;
};

#define HOT TEXT("/a"), TEXT("/b"), TEXT("/c"), TEXT("/d/a"), TEXT("/a"), TEXT("/b")
static const struct text paths[] = {
    HOT,
    HOT,
    HOT,
    HOT,
    TEXT("/d"),
    TEXT("/d"),
    TEXT("/d"),
    TEXT("/d/e"),
    TEXT("/d/e"),
    TEXT("/d/b"),
    TEXT("/d/e/f"),
    HOT,
    HOT,
    HOT,
    TEXT("/fault"),
    TEXT("/fault"),
    TEXT("/news"),
    TEXT("/irq/0"),
    TEXT("/irq/0"),
    TEXT("/irq/1"),
    HOT,
    HOT,
    TEXT("/kernel/echo"),
    TEXT("/timer"),
    TEXT("/"),
    TEXT("/bus/trace"),
    TEXT("/irq/0"),
    TEXT("/irq/1"),
    TEXT("/d" LONGEST_COMPONENT),
    TEXT(""),
    TEXT("a"),
    TEXT("/d/"),
    TEXT("//a"),
    TEXT("/d/.."),
    TEXT("/d/b c"),
    TEXT("/d/\x7f"),
    TEXT("/missing/a"),
    TEXT("/a/a/a"),
    TEXT(LONG_COMPONENT),
    TEXT(LONG_PATH),
    TEXT("/d/..."),
    TEXT("/."),
};

// Names after which a listing goes on.
static const struct text cursors[] = {TEXT(""),  TEXT("a"), TEXT("b"),  TEXT("d"), TEXT("e"),    TEXT("bus"),
                                      TEXT("c"), TEXT("0"), TEXT("zz"), TEXT("/"), TEXT("\xff"), TEXT(LONG_COMPONENT)};

// How often each code comes: they add up to the 256 values of a byte.
static const uint8_t weights[OPERATIONS] = {
    [OPERATION_CREATE] = 16,     [OPERATION_OPEN] = 28,   [OPERATION_CLOSE] = 5,     [OPERATION_REMOVE] = 3,
    [OPERATION_SET_RULES] = 2,   [OPERATION_LIST] = 3,    [OPERATION_STAT] = 3,      [OPERATION_HOOK] = 24,
    [OPERATION_UNHOOK] = 3,      [OPERATION_SEND] = 34,   [OPERATION_CALL] = 32,     [OPERATION_REPLY_WAIT] = 48,
    [OPERATION_COPY_LEASE] = 12, [OPERATION_CANCEL] = 3,  [OPERATION_TIME] = 6,      [OPERATION_THREAD_END] = 1,
    [OPERATION_PROCESS_END] = 1, [OPERATION_ABANDON] = 1, [OPERATION_INTERRUPT] = 7, [OPERATION_SIGNAL] = 3,
    [OPERATION_PUBLISH] = 2,     [OPERATION_LOCK] = 1,    [OPERATION_CALL_FOR] = 4,  [OPERATION_PRIORITY] = 5,
    [OPERATION_REGION] = 7,      [OPERATION_SCARCITY] = 2};

#define RULES_FOR_ALL 0xffffu
static const uint32_t rules_pool[] = {RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL,
                                      RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL,
                                      RULES_FOR_ALL, RULES_FOR_ALL, RULES_FOR_ALL, RULES_DEFAULT, 0x322fu,
                                      0x333fu,       0x777fu,       0xf0ffu,       0x0fffu,       0x0000u,
                                      0xfff0u,       0x10000u,      UINT32_MAX};
static const uint32_t capacities[] = {1, 1, 2, 2, 3, 1, 2, 5, 0, 70, CAPACITY_MAX, CAPACITY_MAX + 1};
static const uint32_t payloads_max[] = {0, 0, 1, 32, 33, 160, 161, 416, 1000, PAYLOAD_MAX, PAYLOAD_MAX + 1};
static const uint32_t flows[] = {FLOW_DIRECTORY, FLOW_QUEUE, FLOW_QUEUE, FLOW_QUEUE, FLOW_TOPIC, FLOW_TOPIC, FLOW_CALL,
                                 FLOW_CALL,      FLOW_CALL,  FLOW_CALL,  FLOW_EVENT, FLOW_EVENT, FLOWS};
static const uint32_t rights_pool[] = {RIGHTS_ALL,
                                       RIGHTS_ALL,
                                       RIGHTS_ALL,
                                       RIGHT_READ,
                                       RIGHT_READ,
                                       RIGHT_READ | RIGHT_WRITE,
                                       RIGHT_WRITE,
                                       RIGHTS_ALL,
                                       RIGHT_TAP,
                                       RIGHTS_ALL,
                                       RIGHT_MANAGE,
                                       RIGHT_READ,
                                       RIGHT_WRITE,
                                       RIGHT_READ | RIGHT_WRITE,
                                       0,
                                       RIGHTS_ALL + 1};
static const int64_t lengths[] = {0,
                                  1,
                                  2,
                                  8,
                                  31,
                                  32,
                                  33,
                                  64,
                                  96,
                                  128,
                                  40,
                                  159,
                                  160,
                                  161,
                                  208,
                                  400,
                                  416,
                                  PAYLOAD_MAX,
                                  PAYLOAD_MAX + 1,
                                  (int64_t)UINT32_MAX + 2};
static const int64_t reply_lengths[] = {
    0, 1, 8, 32, 160, PAYLOAD_MAX, PAYLOAD_MAX + 1, -PIPE_EPROTO, -4095, -4096, -PIPE_ENOENT, 64, 16, INT64_MIN};
#define MILLISECOND 1000000u
static const uint64_t times[] = {TIME_NEVER, TIME_NEVER, TIME_NEVER, TIME_NEVER,      TIME_NEVER,  TIME_NEVER,
                                 TIME_NOW,   1,          500,        MILLISECOND / 2, MILLISECOND, 4 * MILLISECOND};
static const uint64_t spans[] = {
    0, 1, 499, 500, MILLISECOND / 2, MILLISECOND, 3 * MILLISECOND, 2000 * (uint64_t)MILLISECOND};
static const uint32_t priorities[] = {0, 1, 10, 10, 20, 31};
// Of the handles and leases that go along. Most messages have none.
static const uint16_t attaches[] = {0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0,
                                    ATTACH_HANDLES(1),
                                    ATTACH_HANDLES(1) | ATTACH_MOVE(0),
                                    ATTACH_LEASES(1),
                                    ATTACH_LEASES(1) | ATTACH_WRITABLE(0),
                                    ATTACH_HANDLES(2) | ATTACH_MOVE(0) | ATTACH_MOVE(1),
                                    ATTACH_HANDLES(2) | ATTACH_MOVE(1),
                                    ATTACH_LEASES(2) | ATTACH_WRITABLE(1),
                                    ATTACH_HANDLES(4),
                                    ATTACH_HANDLES(5),
                                    ATTACH_LEASES(3),
                                    ATTACH_HANDLES(1) | ATTACH_LEASES(1),
                                    0x1000u};
// Calls lease more often.
static const uint16_t call_attaches[] = {0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         ATTACH_LEASES(1),
                                         ATTACH_LEASES(1) | ATTACH_WRITABLE(0),
                                         ATTACH_LEASES(2) | ATTACH_WRITABLE(1),
                                         ATTACH_LEASES(1) | ATTACH_WRITABLE(0) | ATTACH_HANDLES(1),
                                         ATTACH_HANDLES(1),
                                         ATTACH_HANDLES(1) | ATTACH_MOVE(0),
                                         ATTACH_HANDLES(4) | ATTACH_MOVE(3),
                                         ATTACH_LEASES(3),
                                         ATTACH_HANDLES(2) | ATTACH_MOVE(0) | ATTACH_MOVE(1),
                                         0x400u | ATTACH_LEASES(2)};
static const uint8_t lease_indices[] = {0, LEASE_WRITE, 0, LEASE_WRITE, 1, 1 | LEASE_WRITE, 0, LEASE_WRITE, 4};
static const uint64_t lease_lengths[] = {
    100, 1, 100, 0x1000, 0, 0x1001, ACTOR_MEMORY_SIZE, ACTOR_MEMORY_SIZE + 1, LEASE_LENGTH_MAX + 1};
static const uint64_t offsets[] = {0, 0, 0, 1, 99, 100, 0x1000, 0xffe, UINT64_MAX};
static const uint64_t garbage[] = {0,         1, 31, 32, 0x10001, 0x7fff0001, 0x80000001, UINT32_MAX, (1ull << 32) | 1,
                                   UINT64_MAX};

// Now and then a process gets so many handles at once that its table grows.
#define MANY_FROM 0xf0u
#define MANY 70u

#define THREAD_MASK 7u
#define CHOICE_SHIFT 3u
// Of 32 choices, most take something that is good.
static enum choice choice_of(uint8_t byte) {
    unsigned value = byte >> CHOICE_SHIFT;
    if (value < 28)
        return CHOICE_NTH;
    return value < 30 ? CHOICE_STALE : value == 30 ? CHOICE_GARBAGE : CHOICE_NONE;
}

#define HARDLY_CHOOSY 0xe0u // selectors from here on take what does not suit as well
static struct reference reference_of(uint8_t choice_byte, uint8_t selector, uint32_t suits, uint32_t rights) {
    struct reference reference = {choice_of(choice_byte), suits, rights, selector};
    if (selector >= HARDLY_CHOOSY) {
        reference.suits = SUITS_ALL;
        reference.rights = 0;
    }
    if (reference.choice == CHOICE_GARBAGE)
        reference.selector = POOL_PICK(garbage, selector);
    return reference;
}

uint32_t thread_process(uint32_t thread) {
    static const uint8_t processes[ACTOR_THREADS] = {0, 0, 1, 1, 2, 3};
    return processes[thread % ACTOR_THREADS];
}

const char *operation_name(enum operation_code code) {
    static const char *const names[OPERATIONS] = {
        "create",   "open",       "close",       "remove",   "set_rules",  "list",       "stat",
        "hook",     "unhook",     "send",        "call",     "reply_wait", "copy_lease", "cancel",
        "time",     "thread_end", "process_end", "abandon",  "interrupt",  "signal",     "publish",
        "call_for", "priority",   "region",      "scarcity", "lock"};
    return names[code];
}

void operation_turn_to_open(struct operation *operation, const char *path, uint32_t length) {
    operation->code = OPERATION_OPEN;
    operation->path = path;
    operation->path_length = length;
    operation->rights = operation->target.selector % 4 ? RIGHT_READ | RIGHT_WRITE : RIGHTS_ALL;
}

void operation_turn_to_create(struct operation *operation) {
    static const struct text hot[] = {HOT, TEXT("/d"), TEXT("/c")};
    const struct text *path = &POOL_PICK(hot, operation->target.selector);
    uint32_t flow = FLOW_QUEUE + (uint32_t)(operation->target.selector % (FLOWS - FLOW_QUEUE));
    for (uint32_t tried = 0; tried < FLOWS && !(operation->target.suits & SUITS(flow)); tried++)
        flow = (flow + 1) % FLOWS;
    operation->code = OPERATION_CREATE;
    operation->path = path->bytes;
    operation->path_length = path->length;
    operation->flow = flow;
    operation->rules = RULES_FOR_ALL;
    operation->capacity = flow == FLOW_QUEUE || flow == FLOW_TOPIC ? 2 : 0;
    operation->payload_max = 0;
}

// ---- What each code makes of the bytes ----

// Names that others lie below are mostly made as directories.
static bool is_for_directories(const struct text *path) {
    return path->length >= 2 && path->bytes[path->length - 2] == '/' &&
           (path->bytes[path->length - 1] == 'd' || path->bytes[path->length - 1] == 'e');
}

static enum operation_code code_of(uint8_t byte) {
    unsigned code = 0, left = byte;
    while (left >= weights[code])
        left -= weights[code++];
    return (enum operation_code)code;
}

static void decode_names(const uint8_t *bytes, struct operation *operation) {
    const struct text *path = &POOL_PICK(paths, bytes[2]);
    operation->path = path->bytes;
    operation->path_length = path->length;
    operation->flow = is_for_directories(path) && bytes[3] & 3 ? FLOW_DIRECTORY : POOL_PICK(flows, bytes[3]);
    operation->rules = POOL_PICK(rules_pool, bytes[4]);
    operation->capacity = operation->flow == FLOW_QUEUE || operation->flow == FLOW_TOPIC || bytes[5] > 0xf0
                              ? POOL_PICK(capacities, bytes[5])
                              : 0;
    operation->payload_max = operation->capacity || bytes[6] > 0xf0 ? POOL_PICK(payloads_max, bytes[6]) : 0;
    operation->rights = POOL_PICK(rights_pool, bytes[3]);
}

#define ANY_MOVE (ATTACH_MOVE(0) | ATTACH_MOVE(1) | ATTACH_MOVE(2) | ATTACH_MOVE(3))
static void decode_attached(const uint8_t *bytes, struct operation *operation) {
    operation->flags =
        operation->code == OPERATION_CALL ? POOL_PICK(call_attaches, bytes[6]) : POOL_PICK(attaches, bytes[6]);
    for (uint32_t index = 0; index < MESSAGE_HANDLES_MAX; index++) {
        // Where something is moved, all handles are regions, of which there are few: one may stand twice.
        uint32_t suits = operation->flags & ANY_MOVE ? SUITS_REGION : SUITS_ALL;
        uint8_t selector = (uint8_t)(bytes[7] >> index);
        operation->attached[index] = reference_of((uint8_t)(bytes[7] >> 1), selector, suits, 0);
    }
    for (uint32_t index = 0; index < MESSAGE_LEASES_MAX; index++)
        operation->leases[index] = (struct lease){ACTOR_MEMORY_BASE + POOL_PICK(offsets, bytes[7] >> (3 * index)),
                                                  POOL_PICK(lease_lengths, bytes[7] >> (2 * index))};
}

static void decode_data(const uint8_t *bytes, struct operation *operation) {
    operation->length = POOL_PICK(lengths, bytes[4]);
    operation->fill = bytes[3];
    operation->time = POOL_PICK(times, bytes[5]);
    decode_attached(bytes, operation);
    // Only calls lease; now and then others try.
    if (operation->code == OPERATION_SEND && bytes[7] % 8)
        operation->flags &= ~(uint64_t)(ATTACH_LEASES_MASK | ATTACH_WRITABLE(0) | ATTACH_WRITABLE(1));
}

static void decode_reply(const uint8_t *bytes, struct operation *operation) {
    decode_data(bytes, operation);
    operation->length = POOL_PICK(reply_lengths, bytes[4]);
    if (bytes[3] & 1)
        operation->target.choice = CHOICE_NONE;
    if ((bytes[3] & 6) == 6)
        operation->flags |= REPLY_ONLY;
}

static void decode_lease(const uint8_t *bytes, struct operation *operation) {
    operation->flags = POOL_PICK(lease_indices, bytes[3]);
    operation->offset = POOL_PICK(offsets, bytes[4]);
    operation->address = ACTOR_MEMORY_BASE + POOL_PICK(offsets, bytes[5]);
    operation->length = (int64_t)POOL_PICK(lease_lengths, bytes[6]);
}

static uint32_t suits_of(enum operation_code code) {
    switch (code) {
    case OPERATION_CALL:
        return SUITS(FLOW_CALL);
    case OPERATION_SEND:
        return SUITS(FLOW_QUEUE) | SUITS(FLOW_TOPIC) | SUITS(FLOW_EVENT);
    case OPERATION_LIST:
        return SUITS(FLOW_DIRECTORY);
    case OPERATION_HOOK:
        return SUITS_PIPE | SUITS_UNHOOKED;
    default:
        return SUITS_ALL;
    }
}

static uint32_t rights_of(enum operation_code code) {
    switch (code) {
    case OPERATION_CALL:
    case OPERATION_SEND:
        return RIGHT_WRITE;
    case OPERATION_LIST:
    case OPERATION_HOOK:
        return RIGHT_READ;
    case OPERATION_SET_RULES:
        return RIGHT_MANAGE;
    default:
        return 0;
    }
}

static void decode_arguments(const uint8_t *bytes, struct operation *operation) {
    switch (operation->code) {
    case OPERATION_SEND:
    case OPERATION_CALL:
    case OPERATION_PUBLISH:
    case OPERATION_CALL_FOR:
        decode_data(bytes, operation);
        break;
    case OPERATION_REPLY_WAIT:
        decode_reply(bytes, operation);
        break;
    case OPERATION_COPY_LEASE:
        decode_lease(bytes, operation);
        break;
    case OPERATION_LIST:
        operation->path = POOL_PICK(cursors, bytes[3]).bytes;
        operation->path_length = POOL_PICK(cursors, bytes[3]).length;
        break;
    case OPERATION_HOOK:
        operation->flags = bytes[3] % 8 == 7 ? bytes[3] : bytes[3] % 4 == 3 ? HOOK_TAP : 0;
        break;
    default:
        decode_names(bytes, operation);
    }
}

int operation_decode(const uint8_t *bytes, size_t size, size_t *cursor, struct operation *operation) {
    if (*cursor >= size)
        return 0;
    uint8_t record[OPERATION_BYTES] = {0};
    for (size_t index = 0; index < OPERATION_BYTES && *cursor + index < size; index++)
        record[index] = bytes[*cursor + index];
    *cursor += OPERATION_BYTES;
    *operation = (struct operation){.code = code_of(record[0]),
                                    .thread = (record[1] & THREAD_MASK) % ACTOR_THREADS,
                                    .key = (uint64_t)record[4] << 56 | record[5],
                                    .line = record[2] % ACTOR_LINES,
                                    .count = record[3] < MANY_FROM ? 1 : MANY,
                                    .priority = POOL_PICK(priorities, record[2]),
                                    .time = POOL_PICK(spans, record[3]),
                                    .fill = record[7]};
    operation->process = thread_process(operation->thread);
    operation->target = reference_of(record[1], record[2], suits_of(operation->code), rights_of(operation->code));
    decode_arguments(record, operation);
    return 1;
}
