// SPDX-License-Identifier: MIT
// Faults: each kills the process that made it, with the exception's number as its end, and nobody else.
#include "page.h"
#include "process.h"
#include "protocol/memory.h"
#include "roles.h"
#include "test.h"

#include <stdint.h>
#include <string.h>

// Exception vectors (Intel SDM volume 3, 6.3.1).
#define DIVIDE 0u
#define DEBUG 1u
#define BREAKPOINT 3u
#define INVALID_OPCODE 6u
#define GENERAL_PROTECTION 13u
#define FLOAT_ERROR 16u
#define PAGE_FAULT FAULT_PAGE

#define KERNEL_ADDRESS 0xffffffff80000000ull
#define KERNEL_MAP_ADDRESS 0xffff800000000000ull
#define NOT_CANONICAL 0x0000800000000000ull

struct fault_case {
    const char *name;
    void (*make)(void);
    uint32_t vector;
};

static volatile int zero, dividend = 1; // both unknown to the compiler, which divides 1 without an instruction
static const uint8_t constant = 1;
static uint8_t data[16] = {0xc3}; // a return instruction

static void write_byte(uint64_t address) {
    *(volatile uint8_t *)address = 1;
}

static void read_byte(uint64_t address) {
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): address 0 is one that must fault
    (void)*(volatile uint8_t *)address;
}

static void divides(void) {
    zero = dividend / zero;
}

static void breaks(void) {
    __asm__ volatile("int3");
}

static void is_undefined(void) {
    __asm__ volatile("ud2");
}

static void halts(void) {
    __asm__ volatile("hlt");
}

static void turns_interrupts_off(void) {
    __asm__ volatile("cli");
}

static void reads_a_port(void) {
    __asm__ volatile("inb $0x80, %%al" ::: "rax");
}

static void reads_control_register(void) {
    __asm__ volatile("mov %%cr3, %%rax" ::: "rax");
}

static void writes_model_register(void) {
    __asm__ volatile("wrmsr" ::"a"(0), "c"(0xc0000080u), "d"(0)); // EFER
}

static void writes_debug_register(void) {
    __asm__ volatile("mov %%rax, %%dr7" ::"a"(0));
}

static void interrupts_by_software(void) {
    __asm__ volatile("int $0x20");
}

static void calls_by_int_0x80(void) {
    __asm__ volatile("int $0x80");
}

static void loads_the_kernels_segment(void) {
    __asm__ volatile("mov %%eax, %%ds" ::"a"(0x10));
}

static void returns_as_the_kernel(void) {
    __asm__ volatile("xor %%ecx, %%ecx\n sysretq" ::: "rcx");
}

static void swaps_the_bases(void) {
    __asm__ volatile("swapgs");
}

static void writes_base(void) {
    __asm__ volatile("wrgsbase %%rax" ::"a"(0));
}

static void reads_counter(void) {
    __asm__ volatile("rdpmc" ::"c"(0) : "rax", "rdx");
}

#define CPUID_FEATURES 7u
#define CPUID_UMIP (1u << 2) // leaf 7, ECX

// Where the processor has UMIP, the tables' addresses are the kernel's secret.
static void reads_table_address(void) {
    uint32_t leaf = CPUID_FEATURES, features = 0;
    uint8_t table[10];
    __asm__ volatile("cpuid" : "+a"(leaf), "+c"(features)::"rbx", "rdx");
    if (features & CPUID_UMIP)
        __asm__ volatile("sgdt %0" : "=m"(table));
    else
        halts();
}

static void jumps_out_of_the_addresses(void) {
    __asm__ volatile("jmp *%0" ::"r"(NOT_CANONICAL));
}

// ---- Debugging ----

#define FLAG_TRAP "0x100"

static void steps(void) {
    __asm__ volatile("pushf\n orl $" FLAG_TRAP ", (%%rsp)\n popf\n nop" ::: "cc", "memory");
}

