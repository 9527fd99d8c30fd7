// SPDX-License-Identifier: MIT
// The serial driver on a device whose line makes an edge only when it rises: whenever a byte comes and whenever the
// transmitter has room again, no byte is left in the device after a line that stays high.
int driver_main(void);
#define main driver_main
#include "../../drivers/serial/main.c"
#undef main

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define MOMENTS 16u // accesses to the device within which something happens
#define MESSAGE_LENGTH (2 * SERIAL_FIFO)

// A 16550 as its driver sees it (National Semiconductor PC16550D datasheet, 8.6).
static struct {
    size_t received, sent;
    bool transmitter_is_empty, tells_room, room_is_told;
    bool was_high;
    unsigned edges;
    unsigned access, byte_comes_at, room_comes_at; // counted from the start
} device;

static size_t input_length;
static struct message page;
struct message *pipe_main_message = &page;
bool pipe_has_threads;

static void line_follow(void) {
    bool is_high = device.received || (device.tells_room && device.room_is_told);
    device.edges += is_high && !device.was_high;
    device.was_high = is_high;
}

// Time passes with each access: what was to happen then happens.
static void access_device(void) {
    if (device.access == device.byte_comes_at)
        device.received++;
    if (device.access >= device.room_comes_at && !device.transmitter_is_empty)
        device.transmitter_is_empty = device.room_is_told = true;
    device.access++;
    line_follow();
}

bool serial_has_received(void) {
    access_device();
    return device.received;
}

size_t serial_receive(uint8_t *bytes, bool *more) {
    size_t count = 0;
    access_device();
    for (; device.received && count < SERIAL_FIFO; device.received--)
        bytes[count++] = 'x';
    line_follow();
    access_device();
    *more = device.received;
    return count;
}

bool serial_may_send(void) {
    access_device();
    if (!device.received)
        device.room_is_told = false; // the identification names room only if nothing stands above it
    line_follow();
    access_device();
    return device.transmitter_is_empty;
}

void serial_send(const uint8_t *bytes, size_t count) {
    (void)bytes;
    access_device();
    device.sent += count;
    device.transmitter_is_empty = device.room_is_told = false;
    line_follow();
}

void serial_tell_room(bool tell) {
    access_device();
    device.tells_room = tell;
    device.room_is_told |= tell && device.transmitter_is_empty;
    line_follow();
}

// ---- What else the driver asks for ----

long serial_initialize(void) {
    return 0;
}
long pipe_create(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max) {
    (void)path, (void)flow, (void)rules, (void)capacity, (void)payload_max;
    return 1;
}
long pipe_open(const char *path, uint32_t rights) {
    (void)path, (void)rights;
    return 1;
}
long pipe_hook(long handle, uint64_t key, uint32_t flags) {
    (void)handle, (void)key, (void)flags;
    return 0;
}
long pipe_unhook(long handle) {
    (void)handle;
    return 0;
}
long pipe_wait_data(uint64_t deadline) {
    (void)deadline;
    return -PIPE_ETIMEDOUT;
}
long pipe_send(long handle, const void *payload, size_t length, uint64_t deadline) {
    (void)handle, (void)payload, (void)deadline;
    input_length += length;
    return (long)length;
}
long pipe_acknowledge(long handle, uint32_t answer) {
    (void)handle, (void)answer;
    return 0;
}
uint64_t clock_deadline(uint64_t nanoseconds) {
    return nanoseconds;
}
void report(const char *format, ...) {
    (void)format;
}
long process_ready(void) {
    return 0;
}

// ---- The test ----

// Sends a message while a byte comes, and answers every edge. The line is quiet then, and nothing is left.
static void send_while(unsigned byte_comes_at, unsigned room_comes_at) {
    memset(&device, 0, sizeof device);
    is_there = true;
    device.transmitter_is_empty = true;
    device.byte_comes_at = byte_comes_at;
    device.room_comes_at = room_comes_at;
    input_length = 0;
    page.received.key = KEY_OUTPUT;
    message_arrived(MESSAGE_LENGTH);
    page.received.key = KEY_LINE;
    for (unsigned answered = 0; device.access < 4 * MOMENTS;) {
        if (answered < device.edges) {
            answered = device.edges; // signals coalesce
            message_arrived(0);
        } else {
            access_device();
        }
    }
    assert_int_equal(device.sent, MESSAGE_LENGTH);
    assert_int_equal(input_length, 1);
    assert_false(device.was_high);
}

static void no_byte_waits_after_a_line_that_is_high(void **state) {
    (void)state;
    for (unsigned byte_comes_at = 0; byte_comes_at < MOMENTS; byte_comes_at++)
        for (unsigned room_comes_at = 1; room_comes_at < MOMENTS; room_comes_at++)
            send_while(byte_comes_at, room_comes_at);
}

static void without_a_device_what_comes_is_dropped(void **state) {
    (void)state;
    memset(&device, 0, sizeof device);
    is_there = false;
    page.received.key = KEY_OUTPUT;
    message_arrived(MESSAGE_LENGTH);
    assert_int_equal(device.access, 0);
    assert_int_equal(sending.cursor, sending.length);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_byte_waits_after_a_line_that_is_high),
                                       cmocka_unit_test(without_a_device_what_comes_is_dropped)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
