// SPDX-License-Identifier: MIT
// The operations of the kernel's own pipes, which abi.h defines.
#include "decode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct operation clock_operations[] = {
    [CLOCK_NOW] = {"CLOCK_NOW", NULL, FIELDS(FIELD(struct clock_time, time))},
    [CLOCK_ARM] = {"CLOCK_ARM", FIELDS(FIELD(struct clock_request, time)), NULL},
    [CLOCK_DISARM] = {"CLOCK_DISARM", NULL, NULL}};
const struct protocol protocol_clock = {(const char *const[]){"/kernel/clock", NULL}, clock_operations, 0,
                                        COUNT(clock_operations)};

#define RANGE FIELDS(FIELD_AS(struct control_range, address, FORM_HEX), FIELD(struct control_range, pages))
static const struct operation control_operations[] = {
    [CONTROL_MAP] = {"CONTROL_MAP",
                     FIELDS(FIELD(struct control_map, flags), FIELD_AS(struct control_map, address, FORM_HEX),
                            FIELD(struct control_map, pages)),
                     NULL},
    [CONTROL_UNMAP] = {"CONTROL_UNMAP", RANGE, NULL},
    [CONTROL_PROTECT] = {"CONTROL_PROTECT", RANGE, NULL},
    [CONTROL_START] = {"CONTROL_START",
                       FIELDS(FIELD(struct control_start, priority), FIELD_AS(struct control_start, entry, FORM_HEX)),
                       NULL},
    [CONTROL_GIVE] = {"CONTROL_GIVE", NULL, NULL},
    [CONTROL_SUSPEND] = {"CONTROL_SUSPEND", NULL, NULL},
    [CONTROL_RESUME] = {"CONTROL_RESUME", NULL, NULL},
    [CONTROL_KILL] = {"CONTROL_KILL", FIELDS(FIELD(struct control_exit, status)), NULL},
    [CONTROL_EXIT_THREAD] = {"CONTROL_EXIT_THREAD", NULL, NULL},
    [CONTROL_THREAD_LOCAL] = {"CONTROL_THREAD_LOCAL", FIELDS(FIELD_AS(struct control_local, base, FORM_HEX)), NULL},
    [CONTROL_IDENTITY] = {"CONTROL_IDENTITY", NULL, NULL},
    [CONTROL_MEMORY] = {"CONTROL_MEMORY", FIELDS(FIELD(struct control_memory, pages)),
                        FIELDS(FIELD(struct control_pages, pages))},
    [CONTROL_GET_REGISTERS] = {"CONTROL_GET_REGISTERS", FIELDS(FIELD(struct control_thread_name, thread)), NULL},
    [CONTROL_SET_REGISTERS] = {"CONTROL_SET_REGISTERS", FIELDS(FIELD(struct control_thread_name, thread)), NULL}};
const struct protocol protocol_control = {(const char *const[]){"/proc/*/control", NULL}, control_operations, 0,
                                          COUNT(control_operations)};

#define PAGES FIELDS(FIELD_AS(struct memory_range, offset, FORM_HEX), FIELD(struct memory_range, pages))
static const struct operation memory_operations[] = {
    [MEMORY_SPLIT] = {"MEMORY_SPLIT", PAGES, NULL},       [MEMORY_SHARE] = {"MEMORY_SHARE", NULL, NULL},
    [MEMORY_PHYSICAL] = {"MEMORY_PHYSICAL", PAGES, NULL}, [MEMORY_INFO] = {"MEMORY_INFO", NULL, NULL},
    [MEMORY_RETURNED] = {"MEMORY_RETURNED", NULL, NULL},  [MEMORY_DMA] = {"MEMORY_DMA", NULL, NULL},
    [MEMORY_DEVICE] = {"MEMORY_DEVICE", NULL, NULL}};
const struct protocol protocol_kernel_memory = {(const char *const[]){"/kernel/memory", NULL}, memory_operations, 0,
                                                COUNT(memory_operations)};

static const struct operation process_operations[] = {
    [PROCESS_CREATE] = {"PROCESS_CREATE",
                        FIELDS(FIELD_AS(struct process_create, name, FORM_TEXT), FIELD(struct process_create, kind),
                               FIELD(struct process_create, priority), FIELD(struct process_create, predecessor),
                               FIELD(struct process_create, budget), FIELD(struct process_create, quota),
                               FIELD(struct process_create, foreign)),
                        NULL},
    [PROCESS_REAP] = {"PROCESS_REAP", FIELDS(FIELD(struct process_name, pid)), NULL},
    [PROCESS_FAULT] = {"PROCESS_FAULT", FIELDS(FIELD(struct process_name, pid)), NULL}};
const struct protocol protocol_kernel_process = {(const char *const[]){"/kernel/process", NULL}, process_operations, 0,
                                                 COUNT(process_operations)};

#define ASKED FIELDS(FIELD(struct info_request, number), FIELD(struct info_request, index))
static const struct operation info_operations[] = {
    [INFO_SYSTEM] = {"INFO_SYSTEM", NULL, NULL},           [INFO_PROCESS] = {"INFO_PROCESS", ASKED, NULL},
    [INFO_THREAD] = {"INFO_THREAD", ASKED, NULL},          [INFO_LINE] = {"INFO_LINE", ASKED, NULL},
    [INFO_FRAMEBUFFER] = {"INFO_FRAMEBUFFER", NULL, NULL}, [INFO_HANDLES] = {"INFO_HANDLES", ASKED, NULL}};
const struct protocol protocol_info = {(const char *const[]){"/kernel/info", NULL}, info_operations, 0,
                                       COUNT(info_operations)};

// The first access stands for all.
static const struct operation io_operations[] = {
    {"IO",
     FIELDS(FIELD(struct io_request, count),
            {"port", sizeof(struct io_request) + offsetof(struct io_access, port), sizeof(uint16_t), FORM_HEX},
            {"write", sizeof(struct io_request) + offsetof(struct io_access, write), sizeof(uint8_t), FORM_NUMBER},
            {"value", sizeof(struct io_request) + offsetof(struct io_access, value), sizeof(uint32_t), FORM_HEX}),
     NULL}};
const struct protocol protocol_io = {(const char *const[]){"/kernel/io", NULL}, io_operations, 0, COUNT(io_operations)};
