// SPDX-License-Identifier: MIT
#include "controller.h"

#include "clock.h"
#include "ports.h"

#define DATA 0x60u
#define STATUS 0x64u  // read
#define COMMAND 0x64u // write

#define STATUS_RECEIVED 0x01u
#define STATUS_BUSY 0x02u  // it has not taken the last byte yet
#define STATUS_MOUSE 0x20u // what was received is the second port's
#define NOBODY 0xffu       // what a port reads as where no device is

#define COMMAND_READ_SETUP 0x20u
#define COMMAND_WRITE_SETUP 0x60u
#define COMMAND_MOUSE_OFF 0xa7u
#define COMMAND_KEYBOARD_OFF 0xadu
#define COMMAND_KEYBOARD_ON 0xaeu
#define SETUP_INTERRUPT 0x01u
#define SETUP_MOUSE_INTERRUPT 0x02u
#define SETUP_KEYBOARD_OFF 0x10u
#define SETUP_MOUSE_OFF 0x20u
#define SETUP_TRANSLATE 0x40u // the keyboard's own set 2 to set 1
#define KEYBOARD_SEND 0xf4u   // to the keyboard: send codes; it answers with a byte that stands for no key

#define PATIENCE (20 * MILLISECOND) // for an answer; a controller takes less than one
#define RECEIVED_MAX 32u            // bytes that may lie in it from before

// A port that claims refuse reads as one without a device.
static uint8_t port_read(uint16_t port) {
    struct io_access access = {.port = port, .width = 1};
    return ports_access(&access, 1) < 0 ? NOBODY : (uint8_t)access.value;
}

static void port_write(uint16_t port, uint8_t byte) {
    ports_access(&(struct io_access){port, 1, 1, byte}, 1);
}

// Waits until the controller has taken the last byte, then writes one. False if the controller stays busy.
static bool send(uint16_t port, uint8_t byte) {
    uint64_t end = clock_now() + PATIENCE;
    while (port_read(STATUS) & STATUS_BUSY)
        if (clock_now() >= end)
            return false;
    port_write(port, byte);
    return true;
}

// Waits for a byte of the controller or the keyboard.
static bool answer_await(uint8_t *answer) {
    uint64_t end = clock_now() + PATIENCE;
    do {
        if (controller_receive(answer))
            return true;
    } while (clock_now() < end);
    return false;
}

static bool setup_read(uint8_t *setup) {
    return send(COMMAND, COMMAND_READ_SETUP) && answer_await(setup);
}

static void empty(void) {
    for (uint32_t count = 0; count < RECEIVED_MAX && port_read(STATUS) & STATUS_RECEIVED; count++)
        port_read(DATA);
}

// Neither port sends while the setup is read, because a key's code would be taken for the answer. The second port stays
// off: the firmware may have left it on, its device shares the one output buffer with the keyboard, and a byte of the
// device that no interrupt tells of would keep every key out of that buffer.
bool controller_initialize(void) {
    uint8_t setup;
    if (port_read(STATUS) == NOBODY || !send(COMMAND, COMMAND_KEYBOARD_OFF) || !send(COMMAND, COMMAND_MOUSE_OFF))
        return false;
    empty();
    if (!setup_read(&setup))
        return false;
    setup |= SETUP_INTERRUPT | SETUP_TRANSLATE | SETUP_MOUSE_OFF;
    setup &= (uint8_t) ~(SETUP_MOUSE_INTERRUPT | SETUP_KEYBOARD_OFF);
    return send(COMMAND, COMMAND_WRITE_SETUP) && send(DATA, setup) && send(COMMAND, COMMAND_KEYBOARD_ON) &&
           send(DATA, KEYBOARD_SEND);
}

bool controller_receive(uint8_t *code) {
    uint8_t status = port_read(STATUS);
    while (status != NOBODY && status & STATUS_RECEIVED) {
        *code = port_read(DATA);
        if (!(status & STATUS_MOUSE))
            return true;
        status = port_read(STATUS);
    }
    return false;
}
