// SPDX-License-Identifier: MIT
// The keyboard's driver on an 8042 whose second port the firmware has left on: the mouse's bytes are neither taken for
// the controller's answer nor for keys, and the port is off afterwards.
#include "../../drivers/keyboard/controller.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

#define BUFFERED_MAX 8u
#define FIRMWARE_SETUP (SETUP_INTERRUPT | SETUP_MOUSE_INTERRUPT | SETUP_TRANSLATE)
#define MOUSE_BYTE 0x18u // the first byte of a movement; taken for a setup it would switch the keyboard off
#define KEY_CODE 0x1eu

// The controller: what waits in its output buffer, each byte with the status bit of its port.
static struct {
    uint8_t setup, command;
    uint8_t bytes[BUFFERED_MAX], ports[BUFFERED_MAX];
    unsigned count;
    bool mouse_is_late; // the mouse has a byte in flight, which comes before the answer
} device;

static uint64_t now;

static void buffer_put(uint8_t byte, uint8_t port) {
    assert_true(device.count < BUFFERED_MAX);
    device.bytes[device.count] = byte;
    device.ports[device.count++] = port;
}

static uint8_t buffer_take(void) {
    uint8_t byte = device.bytes[0];
    if (device.count == 0)
        return 0;
    device.count--;
    for (unsigned index = 0; index < device.count; index++) {
        device.bytes[index] = device.bytes[index + 1];
        device.ports[index] = device.ports[index + 1];
    }
    return byte;
}

static void command_take(uint8_t command) {
    device.command = command;
    if (command == COMMAND_KEYBOARD_OFF)
        device.setup |= SETUP_KEYBOARD_OFF;
    else if (command == COMMAND_KEYBOARD_ON)
        device.setup &= (uint8_t)~SETUP_KEYBOARD_OFF;
    else if (command == COMMAND_MOUSE_OFF)
        device.setup |= SETUP_MOUSE_OFF;
    if (command != COMMAND_READ_SETUP)
        return;
    if (device.mouse_is_late)
        buffer_put(MOUSE_BYTE, STATUS_MOUSE);
    buffer_put(device.setup, 0);
}

long ports_access(struct io_access *access, uint32_t count) {
    assert_int_equal(count, 1);
    if (!access->write && access->port == STATUS)
        access->value = device.count ? STATUS_RECEIVED | device.ports[0] : 0;
    else if (!access->write)
        access->value = buffer_take();
    else if (access->port == COMMAND)
        command_take((uint8_t)access->value);
    else if (device.command == COMMAND_WRITE_SETUP) {
        device.setup = (uint8_t)access->value;
        device.command = 0;
    }
    return 0;
}

uint64_t clock_now(void) {
    return now += MILLISECOND;
}

static int firmware_leaves(void **state) {
    (void)state;
    memset(&device, 0, sizeof device);
    device.setup = FIRMWARE_SETUP;
    return 0;
}

static void the_second_port_is_off(void **state) {
    (void)state;
    buffer_put(MOUSE_BYTE, STATUS_MOUSE);
    buffer_put(MOUSE_BYTE, STATUS_MOUSE);
    assert_true(controller_initialize());
    assert_int_equal(device.setup, SETUP_INTERRUPT | SETUP_TRANSLATE | SETUP_MOUSE_OFF);
    assert_int_equal(device.count, 0);
}

static void a_late_byte_is_no_answer(void **state) {
    (void)state;
    device.mouse_is_late = true;
    assert_true(controller_initialize());
    assert_int_equal(device.setup, SETUP_INTERRUPT | SETUP_TRANSLATE | SETUP_MOUSE_OFF);
}

static void bytes_of_the_mouse_are_no_keys(void **state) {
    uint8_t code = 0;
    (void)state;
    buffer_put(MOUSE_BYTE, STATUS_MOUSE);
    buffer_put(KEY_CODE, 0);
    buffer_put(MOUSE_BYTE, STATUS_MOUSE);
    assert_true(controller_receive(&code));
    assert_int_equal(code, KEY_CODE);
    assert_false(controller_receive(&code));
    assert_int_equal(device.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(the_second_port_is_off, firmware_leaves),
                                       cmocka_unit_test_setup(a_late_byte_is_no_answer, firmware_leaves),
                                       cmocka_unit_test_setup(bytes_of_the_mouse_are_no_keys, firmware_leaves)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
