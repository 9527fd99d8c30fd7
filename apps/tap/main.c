// SPDX-License-Identifier: MIT
// tap: copies of what passes through pipes, as it passes. Nothing is taken out and nobody waits for it: where a tap's
// ring is full, the oldest copy is dropped and counted.
#include "error.h"
#include "info.h"
#include "pipe.h"
#include "process.h"
#include "protocol/console.h"
#include "protocol/start.h"
#include "watch.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2
#define HEX_COLUMNS 16u // bytes in a line

static const char usage[] =
    "usage: tap [-r] [-x] [-n COUNT] PATH...\n"
    "show copies of what passes through pipes: time, sender -> receiver, what, pipe, length, content; Ctrl-C ends it\n"
    "a directory stands for the pipes in it; -r: and for all below it, later ones too, without those of this terminal\n"
    "-x: content as bytes too; -n: end after so many messages\n";

static struct {
    bool is_recursive, is_hex;
    unsigned long count; // messages to show; ULONG_MAX: no end
    uint32_t self;
    uint32_t terminal[3]; // pids that pass on what this program prints, if that goes to a terminal
} tap = {.count = ULONG_MAX};

// ---- The terminal that this program prints to ----

// What tap prints passes through the terminal's own pipes: a tap there would show its own lines for ever. So these
// processes are left out of what is found in directories; who names such a pipe gets it.
static void terminal_find(void) {
    static const char *const drivers[] = {"/dev/serial/output", CONSOLE_OUTPUT_PIPE};
    struct pipe_stat stat;
    if (!isatty(STDOUT_FILENO) || pipe_stat(HANDLE_OUTPUT, &stat))
        return;
    tap.terminal[0] = stat.owner;
    for (unsigned index = 0; index < 2; index++)
        if (!pipe_stat_path(drivers[index], &stat))
            tap.terminal[index + 1] = stat.owner;
}

static bool is_of_terminal(uint32_t pid) {
    for (unsigned index = 0; index < sizeof tap.terminal / sizeof *tap.terminal; index++)
        if (pid && tap.terminal[index] == pid)
            return true;
    return false;
}

// Nor are this program's own faults and the like shown.
static bool is_wanted(const struct watched *watched) {
    char own[sizeof "/proc//" + PID_DIGITS];
    process_path(own, "/proc/", tap.self, "/");
    return !is_of_terminal(watched->owner) && strncmp(watched->path, own, strlen(own)) != 0;
}

// ---- What comes ----

static void hex_show(const struct passage *passage) {
    for (uint32_t index = 0; index < passage->held; index++) {
        if (index % HEX_COLUMNS == 0)
            printf("%s      %04" PRIx32, index ? "\n" : "", index);
        printf(" %02x", passage->bytes[index]);
    }
    if (passage->held)
        printf(passage->held < passage->length ? " ...\n" : "\n");
}

// True: it was shown. An interrupt line that the terminal's driver acknowledges is the terminal's, too.
static bool passage_show(struct watch *watch, struct watched *watched, const struct passage *passage) {
    char text[PASSAGE_TEXT_MAX];
    bool is_named = !tap.is_recursive;
    if (passage->sender == tap.self || (passage->has_receiver && passage->receiver == tap.self))
        return false;
    if (!is_named && is_of_terminal(passage->sender)) {
        if (passage->kind == TRACE_SIGNAL && !watched->owner)
            watch_drop(watch, watched);
        return false;
    }
    if (watched->lost)
        printf("%" PRIu64 " lost of %s\n", watched->lost, watched->path);
    watched->lost = 0;
    puts(passage_format(passage, false, text));
    if (tap.is_hex)
        hex_show(passage);
    return true;
}

// ---- Batches ----

// Copies are gathered as long as there are more, and shown in the order of time: a thread's hooks are served in turn,
// so copies from different pipes arrive out of order.
#define BATCH_MAX 256u
#define COPY_BYTES 512u // more than a tap's record has
struct copy {
    struct message_received head;
    uint64_t time;
    size_t index; // in order of arrival
    uint8_t payload[COPY_BYTES];
};
static struct copy batch[BATCH_MAX];
static size_t batch_count;

