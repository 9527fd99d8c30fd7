// SPDX-License-Identifier: MIT
// The panic. The backtrace follows the frame pointers; the second pass of the link fills the table of symbols.
#include "panic.h"

#include "kernel.h"
#include "log.h"

#define FRAMES_MAX 24u
#define PANIC_LINE_MAX 200u

// boot/symbols.py writes these: ascending addresses, and the names in the same order, each with a terminator.
extern const uint64_t symbol_addresses[];
extern const uint32_t symbol_count;
extern const char symbol_names[];
extern char text_start[], text_end[], stack_start[], stack_end[];

static void panic_line(const char *pattern, ...) {
    char line[PANIC_LINE_MAX];
    va_list arguments;
    va_start(arguments, pattern);
    size_t length = format_list(line, sizeof line - 1, pattern, arguments);
    va_end(arguments);
    line[length++] = '\n';
    machine_console_write(line, length);
}

// The name of the function that holds the address, and the offset in it.
static const char *symbol_at(uint64_t address, uint64_t *offset) {
    uint32_t number = 0;
    while (number < symbol_count && symbol_addresses[number] <= address)
        number++;
    *offset = number ? address - symbol_addresses[number - 1] : address;
    const char *name = symbol_names;
    for (uint32_t skip = 1; skip < number; skip++)
        while (*name++)
            continue;
    return number ? name : "?";
}

static void frame_line(uint64_t address) {
    uint64_t offset;
    const char *name = symbol_at(address, &offset);
    panic_line("  %X %s+0x%X", address, name, offset);
}

static bool is_on_stack(const uint64_t *frame) {
    return (const char *)frame >= stack_start && (const char *)(frame + 2) <= stack_end;
}

static void backtrace(uint64_t instruction, const uint64_t *frame) {
    panic_line("backtrace:");
    if (instruction)
        frame_line(instruction);
    for (unsigned count = 0; count < FRAMES_MAX && is_on_stack(frame); count++) {
        uint64_t address = frame[1];
        if (address < (uint64_t)text_start || address >= (uint64_t)text_end)
            break;
        frame_line(address);
        frame = (const uint64_t *)frame[0];
    }
}

static void registers_print(const struct registers *registers) {
    panic_line("vector %U error %X rip %X rflags %X rsp %X", registers->vector, registers->error, registers->rip,
               registers->rflags, registers->rsp);
    panic_line("rax %X rbx %X rcx %X rdx %X rsi %X rdi %X rbp %X", registers->rax, registers->rbx, registers->rcx,
               registers->rdx, registers->rsi, registers->rdi, registers->rbp);
    panic_line("r8 %X r9 %X r10 %X r11 %X r12 %X r13 %X r14 %X r15 %X", registers->r8, registers->r9, registers->r10,
               registers->r11, registers->r12, registers->r13, registers->r14, registers->r15);
    panic_line("cr2 %X cr3 %X", cr2_read(), cr3_read());
}

_Noreturn void panic_registers(const char *reason, const struct registers *registers) {
    machine_console_return();
    panic_line("\nPANIC: %s", reason);
    registers_print(registers);
    backtrace(registers->rip, (const uint64_t *)registers->rbp);
    machine_test_exit(PANIC_STATUS);
}

// The registers at this point: the scratch registers of the caller are lost, the callee-saved ones are right.
_Noreturn void panic(const char *reason) {
    struct registers registers = {0};
    const uint64_t *frame = __builtin_frame_address(0);
    __asm__ volatile("mov %%rbx, %0\n\tmov %%r12, %1\n\tmov %%r13, %2\n\tmov %%r14, %3\n\tmov %%r15, %4"
                     : "=m"(registers.rbx), "=m"(registers.r12), "=m"(registers.r13), "=m"(registers.r14),
                       "=m"(registers.r15));
    registers.rbp = frame[0];
    registers.rip = frame[1];
    registers.rsp = (uint64_t)(frame + 2);
    panic_registers(reason, &registers);
}

_Noreturn void refuse_to_start(const char *pattern, ...) {
    char line[PANIC_LINE_MAX];
    va_list arguments;
    va_start(arguments, pattern);
    format_list(line, sizeof line, pattern, arguments);
    va_end(arguments);
    machine_console_return();
    panic_line("Sluice can't start: %s", line);
    machine_test_exit(PANIC_STATUS);
}
