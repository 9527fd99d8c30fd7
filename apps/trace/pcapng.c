// SPDX-License-Identifier: MIT
// Captures as files: pcapng (draft-ietf-opsawg-pcapng-03), link type 252 (LINKTYPE_WIRESHARK_UPPER_PDU): tags that name
// the dissector "sluice", then what lib/wireshark/sluice.lua reads. One interface is one pipe of which there is a
// packet or a loss; the first one is /bus/trace, of what has no pipe. A packet's comment is its line of text, so that a
// plain Wireshark shows something.
#include "capture.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au // section 4.1
#define BLOCK_INTERFACE 1u        // 4.2
#define BLOCK_STATISTICS 5u       // 4.6
#define BLOCK_PACKET 6u           // 4.3
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define VERSION_MAJOR 1u
#define LINK_TYPE 252u
#define OPTION_COMMENT 1u    // 3.5
#define OPTION_NAME 2u       // of an interface
#define OPTION_RESOLUTION 9u // of an interface's times: 10 to the power of minus so much
#define OPTION_DROPPED 5u    // of statistics
#define NANOSECONDS 9u

#define TAG_DISSECTOR 12u // wireshark/epan/exported_pdu.h: numbers are big-endian
#define DISSECTOR "sluice"

#define BLOCK_MAX 8192u
struct block {
    uint32_t type;
    size_t length;
    uint8_t bytes[BLOCK_MAX]; // without its type and lengths
};

static void put(struct block *block, const void *bytes, size_t length) {
    if (block->length + length > BLOCK_MAX)
        return;
    memcpy(block->bytes + block->length, bytes, length);
    block->length += length;
}

static void put_16(struct block *block, uint16_t value) {
    put(block, &value, sizeof value);
}

static void put_32(struct block *block, uint32_t value) {
    put(block, &value, sizeof value);
}

static void put_64(struct block *block, uint64_t value) {
    put(block, &value, sizeof value);
}

static void pad(struct block *block) {
    put(block, "\0\0\0", -block->length % sizeof(uint32_t));
}

static void put_option(struct block *block, uint16_t option, const void *bytes, size_t length) {
    put_16(block, option);
    put_16(block, (uint16_t)length);
    put(block, bytes, length);
    pad(block);
}

static bool block_write(struct block *block, FILE *file) {
    pad(block);
    uint32_t length = (uint32_t)(block->length + 3 * sizeof(uint32_t));
    return fwrite(&block->type, sizeof block->type, 1, file) == 1 && fwrite(&length, sizeof length, 1, file) == 1 &&
           fwrite(block->bytes, 1, block->length, file) == block->length &&
           fwrite(&length, sizeof length, 1, file) == 1;
}

static struct block *block_begin(uint32_t type) {
    static struct block block;
    block.type = type;
    block.length = 0;
    return &block;
}

// ---- Blocks ----

static bool section_write(FILE *file) {
    static const char comment[] = "Sluice " SYSTEM_VERSION;
    struct block *block = block_begin(BLOCK_SECTION);
    put_32(block, BYTE_ORDER_MAGIC);
    put_16(block, VERSION_MAJOR);
    put_16(block, 0);
    put_64(block, UINT64_MAX); // the section's length is not told
    put_option(block, OPTION_COMMENT, comment, sizeof comment - 1);
    put_option(block, 0, "", 0);
    return block_write(block, file);
}

static bool interface_write(const char *name, FILE *file) {
    static const uint8_t resolution = NANOSECONDS;
    struct block *block = block_begin(BLOCK_INTERFACE);
    put_16(block, LINK_TYPE);
    put_16(block, 0);
    put_32(block, 0); // packets have any length
    put_option(block, OPTION_NAME, name, strlen(name));
    put_option(block, OPTION_RESOLUTION, &resolution, sizeof resolution);
    put_option(block, 0, "", 0);
    return block_write(block, file);
}

static void put_time(struct block *block, uint64_t time) {
    put_32(block, (uint32_t)(time >> 32));
    put_32(block, (uint32_t)time);
}

static bool statistics_write(uint32_t interface, uint64_t time, uint64_t dropped, FILE *file) {
    struct block *block = block_begin(BLOCK_STATISTICS);
    put_32(block, interface);
    put_time(block, time);
    put_option(block, OPTION_DROPPED, &dropped, sizeof dropped);
    put_option(block, 0, "", 0);
    return block_write(block, file);
}

// ---- A packet ----

