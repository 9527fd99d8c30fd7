// SPDX-License-Identifier: MIT
// The driver of the first serial port: received bytes become messages of /dev/serial/input, and messages of
// /dev/serial/output are sent as bytes. It is a plain process: its line is /irq/4, and it reaches its ports through
// /kernel/io.
#include "clock.h"
#include "pipe.h"
#include "process.h"
#include "report.h"
#include "serial.h"

#include <string.h>

#define LINE "/irq/4"
#define DIRECTORY "/dev/serial"
#define INPUT "/dev/serial/input"
#define OUTPUT "/dev/serial/output"
#define INPUT_CAPACITY 256u
#define OUTPUT_CAPACITY 64u
#define OUTPUT_PAYLOAD 1000u
#define KEY_LINE 1u
#define KEY_OUTPUT 2u
#define RETRY (5 * MILLISECOND) // while nobody reads the input

static long line, input, output;
static bool is_there; // without a device the driver stays, so that the session finds its pipes; what comes is dropped

// The message that is being sent; the next one is taken once it is gone.
static struct {
    uint8_t bytes[PAYLOAD_MAX];
    size_t cursor, length;
    bool waits_for_room;
} sending;

// Bytes that the full input queue has not taken.
static struct {
    uint8_t bytes[SERIAL_FIFO];
    size_t length;
} pending;

// Passes received bytes on until none is left or the input queue is full; then the rest stays in the device.
static void receive(void) {
    bool more = true;
    while (more || pending.length) {
        if (!pending.length)
            pending.length = serial_receive(pending.bytes, &more);
        if (!pending.length)
            return;
        if (pipe_send(input, pending.bytes, pending.length, DEADLINE_NOW) == -PIPE_EAGAIN)
            return;
        pending.length = 0;
    }
}

static void send_on(void) {
    while (sending.cursor < sending.length) {
        if (!serial_may_send()) {
            if (!sending.waits_for_room)
                serial_tell_room(true);
            sending.waits_for_room = true;
            return;
        }
        size_t left = sending.length - sending.cursor;
        size_t count = left < SERIAL_FIFO ? left : SERIAL_FIFO;
        serial_send(sending.bytes + sending.cursor, count);
        sending.cursor += count;
    }
    if (sending.waits_for_room)
        serial_tell_room(false);
    sending.waits_for_room = false;
    pipe_hook(output, KEY_OUTPUT, 0);
}

// The line is edge-triggered, and stays high while the device has any reason to interrupt, so a byte that arrives
// during a transmit interrupt makes no edge of its own. So both reasons are handled until neither is left.
static void device_serve(void) {
    do {
        receive();
        if (sending.waits_for_room)
            send_on();
    } while (!pending.length && serial_has_received());
}

static void message_arrived(long length) {
    if (!is_there)
        return;
    if (pipe_received()->key == KEY_LINE) {
        device_serve();
        pipe_acknowledge(line, INTERRUPT_HANDLED);
        return;
    }
    memcpy(sending.bytes, pipe_payload(), (size_t)length);
    sending.length = (size_t)length;
    sending.cursor = 0;
    pipe_unhook(output);
    send_on();
}

static long pipes_make(void) {
    pipe_create(DIRECTORY, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    input = pipe_create(INPUT, FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_READ), INPUT_CAPACITY, SERIAL_FIFO);
    output = pipe_create(OUTPUT, FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE), OUTPUT_CAPACITY,
                         OUTPUT_PAYLOAD);
    line = pipe_open(LINE, RIGHT_READ | RIGHT_WRITE);
    if (input < 0 || output < 0 || line < 0)
        return -PIPE_EACCES;
    long result = pipe_hook(line, KEY_LINE, 0);
    return result < 0 ? result : pipe_hook(output, KEY_OUTPUT, 0);
}

int main(void) {
    long error = pipes_make();
    if (error >= 0)
        error = serial_initialize();
    if (error < 0 && error != -PIPE_ENODEV) {
        report("its pipes or ports are unavailable");
        return 1;
    }
    is_there = error >= 0;
    if (is_there) {
        receive();
    } else {
        pipe_unhook(line);
        report("there is no serial port: what comes is dropped");
    }
    process_ready();
    for (;;) {
        long result = pipe_wait_data(pending.length ? clock_deadline(RETRY) : DEADLINE_NONE);
        if (result >= 0)
            message_arrived(result);
        else if (result == -PIPE_ETIMEDOUT)
            device_serve();
    }
}
