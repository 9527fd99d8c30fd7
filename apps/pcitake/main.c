// SPDX-License-Identifier: MIT
// pcitake: takes a function on PCI as its driver would, reads the text with which a BAR's memory begins, and writes one
// to its last page. For tests: also of functions that are not its own.
//
// usage: pcitake BUS:DEVICE.FUNCTION BAR [TEXT [master]]
#include "error.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/pci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_USAGE 2
#define HEXADECIMAL 16

static int fail(const char *what, long error) {
    fprintf(stderr, "pcitake: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return EXIT_FAILURE;
}

// "00:04.0" as bus << 8 | device << 3 | function.
static int address_parse(const char *text, uint32_t *address) {
    char *rest;
    unsigned long bus = strtoul(text, &rest, HEXADECIMAL), device, function;
    if (*rest != ':')
        return 0;
    device = strtoul(rest + 1, &rest, HEXADECIMAL);
    if (*rest != '.')
        return 0;
    function = strtoul(rest + 1, &rest, HEXADECIMAL);
    *address = (uint32_t)(bus << 8 | device << 3 | function);
    return *rest == 0 && bus < 256 && device < 32 && function < 8;
}

static long bar_map(struct pci_request *request, struct pci_function *function) {
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE);
    if (pci < 0)
        return pci;
    request->operation = PCI_NEXT;
    long result = pipe_call(pci, request, sizeof *request, function, sizeof *function, DEADLINE_NONE);
    if (result >= 0 && function->address != request->address)
        result = -PIPE_ENODEV;
    if (result < 0)
        return result;
    request->operation = PCI_TAKE;
    result = pipe_call(pci, request, sizeof *request, NULL, 0, DEADLINE_NONE);
    if (result < 0)
        return result;
    return process_map(pipe_received()->handle[0], 0, MAPPING_BASE, pages_of(function->bars[request->bar].size),
                       PROTECT_READ | PROTECT_WRITE);
}

int main(int count, char **words) {
    struct pci_request request = {0};
    struct pci_function function;
    if (count < 3 || count > 5 || !address_parse(words[1], &request.address)) {
        fprintf(stderr, "usage: pcitake BUS:DEVICE.FUNCTION BAR [TEXT [master]]\n");
        return STATUS_USAGE;
    }
    request.bar = (uint32_t)strtoul(words[2], NULL, 0);
    request.value = count == 5;
    long error = bar_map(&request, &function);
    if (error < 0)
        return fail(words[1], error);
    char *memory = (char *)MAPPING_BASE;
    uint64_t size = function.bars[request.bar].size;
    printf("%.*s\n", (int)PAGE_SIZE, memory);
    if (count >= 4)
        strncpy(memory + size - PAGE_SIZE, words[3], PAGE_SIZE);
    return EXIT_SUCCESS;
}
