// SPDX-License-Identifier: MIT
#ifndef SELFTEST_WIRE_ROLE_H
#define SELFTEST_WIRE_ROLE_H

#include "protocol/pci.h"

#include <stdbool.h>

// How the role ends: its status.
enum wire_end { WIRE_WELL, WIRE_NOT_TAKEN, WIRE_MISCOUNTED, WIRE_NOT_HELD, WIRE_NOT_TRIED_AGAIN };

// Finds the device; false if the machine has none.
bool wire_find(struct pci_function *function);

#endif
