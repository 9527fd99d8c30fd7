// SPDX-License-Identifier: MIT
#include "message_text.h"

#include "clock.h"
#include "hexdump.h"
#include "output.h"
#include "pipe.h"
#include "words.h"

#include <string.h>

static void event_say(const uint8_t *payload) {
    struct event_message event;
    memcpy(&event, payload, sizeof event);
    say("count %lu total %lu value %lu", event.count, event.total, event.value);
}

static void change_say(const uint8_t *payload) {
    struct change_message change;
    memcpy(&change, payload, sizeof change);
    say("%s %s %.*s", change.added ? "added" : "removed", flow_name(change.flow), (int)sizeof change.name, change.name);
}

// What follows the head of a tap may be cut: dots say so.
static void tap_say(const uint8_t *payload, uint32_t length) {
    static const char *const operations[] = {
        [TAP_SENT] = "sent", [TAP_CALLED] = "called", [TAP_REPLIED] = "replied", [TAP_SIGNALLED] = "signalled"};
    struct tap_message tap;
    memcpy(&tap, payload, sizeof tap);
    uint32_t held = length - (uint32_t)sizeof tap;
    say("%s", tap.operation < sizeof operations / sizeof *operations ? operations[tap.operation] : "?");
    if (tap.operation == TAP_SIGNALLED)
        return;
    say(" ");
    say_escaped(payload + sizeof tap, held);
    if (tap.length > held)
        say("...");
}

// Whether the payload is what the sender gave, not a record of the kernel's.
static bool is_plain(const struct message_received *head) {
    return !(head->type == MESSAGE_EVENT && head->length >= sizeof(struct event_message)) &&
           !(head->type == MESSAGE_CHANGE && head->length >= sizeof(struct change_message)) &&
           !(head->type == MESSAGE_TAP && head->length >= sizeof(struct tap_message));
}

void message_say(const struct message_received *head, const uint8_t *payload) {
    if (is_plain(head))
        say_escaped(payload, head->length);
    else if (head->type == MESSAGE_EVENT)
        event_say(payload);
    else if (head->type == MESSAGE_CHANGE)
        change_say(payload);
    else
        tap_say(payload, head->length);
}

void payload_say(const uint8_t *payload, size_t length) {
    char row[HEXDUMP_ROW_SIZE];
    if (bytes_are_text(payload, length)) {
        say_escaped(payload, length);
        say("\n");
        return;
    }
    for (size_t offset = 0; offset < length; offset += HEXDUMP_BYTES) {
        hexdump_row(row, offset, payload + offset, length - offset < HEXDUMP_BYTES ? length - offset : HEXDUMP_BYTES);
        say("%s", row);
    }
}

void message_lines_say(const struct message_received *head, const uint8_t *payload) {
    if (is_plain(head)) {
        payload_say(payload, head->length);
    } else {
        message_say(head, payload);
        say("\n");
    }
}

uint64_t message_time(const struct message_received *head, const uint8_t *payload) {
    uint64_t time;
    if (head->type == MESSAGE_TAP && head->length >= sizeof(struct tap_message))
        memcpy(&time, payload + offsetof(struct tap_message, time), sizeof time);
    else if (head->type == MESSAGE_EVENT && head->length >= sizeof(struct event_message))
        memcpy(&time, payload + offsetof(struct event_message, time), sizeof time);
    else
        time = clock_now();
    return time;
}

void handles_close(void) {
    struct message_received head = *pipe_received();
    for (unsigned index = 0; index < head.handle_count && index < MESSAGE_HANDLES_MAX; index++)
        pipe_close(head.handle[index]);
}
