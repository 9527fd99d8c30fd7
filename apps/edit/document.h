// SPDX-License-Identifier: MIT
// The file that is edited.
#ifndef EDIT_DOCUMENT_H
#define EDIT_DOCUMENT_H

#include "text.h"

// Reads a file into an empty text. ENOENT, EISDIR, EFBIG (more than EDIT_TEXT_MAX), ENOMEM, and others.
long document_read(const char *path, struct text *text);
// Writes the text to a new file beside, which then replaces the file: an error leaves the file as it was.
long document_write(const char *path, struct text *text);

#endif
