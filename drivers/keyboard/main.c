// SPDX-License-Identifier: MIT
// The driver of the keyboard, a plain process: keys become messages of /dev/keyboard/input. Its line is /irq/1, and it
// reaches its ports through /kernel/io. Keys are lost while the input queue is full, because nobody reads it. Keys that
// move the view of the screen go to the console.
//
// usage: keyboard [us|german]
#include "controller.h"
#include "layout.h"
#include "pipe.h"
#include "process.h"
#include "report.h"

#define LINE "/irq/1"
#define DIRECTORY "/dev/keyboard"
#define INPUT "/dev/keyboard/input"
#define VIEW "/dev/console/view"
#define INPUT_CAPACITY 256u
#define INPUT_PAYLOAD 16u
#define KEY_LINE 1u

_Static_assert(KEY_BYTES_MAX <= INPUT_PAYLOAD, "a key is one message");

static struct keyboard keyboard;
static long line, input;

static void view_move(char step) {
    static long view;
    pipe_open_once(&view, VIEW);
    if (view > 0)
        pipe_send(view, &step, 1, DEADLINE_NOW);
}

static void receive(void) {
    uint8_t code;
    while (controller_receive(&code)) {
        struct key_result result = keyboard_take(&keyboard, code);
        if (result.length)
            pipe_send(input, result.bytes, result.length, DEADLINE_NOW);
        if (result.view)
            view_move(result.view);
    }
}

static long input_make(void) {
    pipe_create(DIRECTORY, FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    input = pipe_create(INPUT, FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_READ), INPUT_CAPACITY, INPUT_PAYLOAD);
    return input;
}

static long line_hook(void) {
    line = pipe_open(LINE, RIGHT_READ | RIGHT_WRITE);
    return line < 0 ? line : pipe_hook(line, KEY_LINE, 0);
}

// Without a controller the driver stays, so that the shell of the screen finds its input.
int main(int count, char **words) {
    if (count > 1 && !layout_find(words[1], &keyboard.layout))
        report("there is no layout %s: it is us or german", words[1]);
    if (input_make() < 0) {
        report("its pipe is unavailable");
        return 1;
    }
    if (!controller_initialize())
        report("there is no keyboard controller");
    else if (line_hook() < 0)
        report("its line is unavailable");
    receive();
    process_ready();
    for (;;) {
        if (pipe_wait(DEADLINE_NONE) < 0 || pipe_received()->key != KEY_LINE)
            continue;
        receive();
        pipe_acknowledge(line, INTERRUPT_HANDLED);
    }
}
