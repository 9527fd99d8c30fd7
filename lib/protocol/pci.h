// SPDX-License-Identifier: MIT
// /dev/pci: the functions on the PCI buses, and the way of a driver to its own one.
#ifndef PROTOCOL_PCI_H
#define PROTOCOL_PCI_H

#include <stdint.h>

#define PCI_PIPE "/dev/pci"
#define PCI_BARS 6u

enum pci_operation {
    // struct pci_request: the first function at `where` or after it -> struct pci_function. ENODEV: there is none.
    PCI_NEXT,
    // struct pci_request: the caller, a driver, owns the function from now on until it ends. The function decodes its
    // memory and ports, and may do DMA if `value` is 1 -> handle: a region, the memory of its BAR number `bar`. The
    // first take finds the function in a known state, whatever firmware or an earlier driver has left: in D0, its BARs
    // as at boot, its line on, no messages, no bus master. EACCES (the caller is an app), EPERM (its stanza
    // does not claim the function, or has no `dma` and `value` is 1), ENODEV, EBUSY (another process
    // has it), ENOTSUP (it is a bridge), ENXIO (the BAR is no memory), EFBIG.
    PCI_TAKE,
    // struct pci_request, of a function that is the caller's: its interrupts raise /irq/msi<value>. A message is a
    // write by DMA: EPERM (its stanza has no `dma`). EACCES, ENOTSUP (it sends no messages), ERANGE.
    PCI_MESSAGES,
    PCI_OPERATIONS
};

// An address is bus << 8 | device << 3 | function.
struct pci_request {
    uint32_t operation, address, bar, value;
};

// The bars of a bridge from this one on are its windows: ports, memory, prefetchable memory.
#define PCI_WINDOWS 2u

struct pci_bar {
    uint64_t address, size; // size 0: there is none
    uint32_t is_port, unused;
};

struct pci_function {
    uint32_t address, owner; // owner: the pid of the driver that has it, or 0
    uint16_t vendor, device;
    uint32_t class_code;            // class << 16 | subclass << 8 | interface
    uint32_t line, has_messages;    // line: what the firmware says, or 255; has_messages: MSI
    uint32_t secondary_bus, unused; // of a bridge: the bus that it leads to; else 0
    struct pci_bar bars[PCI_BARS];
};

#endif
