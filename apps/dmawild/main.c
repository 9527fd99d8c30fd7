// SPDX-License-Identifier: MIT
// dmawild: a driver that lets its device, QEMU's for teaching (QEMU's docs/specs/edu.rst), do DMA: to its own memory, and
// to what is not its own. For tests.
//
// usage: dmawild own|closed|much|ADDRESS
#include "error.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "protocol/pci.h"
#include "region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_USAGE 2
#define EDU_VENDOR 0x1234u
#define EDU_DEVICE 0x11e8u
#define REGISTER_PAGES 256u
#define BUFFER 0x40000u // in the device
#define LENGTH 64u
#define DMA_SOURCE (0x80u / 8) // registers by their index in units of 8 bytes
#define DMA_TARGET (0x88u / 8)
#define DMA_COUNT (0x90u / 8)
#define DMA_COMMAND (0x98u / 8)
#define COMMAND_RUN 1u
#define COMMAND_TO_MEMORY 2u
#define OWN_MEMORY (MAPPING_BASE + REGISTER_PAGES * PAGE_SIZE)
#define ANSWER (PAGE_SIZE / 2) // offset in the region: what comes back from the device

static volatile uint64_t *const registers = (volatile uint64_t *)MAPPING_BASE;

static int fail(const char *what, long error) {
    fprintf(stderr, "dmawild: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return EXIT_FAILURE;
}

// Takes the device, as a bus master.
static long device_take(void) {
    struct pci_request request = {.operation = PCI_NEXT};
    struct pci_function function;
    long pci = pipe_open(PCI_PIPE, RIGHT_WRITE), result = pci;
    while (result >= 0) {
        result = pipe_call(pci, &request, sizeof request, &function, sizeof function, DEADLINE_NONE);
        if (result >= 0 && function.vendor == EDU_VENDOR && function.device == EDU_DEVICE)
            break;
        request.address = function.address + 1;
    }
    if (result < 0)
        return result;
    request = (struct pci_request){.operation = PCI_TAKE, .address = function.address, .value = 1};
    result = pipe_call(pci, &request, sizeof request, NULL, 0, DEADLINE_NONE);
    if (result < 0)
        return result;
    return process_map(pipe_received()->handle[0], 0, MAPPING_BASE, REGISTER_PAGES, PROTECT_READ | PROTECT_WRITE);
}

static void transfer(uint64_t source, uint64_t target, uint64_t direction) {
    registers[DMA_SOURCE] = source;
    registers[DMA_TARGET] = target;
    registers[DMA_COUNT] = LENGTH;
    registers[DMA_COMMAND] = COMMAND_RUN | direction;
    while (registers[DMA_COMMAND] & COMMAND_RUN)
        continue;
}

// A text goes to the device and back.
static int own_reach(uint64_t physical) {
    strcpy((char *)OWN_MEMORY, "the device reaches its driver's memory");
    transfer(physical, BUFFER, 0);
    transfer(BUFFER, physical + ANSWER, COMMAND_TO_MEMORY);
    printf("%s\n", (const char *)OWN_MEMORY + ANSWER);
    return EXIT_SUCCESS;
}

// The address of a region that the device has reached, so that the IOMMU may have cached its page, and that has ended.
static long closed_address(uint64_t *address) {
    struct memory_info info;
    long region = region_allocate(1);
    long error = region < 0 ? region : region_dma(region, &info);
    if (error < 0)
        return error;
    *address = info.physical;
    transfer(BUFFER, *address, COMMAND_TO_MEMORY);
    return pipe_close(region);
}

int main(int count, char **words) {
    struct memory_info info;
    uint64_t address = 0;
    if (count != 2) {
        fprintf(stderr, "usage: dmawild own|closed|much|ADDRESS\n");
        return STATUS_USAGE;
    }
    long error = device_take();
    if (error < 0)
        return fail("PCI function 1234:11e8", error);
    long region = region_allocate(strcmp(words[1], "much") == 0 ? 3 : 1);
    error = region < 0 ? region : process_map(region, 0, OWN_MEMORY, 1, PROTECT_READ | PROTECT_WRITE);
    if (error >= 0)
        error = region_dma(region, &info);
    if (error < 0)
        return fail("memory", error);
    if (strcmp(words[1], "own") == 0)
        return own_reach(info.physical);
    error = strcmp(words[1], "closed") == 0 ? closed_address(&address) : 0;
    if (error < 0)
        return fail("memory", error);
    if (strcmp(words[1], "closed") != 0)
        address = strtoull(words[1], NULL, 0);
    transfer(BUFFER, address, COMMAND_TO_MEMORY);
    printf("written to %#lx\n", (unsigned long)address);
    return EXIT_SUCCESS;
}
