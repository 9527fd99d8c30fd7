// SPDX-License-Identifier: MIT
// Configuration space by ports 0xcf8 and 0xcfc (PCI Local Bus Specification 3.0, 3.2.2.3.2), through /kernel/io.
// A function's PCI address is bus << 8 | device << 3 | function.
#ifndef PCI_CONFIG_H
#define PCI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

// Registers (6.1), by their offset.
#define CONFIG_IDENTITY 0x00u
#define CONFIG_COMMAND 0x04u // and status in the upper half
#define CONFIG_CLASS 0x08u
#define CONFIG_HEADER 0x0cu // and timers in the lower half
#define CONFIG_BAR 0x10u
#define CONFIG_BUSES 0x18u   // of a bridge
#define CONFIG_WINDOWS 0x1cu // of a bridge
#define CONFIG_ROM 0x30u     // of a function that is none
#define CONFIG_CAPABILITIES 0x34u
#define CONFIG_LINE 0x3cu

#define COMMAND_PORTS 1u
#define COMMAND_MEMORY 2u
#define COMMAND_MASTER 4u
#define COMMAND_PARITY 0x40u
#define COMMAND_ERRORS 0x100u
#define COMMAND_REPORTS (COMMAND_PARITY | COMMAND_ERRORS) // how errors are reported: the firmware's choice
#define COMMAND_NO_LINE 0x400u
#define COMMAND_BITS 0xffffu
#define STATUS_CAPABILITIES (0x10u << 16)

#define CONFIG_ACCESSES_MAX 64u

struct config_access {
    uint32_t offset, value; // without a function all ones are read
    bool is_write;
};

// Makes up to CONFIG_ACCESSES_MAX accesses in their order, with no other process's between them. Reads set their value.
void config_access(uint32_t address, struct config_access *list, uint32_t count);
// Makes one access to the 32 bits at a multiple of 4.
uint32_t config_read(uint32_t address, uint32_t offset);
void config_write(uint32_t address, uint32_t offset, uint32_t value);

#endif
