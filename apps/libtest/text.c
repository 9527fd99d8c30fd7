// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // asprintf
#include "libtest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool prints(const char *wanted, const char *format, ...) {
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return length == (int)strlen(wanted) && strcmp(text, wanted) == 0;
}

static void check_formats(void) {
    char text[5];
    const char *volatile long_text = "abcdefgh";
    check(prints("+003.500|12    |010|0xff", "%+08.3f|%-6d|%#o|%#x", 3.5, 12, 8, 255), "flags and widths");
    check(prints("1.234568e+04 1e-10 0x1p+0 inf nan", "%e %g %a %f %f", 12345.678, 1e-10, 1.0, 1e308 * 10,
                 strtod("nan", NULL)),
          "floating point");
    check(prints("1.10000000000000000002", "%.20Lf", 1.1L), "long double");
    check(prints("44 -1 9 18446744073709551615", "%hhd %jd %td %" PRIu64, 300, (intmax_t)-1, (ptrdiff_t)9, UINT64_MAX),
          "integers of all widths");
    check(prints("   ab|cd   |e", "%*.*s|%-*s|%c", 5, 2, "abc", 5, "cd", 'e'), "strings");
    check(snprintf(text, sizeof text, "%s", long_text) == 8 && strcmp(text, "abcd") == 0, "snprintf cuts");
}

static void check_scans(void) {
    int hour, minute, index;
    char word[20];
    double real;
    check(sscanf("12:34 rest", "%d:%d%n", &hour, &minute, &index) == 2 && hour == 12 && minute == 34 && index == 5,
          "sscanf");
    check(sscanf("abc123", "%19[a-z]%d", word, &hour) == 2 && strcmp(word, "abc") == 0 && hour == 123, "of a set");
    check(sscanf("-1.5e2x", "%lf", &real) == 1 && real == -150, "of a double");
    check(sscanf("", "%d", &hour) == EOF && sscanf("x", "%d", &hour) == 0, "of nothing");
}

void check_text(void) {
    char *grown = NULL, *made = NULL, fixed[64] = "";
    size_t size = 0;
    check_formats();
    check_scans();
    FILE *file = fmemopen(fixed, sizeof fixed, "w");
    check(file && fprintf(file, "memory %d", 5) == 8 && fclose(file) == 0 && strcmp(fixed, "memory 5") == 0,
          "fmemopen");
    file = open_memstream(&grown, &size);
    check(file && fprintf(file, "%0*d", 5000, 7) == 5000 && fclose(file) == 0 && size == 5000 && grown[4999] == '7',
          "open_memstream");
    free(grown);
    check(asprintf(&made, "%s-%d", "made", 1) == 6 && strcmp(made, "made-1") == 0, "asprintf");
    free(made);
}
