// SPDX-License-Identifier: MIT
// A crash is told by function and source line: the kernel knows addresses alone, and the boot image has each program's
// table of them. Texts of the last crashes are kept, for those who ask later how the process ended.
#include "crash.h"

#include "archive.h"
#include "fault.h"
#include "pipe.h"
#include "report.h"
#include "spawn.h"
#include "symbols.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CRASHES 8u // texts that are kept

struct crash {
    uint32_t pid, generation;
    char text[WAIT_TEXT_MAX + 1];
};

static struct crash crashes[CRASHES];
static unsigned newest;

static void append(struct crash *crash, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct crash *crash, const char *format, ...) {
    size_t length = strlen(crash->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(crash->text + length, sizeof crash->text - length, format, arguments);
    va_end(arguments);
}

// The table of a program's image in the boot image's file of tables, or an empty one.
static struct table table_find(const char *image) {
    const struct archive_file *file = archive_find(&boot_image, "lines");
    return file ? symbols_table((const char *)file->bytes, file->size, image) : (struct table){"", 0};
}

// An address as "count_words+0x20 (apps/words/main.c:31)". A return address follows its call, whose line is wanted.
static void slot_append(struct crash *crash, const struct table *table, uint64_t address, bool is_return) {
    struct symbol symbol;
    if (!symbols_find(table, address - is_return, &symbol)) {
        append(crash, "0x%lx", address);
        return;
    }
    append(crash, "%s+0x%lx", symbol.function, address - symbol.start);
    if (symbol.line)
        append(crash, " (%s:%u)", symbol.file, (unsigned)symbol.line);
}

static void exception_append(struct crash *crash, const struct process_fault *fault) {
    append(crash, "%s", fault_name(fault->vector));
    if (fault->vector == FAULT_PAGE)
        append(crash, " %s 0x%lx",
               fault->access & FAULT_ACCESS_EXECUTE ? "executing"
               : fault->access & FAULT_ACCESS_WRITE ? "writing"
                                                    : "reading",
               fault->address);
}

#define FRAME_LENGTH 4u // bytes of the instructions that make a frame

// Without a frame, as in newlib's code, the stack's top leads to the caller, unless the function has pushed something.
static bool top_is_caller(const struct table *table, const struct process_fault *fault) {
    struct symbol symbol;
    bool is_known = symbols_find(table, fault->instruction, &symbol);
    bool has_frame = is_known && symbol.has_frame && fault->instruction - symbol.start >= FRAME_LENGTH;
    return !has_frame && symbols_find(table, fault->top - 1, &symbol);
}

static void callers_append(struct crash *crash, const struct table *table, struct process_fault *fault) {
    struct symbol symbol;
    if (top_is_caller(table, fault)) {
        append(crash, "\ncalled from ");
        slot_append(crash, table, fault->top, true);
    } else {
        fault->top = 0;
    }
    for (uint64_t number = 0; number < fault->caller_count && number < FAULT_CALLERS_MAX; number++) {
        if (!symbols_find(table, fault->callers[number] - 1, &symbol)) {
            fault->caller_count = number;
            return;
        }
        append(crash, "\ncalled from ");
        slot_append(crash, table, fault->callers[number], true);
    }
}

#define COMMAND_CALLERS 5u // so that the command fits a line of the log

// What to type on the machine that has built the program. It names each address's line, and inlined functions, too.
static void command_append(struct crash *crash, const char *image, const struct process_fault *fault) {
    append(crash, "\naddr2line -ipfe build/user/%s.elf 0x%lx", image, fault->instruction);
    if (fault->top)
        append(crash, " 0x%lx", fault->top - 1);
    for (uint64_t number = 0; number < fault->caller_count && number < COMMAND_CALLERS; number++)
        append(crash, " 0x%lx", fault->callers[number] - 1);
}

static void log_lines(const struct child *child, const char *program, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        report("%s %u: %.*s", program, (unsigned)child->pid, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

// Whether a function has found the canary of its stack changed (lib/stack.c).
static bool is_overrun(const struct table *table, const struct process_fault *fault) {
    struct symbol symbol;
    return symbols_find(table, fault->instruction, &symbol) && strcmp(symbol.function, "__stack_chk_fail") == 0;
}

// Only the innermost caller is known: what leads to the others was overwritten. __stack_chk_fail makes no frame.
static void overrun_append(struct crash *crash, const struct table *table, const char *image,
                           struct process_fault *fault) {
    append(crash, "an array on the stack overrun in ");
    slot_append(crash, table, fault->top, true);
    fault->caller_count = 0;
    command_append(crash, image, fault);
}

void crash_report(const struct child *child) {
    static long handle;
    struct process_name request = {PROCESS_FAULT, child->pid};
    struct process_fault fault;
    pipe_open_once(&handle, "/kernel/process");
    if (pipe_call(handle, &request, sizeof request, &fault, sizeof fault, DEADLINE_NONE) != (long)sizeof fault)
        return;
    const char *image = stanza_image(child->stanza, fault.program);
    struct table table = table_find(image);
    newest = (newest + 1) % CRASHES;
    struct crash *crash = &crashes[newest];
    *crash = (struct crash){child->pid, child->generation, ""};
    if (is_overrun(&table, &fault)) {
        overrun_append(crash, &table, image, &fault);
        log_lines(child, fault.program, crash->text);
        return;
    }
    exception_append(crash, &fault);
    append(crash, " in ");
    slot_append(crash, &table, fault.instruction, false);
    callers_append(crash, &table, &fault);
    command_append(crash, image, &fault);
    log_lines(child, fault.program, crash->text);
}

long crash_tell(const struct child *child, struct wait_reply *reply) {
    reply->status = child->status;
    reply->text[0] = 0;
    for (unsigned number = 0; number < CRASHES; number++)
        if (crashes[number].pid == child->pid && crashes[number].generation == child->generation)
            memcpy(reply->text, crashes[number].text, sizeof reply->text);
    return (long)(offsetof(struct wait_reply, text) + strlen(reply->text) + 1);
}
