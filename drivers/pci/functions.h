// SPDX-License-Identifier: MIT
// The functions that the driver found on the buses at its start, by rising PCI address.
#ifndef PCI_FUNCTIONS_H
#define PCI_FUNCTIONS_H

#include "protocol/pci.h"

#include <stdbool.h>

#define FUNCTIONS_MAX 128u

// Scans bus 0 and the secondary bus of every bridge. Returns the number of functions; more than FUNCTIONS_MAX are left
// out.
unsigned functions_find(void);
// The function at the address, or NULL; the first one at or after the address, or NULL.
struct pci_function *function_at(uint32_t address);
struct pci_function *function_next(uint32_t address);
// Its number, below FUNCTIONS_MAX, and the function of that number.
unsigned function_number(const struct pci_function *function);
struct pci_function *function_numbered(unsigned number);
// Brings a function without an owner into the known state of state.h.
void function_prepare(const struct pci_function *function);
// Lets the function, and the bridges on the way to it, decode memory and ports, and do DMA.
void function_enable(const struct pci_function *function, bool is_master);
// Ends the DMA and the messages that the firmware has left on in functions without an owner, except the functions of
// the firmware itself and of the screen.
void functions_settle(void);

#endif
