// SPDX-License-Identifier: MIT
#include "serial.h"

#include "ports.h"

#define PORT 0x3f8u
#define DATA (PORT + 0)
#define INTERRUPTS (PORT + 1)
#define IDENTIFICATION (PORT + 2) // read
#define FIFO_CONTROL (PORT + 2)   // write
#define LINE_CONTROL (PORT + 3)
#define MODEM_CONTROL (PORT + 4)
#define LINE_STATUS (PORT + 5)
#define SCRATCH (PORT + 7)

#define INTERRUPT_RECEIVED 0x01u
#define INTERRUPT_ROOM 0x02u
#define FIFO_ON 0xc7u // enabled, both cleared, interrupt at 14 bytes
#define LINE_8N1 0x03u
#define LINE_DIVISOR 0x80u
#define DIVISOR_115200 1u
#define MODEM_READY 0x0bu // DTR, RTS, and OUT2, which lets interrupts through
#define STATUS_RECEIVED 0x01u
#define STATUS_ROOM 0x20u
#define SCRATCH_VALUE 0x5au // any but all ones, which is what a port reads as where no device is

struct accesses {
    uint32_t count;
    struct io_access access[SERIAL_FIFO];
};

static void add(struct accesses *accesses, uint16_t port, bool write, uint32_t value) {
    accesses->access[accesses->count++] = (struct io_access){port, 1, write, value};
}

static long ask(struct accesses *accesses) {
    return ports_access(accesses->access, accesses->count);
}

// The scratch register keeps what is written there and does nothing with it.
static long device_find(void) {
    struct accesses scratch = {0};
    add(&scratch, SCRATCH, true, SCRATCH_VALUE);
    add(&scratch, SCRATCH, false, 0);
    long result = ask(&scratch);
    if (result < 0)
        return result;
    return scratch.access[1].value == SCRATCH_VALUE ? 0 : -PIPE_ENODEV;
}

long serial_initialize(void) {
    struct accesses setup = {0};
    long error = device_find();
    if (error < 0)
        return error;
    add(&setup, INTERRUPTS, true, 0);
    add(&setup, LINE_CONTROL, true, LINE_DIVISOR);
    add(&setup, DATA, true, DIVISOR_115200);
    add(&setup, INTERRUPTS, true, 0);
    add(&setup, LINE_CONTROL, true, LINE_8N1);
    add(&setup, FIFO_CONTROL, true, FIFO_ON);
    add(&setup, MODEM_CONTROL, true, MODEM_READY);
    add(&setup, INTERRUPTS, true, INTERRUPT_RECEIVED);
    add(&setup, IDENTIFICATION, false, 0);
    return ask(&setup);
}

bool serial_has_received(void) {
    struct accesses status = {0};
    add(&status, LINE_STATUS, false, 0);
    return ask(&status) == 0 && status.access[0].value & STATUS_RECEIVED;
}

// Reads a data byte only after a status that says it is there, because a read of an empty FIFO could take a byte that
// arrives in between.
size_t serial_receive(uint8_t *bytes, bool *more) {
    size_t count = 0;
    *more = serial_has_received();
    while (*more && count < SERIAL_FIFO) {
        struct accesses pair = {0};
        add(&pair, DATA, false, 0);
        add(&pair, LINE_STATUS, false, 0);
        if (ask(&pair) < 0)
            break;
        bytes[count++] = (uint8_t)pair.access[0].value;
        *more = pair.access[1].value & STATUS_RECEIVED;
    }
    return count;
}

bool serial_may_send(void) {
    struct accesses status = {0};
    add(&status, IDENTIFICATION, false, 0); // acknowledges the transmitter's interrupt
    add(&status, LINE_STATUS, false, 0);
    return ask(&status) == 0 && status.access[1].value & STATUS_ROOM;
}

void serial_send(const uint8_t *bytes, size_t count) {
    struct accesses data = {0};
    for (size_t index = 0; index < count; index++)
        add(&data, DATA, true, bytes[index]);
    ask(&data);
}

void serial_tell_room(bool tell) {
    struct accesses enable = {0};
    add(&enable, INTERRUPTS, true, INTERRUPT_RECEIVED | (tell ? INTERRUPT_ROOM : 0));
    ask(&enable);
}
