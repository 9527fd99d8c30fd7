// SPDX-License-Identifier: MIT
// The few ACPI tables that the kernel reads itself (ACPI specification 6.5): interrupt controllers (5.2.12), the timer
// (4.8.3.3), and how to switch off and to reset (4.8.3, 4.8.4, 7.4.2). Read while the boot loader's identity map of the
// first gigabytes holds.
#include "machine_state.h"

#include "host.h"
#include "kernel.h"

struct root_pointer {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t table32;
    uint32_t length;
    uint64_t table64;
} __attribute__((packed));

struct table_head {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

_Static_assert(sizeof(struct table_head) == 36, "a table's head has 36 bytes");

static bool signature_is(const char *signature, const char *wanted, unsigned length) {
    for (unsigned index = 0; index < length; index++)
        if (signature[index] != wanted[index])
            return false;
    return true;
}

static bool sums_to_zero(const void *bytes, uint32_t length) {
    uint8_t sum = 0;
    for (uint32_t index = 0; index < length; index++)
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[index]);
    return sum == 0;
}

// The table at a physical address, or NULL if it can't be read or its checksum is wrong.
static const struct table_head *table_at(uint64_t physical) {
    const struct table_head *table = (const void *)physical;
    if (physical == 0 || physical > FIRST_TABLES_END - sizeof *table)
        return NULL;
    if (table->length < sizeof *table || table->length > FIRST_TABLES_END - physical)
        return NULL;
    return sums_to_zero(table, table->length) ? table : NULL;
}

// ---- Interrupt controllers (5.2.12) ----

#define MADT_ENTRIES 44u
#define MADT_IO 1u
#define MADT_IO_LENGTH 12u
#define MADT_OVERRIDE 2u
#define MADT_OVERRIDE_LENGTH 10u
#define OVERRIDE_POLARITY 3u
#define OVERRIDE_LOW 3u
#define OVERRIDE_TRIGGER 0xcu
#define OVERRIDE_LEVEL 0xcu
#define ISA_LINES 16u

static uint32_t read32(const uint8_t *bytes) {
    uint32_t value;
    host_copy(&value, bytes, sizeof value);
    return value;
}

static uint16_t read16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void controller_found(const uint8_t *entry) {
    struct machine *machine = &kernel.machine;
    if (machine->io_controller_count == IO_CONTROLLERS_MAX)
        return;
    struct io_controller *controller = &machine->io_controllers[machine->io_controller_count++];
    controller->first = read32(entry + 8);
    controller->registers = (volatile uint32_t *)(uint64_t)read32(entry + 4); // physical, until acpi_map
}

static void override_found(const uint8_t *entry) {
    uint8_t line = entry[3];
    uint32_t global = read32(entry + 4);
    uint16_t flags = read16(entry + 8);
    if (line >= ISA_LINES)
        return;
    kernel.machine.line_global[line] = global;
    kernel.machine.line_flags[line] = (uint8_t)(((flags & OVERRIDE_TRIGGER) == OVERRIDE_LEVEL ? ROUTE_LEVEL : 0) |
                                                ((flags & OVERRIDE_POLARITY) == OVERRIDE_LOW ? ROUTE_LOW : 0));
}

// An ISA line is an edge, active high, at the pin of its number. The lines after those are PCI's: level, active low.
static void lines_default(void) {
    for (uint32_t line = 0; line < LINES_MAX; line++) {
        kernel.machine.line_global[line] = line;
        kernel.machine.line_flags[line] = line < ISA_LINES ? 0 : ROUTE_LEVEL | ROUTE_LOW;
    }
}

// Skips an entry that is too short for its type. Stops at an entry that ends outside of the table.
static void controllers_read(const struct table_head *table) {
    const uint8_t *entry = (const uint8_t *)table + MADT_ENTRIES, *end = (const uint8_t *)table + table->length;
    for (; entry + 2 <= end && entry[1] >= 2 && entry + entry[1] <= end; entry += entry[1]) {
        if (entry[0] == MADT_IO && entry[1] >= MADT_IO_LENGTH)
            controller_found(entry);
        else if (entry[0] == MADT_OVERRIDE && entry[1] >= MADT_OVERRIDE_LENGTH)
            override_found(entry);
    }
}

// ---- Power (4.8.3, 7.4.2) ----

