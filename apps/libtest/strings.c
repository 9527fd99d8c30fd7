// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static void check_parts(void) {
    char text[] = "one,two;three", *rest, *word;
    int count = 0;
    for (word = strtok_r(text, ",;", &rest); word; word = strtok_r(NULL, ",;", &rest))
        count++;
    check(count == 3, "strtok_r");
    check(strcmp(strstr("hello world", "o w"), "o world") == 0 && strcmp(strpbrk("abc", "xc"), "c") == 0, "strstr");
    check(strspn("aab", "a") == 2 && strcspn("aab", "b") == 2 && strcmp(strrchr("a/b/c", '/'), "/c") == 0, "strspn");
    check(memcmp(text, "two", 3) < 0 && strcasecmp(text, "OnE") == 0 && strcoll("a", "b") < 0, "comparisons");
    char path[] = "/usr/lib/file.c", same[] = "/usr/lib/file.c";
    check(strcmp(basename(path), "file.c") == 0 && strcmp(dirname(same), "/usr/lib") == 0, "basename, dirname");
    check(strcmp(strerror(ENOENT), "No such file or directory") == 0, "strerror");
}

static void check_numbers(void) {
    char *end;
    check(strtol("0xg", &end, 0) == 0 && *end == 'x', "strtol of 0x without digits");
    check(strtoull("0xg", &end, 16) == 0 && *end == 'x', "strtoull of 0x without digits");
    check(strtol("0x1f", NULL, 0) == 31 && strtoul("777", NULL, 8) == 511, "strtol");
    check(strtod("1e3x", &end) == 1000 && *end == 'x' && strtold("0.5", NULL) == 0.5L, "strtod");
    errno = 0;
    check(strtol("999999999999999999999", NULL, 10) == LONG_MAX && errno == ERANGE, "what is too large");
    check(abs(-5) == 5 && labs(-5) == 5 && div(17, 5).rem == 2 && lldiv(-17, 5).quot == -3, "abs and div");
    srand(7);
    int first = rand();
    srand(7);
    check(first == rand() && first >= 0, "rand repeats");
}

static void check_letters(void) {
    wchar_t wide[20];
    char narrow[20];
    check(toupper('a') == 'A' && isspace('\t') && isxdigit('f') && !isalpha('1') && ispunct('!'), "ctype");
    check(setlocale(LC_ALL, "C") && mbstowcs(wide, "abc", 20) == 3 && wcslen(wide) == 3, "mbstowcs");
    check(wcstombs(narrow, L"xyz", sizeof narrow) == 3 && strcmp(narrow, "xyz") == 0, "wcstombs");
}

static void check_patterns(void) {
    regex_t pattern;
    regmatch_t matches[2];
    check(regcomp(&pattern, "^([a-z]+)[0-9]{2}$", REG_EXTENDED) == 0, "regcomp");
    check(regexec(&pattern, "abc42", 2, matches, 0) == 0 && matches[1].rm_so == 0 && matches[1].rm_eo == 3, "regexec");
    check(regexec(&pattern, "abc4", 2, matches, 0) == REG_NOMATCH, "and no match");
    regfree(&pattern);
}

static void check_environment(void) {
    char put[] = "LIBTEST=put";
    check(!getenv("LIBTEST") && setenv("LIBTEST", "set", 1) == 0 && strcmp(getenv("LIBTEST"), "set") == 0, "setenv");
    check(putenv(put) == 0 && strcmp(getenv("LIBTEST"), "put") == 0, "putenv");
    check(unsetenv("LIBTEST") == 0 && !getenv("LIBTEST"), "unsetenv");
}

void check_strings(void) {
    check_parts();
    check_numbers();
    check_letters();
    check_patterns();
    check_environment();
}
