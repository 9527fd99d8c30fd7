// SPDX-License-Identifier: MIT
// The editor: a text, a cursor, and what keys do to them.
#ifndef EDIT_EDITOR_H
#define EDIT_EDITOR_H

#include "text.h"

// Edits until the user quits. `message` is shown at first.
void editor_run(const char *path, struct text *text, const char *message);

#endif
