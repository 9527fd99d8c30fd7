// SPDX-License-Identifier: MIT
#include "state.h"

struct shell shell;

void shell_leave(void) {
    if (!shell.is_interactive)
        shell.leaving = LEAVING_ALL;
}

void shell_returned(void) {
    shell.returnable--;
    if (shell.leaving == LEAVING_TEXT)
        shell.leaving = LEAVING_NOTHING;
}
