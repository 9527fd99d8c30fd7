// SPDX-License-Identifier: MIT
// The 16550 (National Semiconductor PC16550D datasheet, 8.0), by ports (/kernel/io).
#ifndef SERIAL_SERIAL_H
#define SERIAL_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_FIFO 16u // bytes in each direction

// Sets the line up: 115200 baud, 8N1, FIFOs on, interrupts for received bytes. 0, or a negated error: -ENODEV where the
// machine has no such port.
long serial_initialize(void);
// Whether a received byte is waiting.
bool serial_has_received(void);
// Takes what has been received, up to SERIAL_FIFO bytes; `*more` if there may be more.
size_t serial_receive(uint8_t *bytes, bool *more);
// Whether the transmitter has room for SERIAL_FIFO bytes.
bool serial_may_send(void);
// Sends up to SERIAL_FIFO bytes.
void serial_send(const uint8_t *bytes, size_t count);
// Whether the transmitter interrupts once it has room again.
void serial_tell_room(bool tell);

#endif
