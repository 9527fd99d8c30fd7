// SPDX-License-Identifier: MIT
#include "size.h"

#include "clock.h"
#include "pipe.h"
#include "protocol/console.h"
#include "screen.h"
#include "waiters.h"

#define COLUMNS_DEFAULT 80u
#define ROWS_DEFAULT 24u
#define PATIENCE (500 * MILLISECOND) // with a terminal, or a driver
#define LATE (10 * SECOND)           // after which an answer is taken for something typed

static struct {
    const char *path;
    long pipe; // of the driver, 0: not open
    struct waiters waiters;
    uint64_t deadline; // of the terminal's answer, 0: it is not asked
    uint64_t late;     // until when an answer may come
} size;

void size_begin(const char *path) {
    size.path = path;
}

static struct tty_size driver_ask(void) {
    struct console_request request = {CONSOLE_SIZE};
    struct console_size reply;
    pipe_open_once(&size.pipe, size.path);
    long result = pipe_call(size.pipe, &request, sizeof request, &reply, sizeof reply, clock_deadline(PATIENCE));
    if (result < (long)sizeof reply)
        return (struct tty_size){COLUMNS_DEFAULT, ROWS_DEFAULT};
    return (struct tty_size){reply.columns, reply.rows};
}

// DECSC, the farthest corner, where is the cursor, DECRC (ECMA-48, 8.3.14, 8.3.21, 8.3.35; DEC VT510, 5).
static void terminal_ask(void) {
    static const uint8_t question[] = "\0337\033[999;999H\033[6n\0338";
    screen_echo(question, sizeof question - 1);
    size.deadline = clock_deadline(PATIENCE);
    size.late = size.deadline + LATE;
}

void size_ask(uint64_t token) {
    if (size.path) {
        struct tty_size known = driver_ask();
        pipe_reply(token, &known, sizeof known);
        return;
    }
    waiters_add(&size.waiters, token);
    if (!size.deadline)
        terminal_ask();
}

bool size_is_awaited(void) {
    return size.late && clock_now() < size.late;
}

void size_answered(const struct tty_size *answer) {
    waiters_reply(&size.waiters, answer, sizeof *answer);
    size.deadline = size.late = 0;
}

uint64_t size_deadline(void) {
    return size.deadline ? size.deadline : DEADLINE_NONE;
}

void size_advance(void) {
    static const struct tty_size otherwise = {COLUMNS_DEFAULT, ROWS_DEFAULT};
    if (!size.deadline || clock_now() < size.deadline)
        return;
    size.deadline = 0;
    waiters_reply(&size.waiters, &otherwise, sizeof otherwise);
}
