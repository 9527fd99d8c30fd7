// SPDX-License-Identifier: MIT
#include "window.h"

#include "input.h"
#include "output.h"
#include "pipe.h"
#include "terminal.h"

#include <stdbool.h>

// What is told to be smaller or larger is taken for these: nothing can be shown on less.
#define COLUMNS_MIN 20u
#define ROWS_MIN 4u
#define SIDE_MAX 1000u

static struct tty_size size = {.columns = 80, .rows = 24};
static bool was_asked;

struct tty_size window_size(void) {
    return size;
}

static uint32_t within(uint32_t number, uint32_t least) {
    return number < least ? least : number > SIDE_MAX ? SIDE_MAX : number;
}

struct tty_size window_ask(void) {
    struct tty_size told;
    was_asked = true;
    output_flush();
    long control = terminal_open(input_terminal(), "control", RIGHT_WRITE);
    if (control < 0)
        return size;
    if (terminal_size(control, &told) == 0)
        size = (struct tty_size){within(told.columns, COLUMNS_MIN), within(told.rows, ROWS_MIN)};
    pipe_close(control);
    return size;
}

struct tty_size window_ask_once(void) {
    return was_asked ? size : window_ask();
}
