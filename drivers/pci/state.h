// SPDX-License-Identifier: MIT
// The state of a function between two drivers. What the firmware or an earlier driver has left in its configuration
// space is neither trusted nor passed on.
//
//   quiet -- state_restore --> restored -- state_enable --> enabled -- state_send_messages --> enabled, with messages
//     ^                           |                            |                                  |
//     +------ state_quiet --------+----------------------------+----------------------------------+
//
// 1. A quiet function decodes nothing, is no bus master, and raises neither its line, which others may share, nor
//    messages. So is a restored one, but its line is on.
// 2. Each owner's first state_enable follows a state_restore of a quiet function.
#ifndef PCI_STATE_H
#define PCI_STATE_H

#include "config.h"
#include "protocol/pci.h"

// What a function loses when it leaves D3hot (PCI Bus Power Management Interface Specification 1.2, 5.4.1), as it was
// when the buses were looked at.
struct state_saved {
    uint32_t command, timers, line; // what may be written to their registers; of the command: COMMAND_REPORTS
    uint32_t bars[PCI_BARS];
};

// The offset of a capability, such as CAPABILITY_MESSAGES; 0: the function has none.
uint32_t capability_find(uint32_t address, uint8_t identity);
#define CAPABILITY_POWER 1u
#define CAPABILITY_MESSAGES 5u       // MSI
#define CAPABILITY_MESSAGE_TABLE 17u // MSI-X

void state_quiet(uint32_t address);
// Ends its DMA and its messages; it goes on decoding.
void state_silence(uint32_t address);
// Brings a quiet function to D0, with its registers as saved and its line on.
void state_restore(uint32_t address, const struct state_saved *saved);
void state_enable(uint32_t address, bool is_master);
// Makes its interrupts this message from now on.
void state_send_messages(uint32_t address, uint64_t target, uint32_t data);
// Makes a bridge forward reads and writes of both sides.
void state_pass(uint32_t address);

#endif
