// SPDX-License-Identifier: MIT
// Ports, the kernel's own output on the first serial port (16550 datasheet), switching off and resetting (ACPI
// specification 6.5, 4.8.3).
#include "machine_state.h"

#include "kernel.h"

uint32_t machine_port_read(uint16_t port, unsigned width) {
    if (width == sizeof(uint8_t))
        return port_in8(port);
    return width == sizeof(uint16_t) ? port_in16(port) : port_in32(port);
}

void machine_port_write(uint16_t port, unsigned width, uint32_t value) {
    if (width == sizeof(uint8_t))
        port_out8(port, (uint8_t)value);
    else if (width == sizeof(uint16_t))
        port_out16(port, (uint16_t)value);
    else
        port_out32(port, value);
}

// ---- Console ----

#define CONSOLE_PORT 0x3f8u
#define CONSOLE_PORTS 8u
#define CONSOLE_LINE_CONTROL (CONSOLE_PORT + 3)
#define CONSOLE_LINE_STATUS (CONSOLE_PORT + 5)
#define LINE_8N1 3u
#define LINE_DIVISOR 0x80u
#define LINE_EMPTY 0x20u
#define DIVISOR_115200 1u
#define WAIT_MAX 100000u // reads of the status; after that the port counts as dead

void console_initialize(void) {
    port_out8(CONSOLE_PORT + 1, 0);
    port_out8(CONSOLE_LINE_CONTROL, LINE_DIVISOR);
    port_out8(CONSOLE_PORT, DIVISOR_115200);
    port_out8(CONSOLE_PORT + 1, 0);
    port_out8(CONSOLE_LINE_CONTROL, LINE_8N1);
}

static void console_byte(char byte) {
    for (unsigned count = 0; count < WAIT_MAX; count++)
        if (port_in8(CONSOLE_LINE_STATUS) & LINE_EMPTY)
            break;
    port_out8(CONSOLE_PORT, (uint8_t)byte);
}

#define SCREEN_COLOURS 0x4f00u // white on red

// Shows the next byte of a panic on a screen of text, because no terminal may be on the serial line. Bytes after the
// last row are not shown.
static void screen_byte(char byte) {
    const struct info_framebuffer *screen = &kernel.machine.framebuffer;
    uint32_t *cursor = &kernel.machine.screen_cursor;
    if (screen->kind != FRAMEBUFFER_TEXT || *cursor >= screen->width * screen->height)
        return;
    if (byte == '\n')
        *cursor += screen->width - *cursor % screen->width;
    else
        ((volatile uint16_t *)physical_pointer(screen->address))[(*cursor)++] =
            (uint16_t)(SCREEN_COLOURS | (uint8_t)byte);
}

void machine_console_write(const char *text, size_t length) {
    if (kernel.machine.console_taken)
        return;
    for (size_t index = 0; index < length; index++) {
        if (kernel.machine.panics)
            screen_byte(text[index]);
        if (text[index] == '\n')
            console_byte('\r');
        console_byte(text[index]);
    }
}

void machine_port_taken(uint16_t port) {
    if (port >= CONSOLE_PORT && port < CONSOLE_PORT + CONSOLE_PORTS)
        kernel.machine.console_taken = true;
}

void machine_console_return(void) {
    kernel.machine.console_taken = false;
    kernel.machine.panics = true;
}

// ---- Power ----

#define SLEEP_TYPE_SHIFT 10u
#define SLEEP_BITS 0x3c00u // the type, and to enter it
#define SLEEP_ENABLE 0x2000u
#define ACPI_MODE 1u         // in the same register
#define RESET_CONTROL 0xcf9u // 82371AB and later: 2 prepares, 6 resets the processor
#define RESET_HARD 6u
#define KEYBOARD_COMMAND 0x64u
#define KEYBOARD_RESET 0xfeu
#define TEST_EXIT_PORT 0xf4u // of QEMU's isa-debug-exit: the Makefile's iobase

#define POWER_PATIENCE 1000000000ull // nanoseconds that a machine may take to obey

_Noreturn void machine_stop(void) {
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

static void obey_await(void) {
    uint64_t end = machine_now() + POWER_PATIENCE;
    while (machine_now() < end)
        __asm__ volatile("pause");
}

// Firmware in its legacy mode may ignore the registers until ACPI is enabled (4.8.2.5).
static void acpi_mode_enter(void) {
    const struct machine *machine = &kernel.machine;
    if (!machine->mode_port || port_in16(machine->power_control_a) & ACPI_MODE)
        return;
    port_out8(machine->mode_port, machine->mode_value);
    for (unsigned count = 0; count < WAIT_MAX; count++)
        if (port_in16(machine->power_control_a) & ACPI_MODE)
            return;
}

static void sleep_enter(uint16_t port, uint8_t type) {
    if (port)
        port_out16(port, (uint16_t)((port_in16(port) & ~SLEEP_BITS) | type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
}

void machine_power_off(void) {
    const struct machine *machine = &kernel.machine;
    if (!machine->power_control_a)
        return; // no ACPI
    acpi_mode_enter();
    sleep_enter(machine->power_control_a, machine->sleep_type_a);
    sleep_enter(machine->power_control_b, machine->sleep_type_b);
    obey_await();
}

void machine_reboot(void) {
    const struct machine *machine = &kernel.machine;
    if (machine->reset_port)
        port_out8(machine->reset_port, machine->reset_value);
    port_out8(RESET_CONTROL, RESET_HARD);
    port_out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    obey_await();
}

_Noreturn void machine_test_exit(uint32_t status) {
    port_out32(TEST_EXIT_PORT, status);
    machine_stop();
}
