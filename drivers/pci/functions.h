// SPDX-License-Identifier: MIT
// The functions that were found on the buses when the driver started, by rising place.
#ifndef PCI_FUNCTIONS_H
#define PCI_FUNCTIONS_H

#include "protocol/pci.h"

#include <stdbool.h>

#define FUNCTIONS_MAX 128u

// Looks at bus 0 and at every bus behind a bridge. How many functions there are; those over FUNCTIONS_MAX are left out.
unsigned functions_find(void);
// The function at the place, or NULL; the first at the place or behind it, or NULL.
struct pci_function *function_at(uint32_t place);
struct pci_function *function_next(uint32_t place);
// Its number, below FUNCTIONS_MAX, and the function of that number.
unsigned function_number(const struct pci_function *function);
struct pci_function *function_numbered(unsigned number);
// Lets the function answer to its memory and ports, and do DMA; or takes both away, and its messages.
void function_enable(const struct pci_function *function, bool is_master);
void function_disable(const struct pci_function *function);
// Its interrupts come as this message from now on.
void function_send_messages(const struct pci_function *function, uint64_t address, uint32_t data);

#endif
