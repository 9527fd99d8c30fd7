// SPDX-License-Identifier: MIT
#include "protocol/pci.h"

#include "decode.h"

static const struct operation operations[PCI_OPERATIONS] = {
    [PCI_NEXT] = {"PCI_NEXT", FIELDS(FIELD_AS(struct pci_request, address, FORM_HEX)),
                  FIELDS(FIELD_AS(struct pci_function, address, FORM_HEX),
                         FIELD_AS(struct pci_function, vendor, FORM_HEX),
                         FIELD_AS(struct pci_function, device, FORM_HEX), FIELD(struct pci_function, owner))},
    [PCI_TAKE] = {"PCI_TAKE",
                  FIELDS(FIELD_AS(struct pci_request, address, FORM_HEX), FIELD(struct pci_request, bar),
                         FIELD(struct pci_request, value)),
                  NULL},
    [PCI_MESSAGES] = {"PCI_MESSAGES",
                      FIELDS(FIELD_AS(struct pci_request, address, FORM_HEX), FIELD(struct pci_request, value)), NULL}};
const struct protocol protocol_pci = {(const char *const[]){PCI_PIPE, NULL}, operations, 0, PCI_OPERATIONS};
