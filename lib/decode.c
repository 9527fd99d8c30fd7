// SPDX-License-Identifier: MIT
#include "decode.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct protocol *const protocols[] = {
    &protocol_clock,  &protocol_console, &protocol_control,       &protocol_edu,
    &protocol_info,   &protocol_io,      &protocol_log,           &protocol_memory,
    &protocol_pci,    &protocol_process, &protocol_kernel_memory, &protocol_kernel_process,
    &protocol_random, &protocol_rtc,     &protocol_rtc_set,       &protocol_speaker,
    &protocol_tty,    &protocol_vfs,     &protocol_volume,        &protocol_open_file,
    &protocol_boot,   &protocol_linux};

// ---- Which protocol ----

static bool is_matching(const char *pattern, const char *path) {
    while (*pattern && *path) {
        if (*pattern == '*') {
            pattern++;
            while (*path && *path != '/')
                path++;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*pattern && !*path;
}

const struct protocol *decode_protocol(const char *path) {
    for (size_t index = 0; index < sizeof protocols / sizeof *protocols; index++)
        for (const char *const *pattern = protocols[index]->pipes; *pattern; pattern++)
            if (is_matching(*pattern, path))
                return protocols[index];
    return NULL;
}

const struct operation *decode_operation(const struct protocol *protocol, const void *request, size_t length) {
    uint32_t number;
    if (!protocol || length < sizeof number)
        return NULL;
    memcpy(&number, request, sizeof number);
    number -= protocol->first;
    return number < protocol->count && protocol->operations[number].name ? &protocol->operations[number] : NULL;
}

// ---- Text ----

static uint64_t number_get(const uint8_t *bytes, unsigned size) {
    uint64_t value = 0;
    memcpy(&value, bytes, size < sizeof value ? size : sizeof value); // little-endian, as the processor
    return value;
}

static int64_t signed_get(const uint8_t *bytes, unsigned size) {
    unsigned unused = 8 * ((unsigned)sizeof(uint64_t) - size);
    return (int64_t)(number_get(bytes, size) << unused) >> unused;
}

#define TEXT_SHOWN_MAX 40u // characters of one field

static void field_format(const struct field *field, const uint8_t *bytes, size_t length, char *to, size_t room) {
    char text[4 * TEXT_SHOWN_MAX + 4];
    const uint8_t *value = bytes + field->offset;
    size_t size = field->form == FORM_REST ? length - field->offset : field->size;
    switch (field->form) {
    case FORM_NUMBER:
        snprintf(to, room, " %s=%" PRIu64, field->name, number_get(value, field->size));
        break;
    case FORM_SIGNED:
        snprintf(to, room, " %s=%" PRId64, field->name, signed_get(value, field->size));
        break;
    case FORM_HEX:
        snprintf(to, room, " %s=%#" PRIx64, field->name, number_get(value, field->size));
        break;
    case FORM_TEXT:
        size = strnlen((const char *)value, size); // FALLTHROUGH
    case FORM_REST:
        snprintf(to, room, " %s=\"%s\"", field->name, decode_escaped(value, size, TEXT_SHOWN_MAX, size, text));
        break;
    }
}

char *decode_fields(const struct field *fields, const void *bytes, size_t length, char *to) {
    size_t used = 0;
    *to = 0;
    for (const struct field *field = fields; field && field->name; field++) {
        if (field->offset + field->size > length || (field->form == FORM_REST && field->offset == length))
            continue;
        field_format(field, bytes, length, to + used, DECODED_MAX - used);
        used += strlen(to + used);
    }
    return to;
}

static char *byte_escape(uint8_t byte, char *to) {
    static const char specials[] = "\n\r\t\\\"", letters[] = "nrt\\\"";
    const char *special = byte ? strchr(specials, byte) : NULL;
    if (special)
        return to + sprintf(to, "\\%c", letters[special - specials]);
    return to + sprintf(to, byte >= ' ' && byte <= '~' ? "%c" : "\\x%02x", byte);
}

char *decode_escaped(const void *bytes, size_t length, size_t shown, size_t whole, char *to) {
    char *end = to;
    *to = 0;
    for (size_t index = 0; index < length && index < shown; index++)
        end = byte_escape(((const uint8_t *)bytes)[index], end);
    if (length > shown || whole > length)
        strcpy(end, "...");
    return to;
}