// The trap comes after the call, in user mode.
static void steps_over_a_call(void) {
    __asm__ volatile("pushf\n orl $" FLAG_TRAP
                     ", (%%rsp)\n mov %%ss, %%edx\n popf\n mov %%edx, %%ss\n syscall" ::"a"(SYSTEM_CALLS)
                     : "rdx", "rcx", "r11", "cc", "memory");
}

static void divides_floats(void) {
    static const uint16_t control = 0x037b; // x87: division by zero is not masked
    __asm__ volatile("fldcw %0\n fldz\n fld1\n fdiv %%st(1), %%st\n fwait" ::"m"(control));
}

static void not_canonical(void) {
    read_byte(NOT_CANONICAL);
}

static void reads_nothing(void) {
    read_byte(0);
}

static void reads_below_the_base(void) {
    read_byte(USER_BASE - 1);
}

static void reads_unmapped(void) {
    read_byte(MAPPING_BASE);
}

static void reads_the_kernel(void) {
    read_byte(KERNEL_ADDRESS);
}

static void reads_the_kernels_map(void) {
    read_byte(KERNEL_MAP_ADDRESS);
}

static void writes_text(void) {
    write_byte((uint64_t)divides);
}

static void writes_constants(void) {
    write_byte((uint64_t)&constant);
}

static void executes_data(void) {
    ((void (*)(void))(uint64_t)data)();
}

static void executes_stack(void) {
    volatile uint8_t code[16] = {0xc3};
    ((void (*)(void))(uint64_t)code)();
}

static void executes_its_message_page(void) {
    ((void (*)(void))MESSAGE_PAGES_BASE)();
}

static void writes_after_the_message_page(void) {
    write_byte(MESSAGE_PAGES_BASE + MESSAGE_PAGE_SIZE);
}

static void runs_below_its_stack(void) {
    write_byte(STACK_TOP - STACK_MAX - 1);
}

static void runs_above_its_stack(void) {
    write_byte(STACK_TOP);
}

static const struct fault_case cases[] = {
    {"divide", divides, DIVIDE},
    {"breakpoint", breaks, BREAKPOINT},
    {"undefined", is_undefined, INVALID_OPCODE},
    {"halt", halts, GENERAL_PROTECTION},
    {"cli", turns_interrupts_off, GENERAL_PROTECTION},
    {"port", reads_a_port, GENERAL_PROTECTION},
    {"cr3", reads_control_register, GENERAL_PROTECTION},
    {"wrmsr", writes_model_register, GENERAL_PROTECTION},
    {"dr7", writes_debug_register, GENERAL_PROTECTION},
    {"int", interrupts_by_software, GENERAL_PROTECTION},
    {"int-0x80", calls_by_int_0x80, GENERAL_PROTECTION},
    {"segment", loads_the_kernels_segment, GENERAL_PROTECTION},
    {"sysret", returns_as_the_kernel, GENERAL_PROTECTION},
    {"swapgs", swaps_the_bases, GENERAL_PROTECTION},
    {"rdpmc", reads_counter, GENERAL_PROTECTION},
    {"sgdt", reads_table_address, GENERAL_PROTECTION},
    {"jump", jumps_out_of_the_addresses, GENERAL_PROTECTION},
    {"wrgsbase", writes_base, INVALID_OPCODE},
    {"step", steps, DEBUG},
    {"step-call", steps_over_a_call, DEBUG},
    {"float", divides_floats, FLOAT_ERROR},
    {"not-canonical", not_canonical, GENERAL_PROTECTION},
    {"null", reads_nothing, PAGE_FAULT},
    {"below-base", reads_below_the_base, PAGE_FAULT},
    {"unmapped", reads_unmapped, PAGE_FAULT},
    {"kernel", reads_the_kernel, PAGE_FAULT},
    {"kernel-map", reads_the_kernels_map, PAGE_FAULT},
    {"text", writes_text, PAGE_FAULT},
    {"constant", writes_constants, PAGE_FAULT},
    {"data", executes_data, PAGE_FAULT},
    {"stack", executes_stack, PAGE_FAULT},
    {"message-page", executes_its_message_page, PAGE_FAULT},
    {"message-guard", writes_after_the_message_page, PAGE_FAULT},
    {"stack-guard", runs_below_its_stack, PAGE_FAULT},
    {"stack-top", runs_above_its_stack, PAGE_FAULT},
};

