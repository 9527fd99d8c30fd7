// SPDX-License-Identifier: MIT
// Two threads meet here: what is typed is taken by the first one, which calls the functions of screen.h; the second one
// runs screen_run. They share `shared` alone: a ring that has one writer and one reader, and two flags.
#include "screen.h"

#include "pipe.h"
#include "protocol/tty.h"
#include "thread.h"

#include <string.h>

#define RING 4096u // bytes of echo; a power of two
#define STACK (16u << 10)
#define PRIORITY 18u // as the manifest has it
#define KEY_OUTPUT 1u
#define KEY_WAKE 2u

static struct {
    uint8_t ring[RING];
    uint32_t put, taken; // counted from the beginning: put is the first thread's, taken the second's
    bool expands_newlines, is_stopped;
} shared;

// The first thread's.
static long wake_handle;

// The second thread's.
static struct {
    long device, output, wake;
    size_t chunk_max;               // bytes of one message to the device
    uint8_t last;                   // byte that was sent
    uint8_t bytes[2 * PAYLOAD_MAX]; // that are to be sent
} screen;

// ---- The first thread ----

void screen_echo(const uint8_t *bytes, size_t length) {
    uint32_t put = shared.put;
    uint32_t room = RING - (put - __atomic_load_n(&shared.taken, __ATOMIC_ACQUIRE));
    if (length > room)
        return;
    for (size_t index = 0; index < length; index++)
        shared.ring[put++ % RING] = bytes[index];
    __atomic_store_n(&shared.put, put, __ATOMIC_RELEASE);
}

void screen_flush(void) {
    static uint32_t flushed;
    if (flushed != shared.put)
        pipe_signal(wake_handle, 0);
    flushed = shared.put;
}

void screen_set_newlines(bool is_expanded) {
    __atomic_store_n(&shared.expands_newlines, is_expanded, __ATOMIC_RELEASE);
}

void screen_stop(bool stops) {
    if (shared.is_stopped == stops)
        return;
    __atomic_store_n(&shared.is_stopped, stops, __ATOMIC_RELEASE);
    pipe_signal(wake_handle, 0);
}

bool screen_is_stopped(void) {
    return shared.is_stopped;
}

// ---- The second thread ----

static void device_write(const uint8_t *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        size_t chunk = length - done < screen.chunk_max ? length - done : screen.chunk_max;
        if (pipe_send(screen.device, bytes + done, chunk, DEADLINE_NONE) < 0)
            return;
        done += chunk;
    }
}

static void echo_write(void) {
    uint32_t taken = shared.taken;
    uint32_t put = __atomic_load_n(&shared.put, __ATOMIC_ACQUIRE);
    while (taken != put) {
        size_t count = 0;
        while (taken != put && count < sizeof screen.bytes)
            screen.bytes[count++] = shared.ring[taken++ % RING];
        __atomic_store_n(&shared.taken, taken, __ATOMIC_RELEASE);
        screen.last = screen.bytes[count - 1];
        device_write(screen.bytes, count);
    }
}

// A '\n' that has a '\r' before it already is left as it is.
static void output_write(const uint8_t *bytes, size_t length) {
    bool expands = __atomic_load_n(&shared.expands_newlines, __ATOMIC_ACQUIRE);
    size_t count = 0;
    for (size_t index = 0; index < length; index++) {
        if (expands && bytes[index] == '\n' && screen.last != '\r')
            screen.bytes[count++] = '\r';
        screen.last = screen.bytes[count++] = bytes[index];
    }
    device_write(screen.bytes, count);
}

// Waits while the output is stopped; its messages stay where they are.
static void stop_heed(void) {
    if (!__atomic_load_n(&shared.is_stopped, __ATOMIC_ACQUIRE))
        return;
    pipe_unhook(screen.output);
    while (__atomic_load_n(&shared.is_stopped, __ATOMIC_ACQUIRE))
        pipe_wait(DEADLINE_NONE);
    pipe_hook(screen.output, KEY_OUTPUT, 0);
}

static void screen_run(void *unused) {
    static uint8_t message[PAYLOAD_MAX];
    (void)unused;
    pipe_hook(screen.wake, KEY_WAKE, 0);
    pipe_hook(screen.output, KEY_OUTPUT, 0);
    echo_write();
    for (;;) {
        long length = pipe_wait_data(DEADLINE_NONE);
        bool is_output = length > 0 && pipe_received()->key == KEY_OUTPUT;
        if (is_output)
            memcpy(message, pipe_payload(), (size_t)length);
        stop_heed();
        if (is_output)
            output_write(message, (size_t)length);
        else
            echo_write();
    }
}

long screen_begin(long device, long output, long wake) {
    struct pipe_stat stat;
    long result = pipe_stat(device, &stat);
    if (result < 0)
        return result;
    wake_handle = wake;
    screen.device = device;
    screen.output = output;
    screen.wake = wake;
    screen.chunk_max = stat.payload_max < PAYLOAD_MAX ? stat.payload_max : PAYLOAD_MAX;
    result = thread_start(screen_run, NULL, STACK, PRIORITY);
    return result < 0 ? result : 0;
}
