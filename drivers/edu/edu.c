// SPDX-License-Identifier: MIT
#include "edu.h"

#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/pci.h"

// Registers, by their index in units of 4 bytes.
#define FACTORIAL (0x08u / 4)
#define STATUS (0x20u / 4)
#define STATUS_INTERRUPT 0x80u // once a factorial is there
#define INTERRUPT_CAUSES (0x24u / 4)
#define INTERRUPT_END (0x64u / 4)
#define REGISTER_PAGES 256u

static volatile uint32_t *registers;

static long pci_ask(long pci, const struct pci_request *request, struct pci_function *function) {
    return pipe_call(pci, request, sizeof *request, function, function ? sizeof *function : 0, DEADLINE_NONE);
}

// Its PCI address, or -ENODEV.
static long address_find(long pci) {
    struct pci_function function;
    struct pci_request request = {.operation = PCI_NEXT};
    long result;
    while ((result = pci_ask(pci, &request, &function)) >= 0) {
        if (function.vendor == EDU_VENDOR && function.device == EDU_DEVICE)
            return (long)function.address;
        request.address = function.address + 1;
    }
    return result;
}

long edu_initialize(uint32_t message_line) {
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    long address = pci < 0 ? pci : address_find(pci);
    if (address < 0)
        return address;
    struct pci_request request = {.operation = PCI_TAKE, .address = (uint32_t)address};
    long result = pci_ask(pci, &request, NULL);
    if (result < 0)
        return result;
    result = process_map(pipe_received()->handle[0], 0, MAPPING_BASE, REGISTER_PAGES, PROTECT_READ | PROTECT_WRITE);
    if (result < 0)
        return result;
    registers = (volatile uint32_t *)MAPPING_BASE;
    request = (struct pci_request){.operation = PCI_MESSAGES, .address = (uint32_t)address, .value = message_line};
    return pci_ask(pci, &request, NULL);
}

void edu_compute(uint32_t number) {
    registers[STATUS] = STATUS_INTERRUPT;
    registers[FACTORIAL] = number;
}

bool edu_interrupted(uint32_t *factorial) {
    uint32_t causes = registers[INTERRUPT_CAUSES];
    registers[INTERRUPT_END] = causes;
    *factorial = registers[FACTORIAL];
    return causes != 0;
}
