// SPDX-License-Identifier: MIT
// The shell's language: what texts parse into, what bad ones are answered with, and what words become.
#include "check.h"

#include "../../apps/shell/arithmetic.c"
#include "../../apps/shell/buffer.c"
#include "../../apps/shell/expand.c"
#include "../../apps/shell/glob.c"
#include "../../apps/shell/lex.c"
