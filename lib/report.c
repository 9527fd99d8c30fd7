// SPDX-License-Identifier: MIT
#include "report.h"

#include "pipe.h"

#include <stdarg.h>
#include <stdio.h>

void report(const char *format, ...) {
    static long handle;
    struct {
        struct report_request head;
        char text[REPORT_MAX + 1];
    } request = {.head = {0}};
    pipe_open_once(&handle, "/kernel/report");
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(request.text, sizeof request.text, format, arguments);
    va_end(arguments);
    if (length > (int)REPORT_MAX)
        length = REPORT_MAX;
    pipe_call(handle, &request, sizeof request.head + (size_t)length, NULL, 0, DEADLINE_NONE);
}