#define FADT_DSDT 40u
#define FADT_MODE_PORT 48u
#define FADT_MODE_VALUE 52u
#define FADT_CONTROL_A 64u
#define FADT_CONTROL_B 68u
#define FADT_TIMER 76u
#define FADT_TIMER_LENGTH 91u // 4: there is one
#define FADT_CENTURY 108u
#define FADT_FLAGS 112u
#define FADT_RESET 116u // generic address: space, width, offset, size, address
#define FADT_RESET_VALUE 128u
#define FADT_CAN_RESET (1u << 10)
#define SPACE_PORTS 1u
#define AML_PACKAGE 0x12u
#define AML_BYTE 0x0au
#define PACKAGE_BYTES 12u // bytes that package_read looks at

// Reads an integer of a package: a byte with its prefix, or the constants 0 and 1. Advances the cursor past it.
static uint8_t aml_integer(const uint8_t **bytes) {
    if (**bytes == AML_BYTE)
        (*bytes)++;
    return *(*bytes)++;
}

// Finds the package _S5_ in the code of the DSDT: its first two numbers are the sleep types.
static void sleep_types_read(const struct table_head *table) {
    const uint8_t *bytes = (const uint8_t *)table;
    for (uint32_t offset = sizeof *table; offset + PACKAGE_BYTES < table->length; offset++) {
        const uint8_t *name = bytes + offset;
        if (!signature_is((const char *)name, "_S5_", 4) || name[4] != AML_PACKAGE)
            continue;
        const uint8_t *element = name + 5;
        element += (*element >> 6) + 2; // the package's length, and the number of its elements
        kernel.machine.sleep_type_a = aml_integer(&element);
        kernel.machine.sleep_type_b = aml_integer(&element);
        return;
    }
}

static void power_read(const struct table_head *table) {
    const uint8_t *bytes = (const uint8_t *)table;
    struct machine *machine = &kernel.machine;
    if (table->length < FADT_CONTROL_B + sizeof(uint32_t))
        return;
    const struct table_head *code = table_at(read32(bytes + FADT_DSDT));
    if (code)
        sleep_types_read(code);
    machine->mode_port = (uint16_t)read32(bytes + FADT_MODE_PORT);
    machine->mode_value = bytes[FADT_MODE_VALUE];
    machine->power_control_a = (uint16_t)read32(bytes + FADT_CONTROL_A);
    machine->power_control_b = (uint16_t)read32(bytes + FADT_CONTROL_B);
    if (table->length > FADT_TIMER_LENGTH && bytes[FADT_TIMER_LENGTH] == sizeof(uint32_t))
        machine->power_timer = (uint16_t)read32(bytes + FADT_TIMER);
    if (table->length > FADT_CENTURY)
        machine->century_register = bytes[FADT_CENTURY];
    if (table->length <= FADT_RESET_VALUE) // a table of the first revision
        return;
    if (read32(bytes + FADT_FLAGS) & FADT_CAN_RESET && bytes[FADT_RESET] == SPACE_PORTS) {
        machine->reset_port = read16(bytes + FADT_RESET + 4);
        machine->reset_value = bytes[FADT_RESET_VALUE];
    }
}

uint32_t machine_century_register(void) {
    return kernel.machine.century_register;
}

// ---- The root ----

static void table_found(uint64_t physical) {
    const struct table_head *table = table_at(physical);
    if (!table)
        return;
    if (signature_is(table->signature, "APIC", 4))
        controllers_read(table);
    else if (signature_is(table->signature, "FACP", 4))
        power_read(table);
    else if (signature_is(table->signature, "DMAR", 4))
        iommu_table_read((const uint8_t *)table, table->length);
}

void acpi_initialize(const void *root) {
    const struct root_pointer *pointer = root;
    lines_default();
    if (!root || !signature_is(pointer->signature, "RSD PTR ", 8))
        return;
    const struct table_head *table = pointer->revision >= 2 ? table_at(pointer->table64) : NULL;
    uint32_t width = table ? sizeof(uint64_t) : sizeof(uint32_t);
    if (!table)
        table = table_at(pointer->table32);
    for (uint32_t offset = sizeof *table; table && offset + width <= table->length; offset += width) {
        uint64_t physical = 0;
        host_copy(&physical, (const uint8_t *)table + offset, width);
        table_found(physical);
    }
}

void acpi_map(void) {
    for (uint32_t number = 0; number < kernel.machine.io_controller_count; number++) {
        struct io_controller *controller = &kernel.machine.io_controllers[number];
        controller->registers = device_map((uint64_t)controller->registers);
    }
}
