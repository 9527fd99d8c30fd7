// SPDX-License-Identifier: MIT
// Random requests. What is checked first in a request is mostly right, so that what comes after is reached: the
// operation, lengths, and numbers that are small.
#include "clock.h"
#include "file.h"
#include "intruder.h"
#include "pipe.h"
#include "protocol/start.h"

#include <stdio.h>
#include <string.h>

#define LEASED (1u << 18)
#define LENGTH_USUAL 64u
#define OPERATIONS 16u // at least as many as any of them has
#define NUMBERS 20u
#define PATIENCE (50 * MILLISECOND) // a wait for a program's end has none

static uint64_t state;
#define OWN_TARGETS 2u // after those with names: a volume, and an open file

static long handles[TARGETS + OWN_TARGETS];
static uint8_t leased[MESSAGE_LEASES_MAX][LEASED];

// Knuth's MMIX, of which the upper half is good.
static uint32_t random_below(uint32_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % limit;
}

static bool one_in(uint32_t count) {
    return random_below(count) == 0;
}

static void word_put(uint8_t *bytes, uint32_t word) {
    memcpy(bytes, &word, sizeof word);
}

// Names that may be there, so that files are made, opened, moved and removed. They are leased.
static struct attached names_lease(void) {
    static const char *const names[] = {"/", "tmp", "tmp/a", "tmp/b", "tmp/b/c", "boot", "tmp/a/", "tmp/l/x", "/tmp/a"};
    struct attached attached = {
        .lease_count = (uint8_t)(1 + random_below(2)), .writable_mask = (uint8_t)random_below(4), .pays = !one_in(8)};
    for (unsigned index = 0; index < attached.lease_count; index++) {
        const char *name = names[random_below(sizeof names / sizeof *names)];
        memcpy(leased[index], name, strlen(name));
        attached.leases[index] = (struct lease){(uint64_t)leased[index], strlen(name)};
    }
    return attached;
}

static size_t volume_request_put(uint8_t *bytes) {
    static const uint32_t types[] = {MODE_FILE, MODE_DIRECTORY, MODE_LINK, 0};
    struct volume_request request = {.operation = random_below(OPERATIONS),
                                     .flags =
                                         random_below(one_in(2) ? OPEN_ALL + 1 : 4) | (one_in(2) ? PATH_FOLLOW : 0),
                                     .mode = types[random_below(4)] | random_below(MODE_PERMISSIONS + 1),
                                     .mask = random_below(64),
                                     .size = random_below(one_in(8) ? UINT32_MAX : 9999)};
    memcpy(bytes, &request, sizeof request);
    return sizeof request;
}

static size_t bytes_put(uint8_t *bytes) {
    size_t length = random_below(one_in(3) ? PAYLOAD_MAX + 1 : LENGTH_USUAL);
    for (size_t index = 0; index < length; index++)
        bytes[index] = (uint8_t)random_below(256);
    for (size_t index = 0; index + sizeof(uint32_t) <= length; index += sizeof(uint32_t))
        if (one_in(2))
            word_put(bytes + index, random_below(NUMBERS));
    if (length >= sizeof(uint32_t))
        word_put(bytes, random_below(OPERATIONS));
    return length;
}

static struct attached attached_make(void) {
    struct attached attached = {.handle_count = one_in(4) ? (uint8_t)random_below(MESSAGE_HANDLES_MAX + 1) : 0,
                                .lease_count = (uint8_t)random_below(MESSAGE_LEASES_MAX + 1),
                                .writable_mask = (uint8_t)random_below(4)};
    for (unsigned index = 0; index < attached.handle_count; index++)
        attached.handles[index] = one_in(2) ? HANDLE_ERRORS : (uint32_t)handles[random_below(TARGETS)];
    for (unsigned index = 0; index < attached.lease_count; index++)
        attached.leases[index] =
            (struct lease){(uint64_t)leased[index], random_below(one_in(8) ? LEASED : 2 * MESSAGE_PAGE_SIZE)};
    return attached;
}

static void call_make(void) {
    static uint8_t bytes[PAYLOAD_MAX];
    unsigned target = random_below(TARGETS + OWN_TARGETS);
    bool is_volumes = target >= TARGETS && one_in(2);
    size_t length = is_volumes ? volume_request_put(bytes) : bytes_put(bytes);
    struct attached attached = is_volumes && one_in(2) ? names_lease() : attached_make();
    long result = pipe_call_attached(handles[target], bytes, length, &attached, NULL, 0, clock_deadline(PATIENCE));
    for (unsigned index = 0; result >= 0 && index < pipe_received()->handle_count; index++)
        pipe_close(pipe_received()->handle[index]);
}

bool random_calls(uint64_t seed, unsigned count) {
    bool is_good = true;
    state = seed;
    for (unsigned target = 0; is_good && target < TARGETS; target++)
        is_good = (handles[target] = pipe_open(targets[target], RIGHT_WRITE)) > 0;
    is_good = is_good && (handles[TARGETS] = volume_of("/")) > 0 &&
              (handles[TARGETS + 1] = file_open("/tmp/intruder", OPEN_READ | OPEN_WRITE | OPEN_CREATE)) > 0;
    for (unsigned number = 0; is_good && number < count; number++)
        call_make();
    for (unsigned target = 0; is_good && target < TARGETS + OWN_TARGETS; target++)
        pipe_close(handles[target]);
    file_remove("/tmp/intruder");
    return is_good;
}
