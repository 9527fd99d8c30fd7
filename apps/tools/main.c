// SPDX-License-Identifier: MIT
// Runs the tool whose name the program was started under.
#include "failure.h"
#include "tool.h"

#include <stdbool.h>
#include <string.h>

static const struct tool {
    const char *name, *usage, *help;
    tool_function *function;
} tools[] = {
#define TOOL(name, usage, help, group, function) {name, usage, help, function},
#include "tools.def"
#undef TOOL
};

#define TOOL_COUNT (sizeof tools / sizeof *tools)

static const struct tool *tool_find(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (const struct tool *tool = tools; tool < tools + TOOL_COUNT; tool++)
        if (strcmp(tool->name, name) == 0)
            return tool;
    return NULL;
}

static int names_say(void) {
    complain("tools: started under one of these names, it is the program of that name:");
    for (const struct tool *tool = tools; tool < tools + TOOL_COUNT; tool++)
        complain(" %s", tool->name);
    complain("\n");
    return STATUS_USAGE;
}

static int help_say(const struct tool *tool) {
    say("usage: %s%s%s\n", tool->name, *tool->usage ? " " : "", tool->usage);
    say_folded(tool->help, HELP_INDENT, 0);
    return 0;
}

static int output_end(int status) {
    int error = output_flush();
    return error ? fail("standard output", -error) : status;
}

int main(int count, char **words) {
    const struct tool *tool = count ? tool_find(words[0]) : NULL;
    if (!tool)
        return names_say();
    fail_as(tool->name, tool->usage);
    bool asks_for_help = count == 2 && (strcmp(words[1], "-h") == 0 || strcmp(words[1], "--help") == 0);
    return output_end(asks_for_help ? help_say(tool) : tool->function(count, words));
}