static void put_big_16(struct block *block, uint16_t value) {
    put(block, (const uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, sizeof value);
}

static void put_text(struct block *block, const char *text) {
    put_16(block, (uint16_t)strlen(text));
    put(block, text, strlen(text));
}

// The dissector reads these fields in this order; numbers are little-endian, texts have their length before them.
static void put_message(struct block *block, const struct captured *captured) {
    char text[PASSAGE_TEXT_MAX];
    const struct passage *passage = &captured->passage;
    put_32(block, passage->kind);
    put_32(block, passage->sender);
    put_32(block, passage->receiver);
    put_32(block, passage->pipe);
    put_32(block, passage->length);
    put_64(block, passage->value);
    put_64(block, captured->reply_time);
    put_text(block, trace_name(passage->kind));
    put_text(block, process_name(passage->sender, 0));
    put_text(block, passage->has_receiver ? process_name(passage->receiver, 0) : "*");
    put_text(block, passage->path ? passage->path : "");
    put_text(block, passage->operation ? passage->operation->name : "");
    put_text(block, passage_what(passage, false, text));
    put(block, passage->bytes, passage->held);
}

static void put_packet(struct block *block, const struct captured *captured) {
    put_big_16(block, TAG_DISSECTOR);
    put_big_16(block, sizeof DISSECTOR + 1); // a multiple of 4
    put(block, DISSECTOR "\0", sizeof DISSECTOR + 1);
    put_big_16(block, 0);
    put_big_16(block, 0);
    put_message(block, captured);
}

static bool packet_write(const struct captured *captured, uint32_t interface, FILE *file) {
    char text[PASSAGE_TEXT_MAX];
    struct block *block = block_begin(BLOCK_PACKET);
    put_32(block, interface);
    put_time(block, captured->record->time);
    size_t lengths = block->length;
    put_64(block, 0);
    put_packet(block, captured);
    uint32_t length = (uint32_t)(block->length - lengths - sizeof(uint64_t));
    uint32_t whole = length + captured->passage.length - captured->passage.held;
    memcpy(block->bytes + lengths, &length, sizeof length);
    memcpy(block->bytes + lengths + sizeof length, captured->passage.held ? &whole : &length, sizeof whole);
    pad(block);
    passage_format(&captured->passage, false, text);
    put_option(block, OPTION_COMMENT, text, strlen(text));
    put_option(block, 0, "", 0);
    return block_write(block, file);
}

// ---- The file ----

#define INTERFACE_BUS 0u // of /bus/trace
#define INTERFACE_NONE UINT32_MAX

static uint32_t interface_of(const struct capture *capture, const struct captured *captured) {
    return captured->interface < capture->pipe_count ? capture->pipes[captured->interface].interface : INTERFACE_BUS;
}

static void interfaces_number(struct capture *capture) {
    uint32_t next = INTERFACE_BUS + 1;
    for (size_t index = 0; index < capture->pipe_count; index++)
        capture->pipes[index].interface = capture->pipes[index].lost ? INTERFACE_BUS : INTERFACE_NONE;
    for (size_t index = 0; index < capture->count; index++)
        if (capture->all[index].interface < capture->pipe_count)
            capture->pipes[capture->all[index].interface].interface = INTERFACE_BUS;
    for (size_t index = 0; index < capture->pipe_count; index++)
        if (capture->pipes[index].interface != INTERFACE_NONE)
            capture->pipes[index].interface = next++;
}

static bool interfaces_write(const struct capture *capture, FILE *file) {
    bool is_well = interface_write("/bus/trace", file);
    for (size_t index = 0; is_well && index < capture->pipe_count; index++)
        if (capture->pipes[index].interface != INTERFACE_NONE)
            is_well = interface_write(capture->pipes[index].path, file);
    return is_well;
}

static bool all_write(const struct capture *capture, FILE *file) {
    uint64_t end = capture->count ? capture->all[capture->count - 1].record->time : 0;
    bool is_well = section_write(file) && interfaces_write(capture, file);
    for (size_t index = 0; is_well && index < capture->count; index++)
        is_well = packet_write(&capture->all[index], interface_of(capture, &capture->all[index]), file);
    for (size_t index = 0; is_well && index < capture->pipe_count; index++)
        if (capture->pipes[index].lost)
            is_well = statistics_write(capture->pipes[index].interface, end, capture->pipes[index].lost, file);
    return is_well && statistics_write(INTERFACE_BUS, end, capture->status.lost_bus, file);
}

bool capture_write(struct capture *capture, const char *path) {
    FILE *file = fopen(path, "wb");
    interfaces_number(capture);
    bool is_well = file && all_write(capture, file);
    if (file && fclose(file))
        is_well = false;
    return is_well;
}
