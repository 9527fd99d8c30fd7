// SPDX-License-Identifier: MIT
// Errors by name and sentence: pipens/errors.def.
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

// "EACCES" for PIPE_EACCES (positive or negated); "E?" for a number that is none.
const char *error_name(long error);
// "the rules of the name forbid it".
const char *error_sentence(long error);

#endif
