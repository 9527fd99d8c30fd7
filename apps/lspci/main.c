// SPDX-License-Identifier: MIT
// lspci: the functions on the PCI buses, and the drivers that have them.
#include "error.h"
#include "pipe.h"
#include "protocol/pci.h"

#include <stdio.h>
#include <string.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2

static void range_print(const char *what, unsigned number, const struct pci_bar *bar) {
    if (bar->size)
        printf("        %s %u: %s %#llx, %llu bytes\n", what, number, bar->is_port ? "ports" : "memory",
               (unsigned long long)bar->address, (unsigned long long)bar->size);
}

static void bars_print(const struct pci_function *function) {
    unsigned bars = function->secondary_bus ? PCI_WINDOWS : PCI_BARS;
    for (unsigned number = 0; number < bars; number++)
        range_print("bar", number, &function->bars[number]);
    for (unsigned number = bars; number < PCI_BARS; number++)
        range_print("window", number - bars, &function->bars[number]);
    if (function->secondary_bus)
        printf("        bus %02x\n", (unsigned)function->secondary_bus);
}

static void function_print(const struct pci_function *function, int is_long) {
    char owner[16] = "-", line[16] = "-";
    if (function->owner)
        snprintf(owner, sizeof owner, "%u", (unsigned)function->owner);
    if (function->line && function->line != UINT8_MAX)
        snprintf(line, sizeof line, "%u", (unsigned)function->line);
    printf("%02x:%02x.%u %04x:%04x %06x %4s %3s %5s\n", (unsigned)function->address >> 8,
           (unsigned)function->address >> 3 & 31, (unsigned)function->address & 7, function->vendor, function->device,
           (unsigned)function->class_code, line, function->has_messages ? "yes" : "no", owner);
    if (is_long)
        bars_print(function);
}

int main(int count, char **words) {
    int is_long = count == 2 && strcmp(words[1], "-l") == 0;
    if (count > 2 || (count == 2 && !is_long)) {
        int is_help = count == 2 && strcmp(words[1], "-h") == 0;
        fprintf(is_help ? stdout : stderr,
                "usage: lspci [-l]\nlist the PCI functions; -l: with their BARs and bridges' windows\n");
        return is_help ? 0 : STATUS_USAGE;
    }
    struct pci_request request = {.operation = PCI_NEXT};
    struct pci_function function;
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE), result = pci;
    if (pci >= 0)
        printf("%-7s %-9s %-6s %4s %3s %5s\n", "ADDRESS", "DEVICE", "CLASS", "LINE", "MSI", "OWNER");
    while (result >= 0) {
        result = pipe_call(pci, &request, sizeof request, &function, sizeof function, DEADLINE_NONE);
        if (result >= 0)
            function_print(&function, is_long);
        request.address = function.address + 1;
    }
    if (result == -PIPE_ENODEV)
        return 0;
    fprintf(stderr, "lspci: %s: %s (%s)\n", PCI_PIPE, error_sentence(result), error_name(result));
    return STATUS_FAILED;
}
