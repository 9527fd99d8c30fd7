// SPDX-License-Identifier: MIT
// For the tests of the tty server: tells what the session gives to a program.
//
// usage: ttytest lines            each message of the input, until the end of the file
//        ttytest raw COUNT [MS]   sets the raw mode, awaits input that has paused, and tells so many bytes' checksum
//        ttytest size | mode      the terminal's size; the flags of its mode and the bytes that were lost
//        ttytest set FLAGS        sets the mode, for a program that is run next
//        ttytest flush MS         awaits input that has paused, drops it, and goes on as `lines`
//        ttytest wait             reads nothing, for ever
//        ttytest counts           processes, pipes, handles and free pages (counts.h)
//        ttytest linger | steal SESSION | grab MS | crowd         attacks (attack.h)
#include "attack.h"
#include "clock.h"
#include "counts.h"
#include "pipe.h"
#include "protocol/start.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNV_BASIS 0x811c9dc5u // FNV-1a, 32 bits
#define FNV_PRIME 0x01000193u

static long control;

// Waits until the input holds a message and no more has come for so many milliseconds. 0: does not wait.
static void pause_await(unsigned long milliseconds) {
    struct pipe_stat stat = {0};
    uint64_t seen = 0;
    while (milliseconds && (pipe_stat(HANDLE_INPUT, &stat) < 0 || stat.depth == 0 || stat.in != seen)) {
        seen = stat.in;
        clock_sleep(milliseconds * MILLISECOND);
    }
}

// The next message of the input: its length, or a negated error.
static long message_take(void) {
    static bool is_hooked;
    if (!is_hooked && pipe_hook(HANDLE_INPUT, 0, 0) < 0)
        return -PIPE_EBADF;
    is_hooked = true;
    return pipe_wait(DEADLINE_NONE);
}

static int lines_tell(void) {
    long length;
    printf("ready\n");
    while ((length = message_take()) > 0) {
        const uint8_t *bytes = pipe_payload();
        char text[4 * PAYLOAD_MAX + 1];
        size_t count = 0;
        for (long index = 0; index < length; index++) {
            bool is_plain = bytes[index] >= ' ' && bytes[index] <= '~' && bytes[index] != '\\';
            count += (size_t)sprintf(text + count, is_plain ? "%c" : "\\x%02x", bytes[index]);
        }
        printf("%ld: <%s>\n", length, text);
    }
    printf("end: %ld\n", length);
    return length < 0;
}

static int raw_tell(unsigned long wanted, unsigned long milliseconds) {
    long before = terminal_set_mode(control, HANDLE_INPUT, 0);
    unsigned long count = 0;
    uint32_t sum = FNV_BASIS;
    printf("ready\r\n");
    fflush(stdout);
    pause_await(milliseconds);
    while (count < wanted) {
        long length = message_take();
        if (length < 0)
            break;
        const uint8_t *bytes = pipe_payload();
        for (long index = 0; index < length; index++)
            sum = (sum ^ bytes[index]) * FNV_PRIME;
        count += (unsigned long)length;
    }
    terminal_set_mode(control, HANDLE_INPUT, (uint32_t)before);
    printf("%lu bytes, sum %08lx\n", count, (unsigned long)sum);
    return 0;
}

static int mode_tell(void) {
    struct tty_request request = {.operation = TTY_GET_MODE};
    struct tty_mode mode;
    if (pipe_call(control, &request, sizeof request, &mode, sizeof mode, DEADLINE_NONE) < 0)
        return 1;
    printf("flags %lu, lost %lu\n", (unsigned long)mode.flags, (unsigned long)mode.lost);
    return 0;
}

static int size_tell(void) {
    struct tty_size size;
    long result = terminal_size(control, &size);
    if (result == 0)
        printf("%lu columns, %lu rows\n", (unsigned long)size.columns, (unsigned long)size.rows);
    return result != 0;
}

static int mode_set(uint32_t flags) {
    long before = terminal_set_mode(control, HANDLE_INPUT, flags);
    printf("before %ld\n", before);
    return before < 0;
}

static int flush_tell(unsigned long milliseconds) {
    printf("ready\n");
    fflush(stdout);
    pause_await(milliseconds);
    printf("flushed %ld\n", terminal_flush(control, HANDLE_INPUT));
    return lines_tell();
}

static _Noreturn void wait_for_ever(void) {
    printf("ready\n");
    fflush(stdout);
    for (;;)
        clock_sleep(SECOND);
}

static unsigned long number_at(char **words, int count, int index) {
    return index < count ? strtoul(words[index], NULL, 0) : 0;
}

int main(int count, char **words) {
    const char *what = count > 1 ? words[1] : "";
    if (strcmp(what, "listen") == 0)
        return attack_listen();
    if (strcmp(what, "counts") == 0)
        return counts_tell();
    control = terminal_open(HANDLE_INPUT, "control", RIGHT_WRITE);
    if (control < 0) {
        printf("the input is no terminal\n");
        return 1;
    }
    if (strcmp(what, "lines") == 0)
        return lines_tell();
    if (strcmp(what, "raw") == 0)
        return raw_tell(number_at(words, count, 2), number_at(words, count, 3));
    if (strcmp(what, "size") == 0)
        return size_tell();
    if (strcmp(what, "mode") == 0)
        return mode_tell();
    if (strcmp(what, "set") == 0)
        return mode_set((uint32_t)number_at(words, count, 2));
    if (strcmp(what, "flush") == 0)
        return flush_tell(number_at(words, count, 2));
    if (strcmp(what, "linger") == 0)
        return attack_linger();
    if (strcmp(what, "steal") == 0 && count > 2)
        return attack_steal(words[2]);
    if (strcmp(what, "grab") == 0)
        return attack_grab(control, number_at(words, count, 2));
    if (strcmp(what, "crowd") == 0)
        return attack_crowd(control);
    if (strcmp(what, "wait") == 0)
        wait_for_ever();
    fprintf(stderr,
            "usage: ttytest lines | raw COUNT [MS] | size | mode | set FLAGS | flush MS | wait | linger | steal\n");
    return 2;
}
