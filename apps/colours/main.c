// SPDX-License-Identifier: MIT
// colours: shows what colours the terminal has: each ink, plain and bright, and each paper (ECMA-48, 8.3.117).
#include <stdio.h>

#define INK 30u
#define PAPER 40u

static const char *const names[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

int main(void) {
    for (unsigned colour = 0; colour < sizeof names / sizeof *names; colour++)
        printf("\x1b[%um%-10s\x1b[1mbright    \x1b[0m\x1b[%um paper \x1b[0m\n", INK + colour, names[colour],
               PAPER + colour);
    return 0;
}
