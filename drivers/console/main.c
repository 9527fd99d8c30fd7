// SPDX-License-Identifier: MIT
// The driver of the screen, a plain process: messages of /dev/console/output are bytes for its terminal, messages of
// /dev/console/view move the view over what has scrolled off: each `+` by half a screen into the past, each `-` back.
#include "display.h"
#include "framebuffer.h"
#include "pipe.h"
#include "process.h"
#include "report.h"
#include "terminal.h"

#define DIRECTORY "/dev/console"
#define OUTPUT "/dev/console/output"
#define VIEW "/dev/console/view"
#define OUTPUT_CAPACITY 64u
#define OUTPUT_PAYLOAD 1000u
#define VIEW_CAPACITY 16u
#define VIEW_PAYLOAD 16u
#define VIEW_STEP ((int32_t)TERMINAL_ROWS / 2)
#define KEY_OUTPUT 1u
#define KEY_VIEW 2u

static struct terminal terminal;

typedef void show_function(const struct terminal *terminal);

static long pipe_make(const char *path, uint32_t capacity, uint32_t payload, uint64_t key) {
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE);
    long handle = pipe_create(path, FLOW_QUEUE, rules, capacity, payload);
    return handle < 0 ? handle : pipe_hook(handle, key, 0);
}

static long pipes_make(void) {
    pipe_create(DIRECTORY, FLOW_DIRECTORY, RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_READ, RIGHT_READ), 0, 0);
    long result = pipe_make(OUTPUT, OUTPUT_CAPACITY, OUTPUT_PAYLOAD, KEY_OUTPUT);
    return result < 0 ? result : pipe_make(VIEW, VIEW_CAPACITY, VIEW_PAYLOAD, KEY_VIEW);
}

static void view_move(const char *steps, size_t length) {
    for (size_t place = 0; place < length; place++)
        terminal_scroll_view(&terminal, steps[place] == '+' ? VIEW_STEP : -VIEW_STEP);
}

// The function that shows the terminal: that of the screen that is there, or NULL.
static show_function *screen_open(void) {
    if (framebuffer_is_there())
        return framebuffer_initialize() ? framebuffer_update : NULL;
    if (display_initialize())
        return display_update;
    report("there is neither a framebuffer nor the VGA's text mode");
    return NULL;
}

int main(void) {
    if (pipes_make() < 0) {
        report("its pipes are not to be had");
        return 1;
    }
    terminal_initialize(&terminal);
    show_function *show = screen_open();
    if (show)
        show(&terminal);
    else
        report("what comes is dropped");
    process_ready();
    for (;;) {
        long length = pipe_wait(DEADLINE_NONE);
        if (length < 0)
            continue;
        if (pipe_received()->key == KEY_OUTPUT)
            terminal_write(&terminal, pipe_payload(), (size_t)length);
        else
            view_move(pipe_payload(), (size_t)length);
        if (show)
            show(&terminal);
    }
}