#define CASES (sizeof cases / sizeof *cases)

int role_fault(int argument_count, char *arguments[]) {
    for (unsigned index = 0; argument_count > 1 && index < CASES; index++)
        if (strcmp(arguments[1], cases[index].name) == 0)
            cases[index].make();
    return 0; // no fault: the test sees it
}

static bool ends_by(const struct fault_case *fault) {
    long pid = role_spawn(SPAWN_AS_PLAIN, "fault", fault->name, 0);
    if (!CHECK_SUCCESS(pid))
        return false;
    return check_equal(process_wait((uint32_t)pid), EXIT_FAULT | fault->vector, __FILE__, __LINE__, fault->name);
}

// Runs the cases that end by this exception.
static void faults_kill(uint32_t vector) {
    unsigned found = 0;
    for (unsigned index = 0; index < CASES; index++) {
        if (cases[index].vector != vector)
            continue;
        ends_by(&cases[index]);
        found++;
    }
    CHECK(found > 0);
}

static void divide_error(void) {
    faults_kill(DIVIDE);
}

static void breakpoint(void) {
    faults_kill(BREAKPOINT);
}

static void invalid_opcode(void) {
    faults_kill(INVALID_OPCODE);
}

static void debugging(void) {
    faults_kill(DEBUG);
}

static void float_error(void) {
    faults_kill(FLOAT_ERROR);
}

static void general_protection(void) {
    faults_kill(GENERAL_PROTECTION);
}

static void page_fault(void) {
    faults_kill(PAGE_FAULT);
}

// ---- Flags ----

#define FLAGS_ODD 0x244400ull // direction, nested task, alignment check, identification

// What the kernel writes while the caller's flags are odd, and the flags afterwards.
static void flags_stay_outside(void) {
    struct pipe_stat stat = {0};
    uint64_t flags = 0;
    long handle = own_pipe("queue", FLOW_QUEUE), result = SYSTEM_CALL_stat;
    memset(pipe_message()->payload, 0, sizeof stat);
    __asm__ volatile("pushf\n or %3, (%%rsp)\n popf\n syscall\n pushf\n pop %1\n push $0\n popf"
                     : "+a"(result), "=r"(flags)
                     : "D"(handle), "r"(FLAGS_ODD), "S"(0ull)
                     : "rcx", "r11", "rdx", "r8", "r9", "r10", "cc", "memory");
    CHECK_EQUAL(result, sizeof stat);
    CHECK_EQUAL(flags & FLAGS_ODD, FLAGS_ODD);
    memcpy(&stat, pipe_payload(), sizeof stat);
    CHECK(stat.flow == FLOW_QUEUE && stat.owner == process_id() && stat.capacity == CAPACITY_DEFAULT);
    own_remove("queue", handle);
}

// The stack grows as it is touched, to its limit.
static void stack_grows(void) {
    volatile uint8_t deep[STACK_MAX / 8];
    for (unsigned index = 0; index < sizeof deep; index += PAGE_SIZE)
        deep[index] = (uint8_t)(index / PAGE_SIZE);
    for (unsigned index = 0; index < sizeof deep; index += PAGE_SIZE)
        CHECK_EQUAL(deep[index], (uint8_t)(index / PAGE_SIZE));
}

static const struct test tests[] = {
    {"faults: #DE kills", divide_error},
    {"faults: int3 kills", breakpoint},
    {"faults: #UD kills", invalid_opcode},
    {"faults: #DB kills: a step, a step over a call", debugging},
    {"faults: #MF kills", float_error},
    {"faults: #GP kills: privileged instructions and ports", general_protection},
    {"faults: #PF kills: kernel, text, constants, data as code, guards", page_fault},
    {"faults: odd flags stay outside of the kernel", flags_stay_outside},
    {"faults: a stack grows as it is touched", stack_grows},
};

const struct suite fault_suite = SUITE(tests);
