// SPDX-License-Identifier: MIT
// Which functions a program may take: the claims of its stanza, as the process server tells them. Pure.
#ifndef PCI_CLAIMS_H
#define PCI_CLAIMS_H

#include "protocol/pci.h"

#include <stdbool.h>
#include <stddef.h>

// Whether a CLAIM_FUNCTION among these struct claim records covers the function.
bool claims_cover_function(const uint8_t *claims, size_t length, const struct pci_function *function);

#endif
