// SPDX-License-Identifier: MIT
// The tools: small programs for files and text, which are one program under many names. A tool is called with its
// words and returns its status, 0 if all went well.
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "say.h"

#include <stdbool.h>

typedef int tool_function(int count, char **words);

#define TOOL(name, usage, help, group, function) tool_function function;
#include "tools.def"
#undef TOOL

// Writes what was said. 0, or errno of the first write that failed: what was said after it was dropped.
int output_flush(void);
bool output_has_failed(void);

// Prints a name of a file: on a terminal its control bytes as \xNN, so that it can neither move the cursor nor look
// like two lines; elsewhere as it is.
void say_name(const char *name);

#endif
