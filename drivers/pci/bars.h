// SPDX-License-Identifier: MIT
// What base address registers and a bridge's windows decode (PCI Local Bus Specification 3.0, 6.2.5; PCI-to-PCI Bridge
// Architecture Specification 1.2, 3.2.5). Pure: from the registers' contents alone.
#ifndef PCI_BARS_H
#define PCI_BARS_H

#include "protocol/pci.h"

#define BRIDGE_BARS 2u
#define BRIDGE_WINDOWS 3u
#define WINDOW_REGISTERS 6u // from CONFIG_WINDOWS on

// Describes `count` BARs by their values and masks: a mask is the BAR's value after ones were written to it. A BAR of
// 64 bits takes two registers, and the description of the second one is empty.
void bars_describe(struct pci_bar *bars, unsigned count, const uint32_t *values, const uint32_t *masks);
// Describes what a bridge passes on to its secondary bus: ports, memory, prefetchable memory. A closed window has size
// 0. `registers` are the dwords from CONFIG_WINDOWS on.
void windows_describe(struct pci_bar windows[BRIDGE_WINDOWS], const uint32_t registers[WINDOW_REGISTERS]);

#endif