static int copies_compare(const void *first, const void *second) {
    const struct copy *one = first, *other = second;
    if (one->time != other->time)
        return one->time < other->time ? -1 : 1;
    return one->index < other->index ? -1 : 1;
}

static void copy_keep(const struct message_received *head) {
    struct copy *copy = &batch[batch_count];
    struct tap_message tap_head;
    copy->head = *head;
    if (copy->head.length > COPY_BYTES)
        copy->head.length = COPY_BYTES;
    memcpy(copy->payload, pipe_payload(), copy->head.length);
    memcpy(&tap_head, copy->payload, sizeof tap_head);
    copy->time = tap_head.time;
    copy->index = batch_count++;
}

// Takes what the thread has just received. Only tap copies wait in the batch.
static void message_take(struct watch *watch) {
    struct message_received head = *pipe_received();
    struct watched *watched = watch_of_key(watch, head.key);
    struct change_message change;
    if (head.type == MESSAGE_CHANGE)
        memcpy(&change, pipe_payload(), sizeof change);
    if (watched && head.type == MESSAGE_TAP)
        copy_keep(&head);
    else if (watched && head.type == MESSAGE_CHANGE)
        watch_change(watch, watched, &change);
    else if (watched && head.type == MESSAGE_GONE)
        watch_drop(watch, watched);
}

static void batch_gather(struct watch *watch) {
    batch_count = 0;
    for (uint64_t deadline = DEADLINE_NONE; batch_count < BATCH_MAX; deadline = DEADLINE_NOW) {
        if (pipe_wait_data(deadline) < 0)
            break;
        message_take(watch);
    }
    qsort(batch, batch_count, sizeof *batch, copies_compare);
}

// Shows up to `room` messages of the batch: how many.
static unsigned long batch_show(struct watch *watch, unsigned long room) {
    unsigned long shown = 0;
    for (size_t index = 0; index < batch_count && shown < room; index++) {
        const struct copy *copy = &batch[index];
        struct watched *watched = watch_of_key(watch, copy->head.key);
        struct passage passage = watch_passage(watched, &copy->head, copy->payload);
        shown += passage_show(watch, watched, &passage);
    }
    fflush(stdout);
    return shown;
}

// ---- The command ----

static int fail(const char *what, long error) {
    fprintf(stderr, "tap: %s: %s (%s)\n", what, error_sentence(error), error_name(error));
    return STATUS_FAILED;
}

static bool options_parse(int count, char **words) {
    int letter;
    while ((letter = getopt(count, words, "rxn:h")) != -1) {
        char *end = "";
        if (letter == 'n')
            tap.count = strtoul(optarg, &end, 10);
        if (letter == '?' || letter == 'h' || *end || (letter == 'n' && !tap.count))
            return false;
        tap.is_recursive |= letter == 'r';
        tap.is_hex |= letter == 'x';
    }
    return optind < count;
}

// Apps may not tap in the locked system, whatever the rules say: then no pipe is asked for, and none counts a refusal.
static long locked_check(void) {
    struct info_system system;
    long error = info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    return error ? error : system.locked ? -PIPE_EACCES : 0;
}

int main(int count, char **words) {
    struct watch watch = {.is_wanted = is_wanted};
    opterr = 0;
    if (!options_parse(count, words)) {
        bool is_help = count == 2 && strcmp(words[1], "-h") == 0;
        fputs(usage, is_help ? stdout : stderr);
        return is_help ? 0 : STATUS_USAGE;
    }
    long error = locked_check();
    if (error)
        return fail(words[optind], error);
    tap.self = process_id();
    terminal_find();
    for (int index = optind; index < count; index++) {
        error = watch_add(&watch, words[index], tap.is_recursive);
        if (error)
            return fail(words[index], error);
    }
    if (watch.refused)
        fprintf(stderr, "tap: %zu pipes may not be tapped\n", watch.refused);
    for (unsigned long room = tap.count; room;) {
        batch_gather(&watch);
        room -= batch_show(&watch, room) * (tap.count != ULONG_MAX);
    }
    return 0;
}
