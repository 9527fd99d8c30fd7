// SPDX-License-Identifier: MIT
// What commands that deal with files share: operands one after the other, and trees of files.
#ifndef TOOLS_FILE_TREE_H
#define TOOLS_FILE_TREE_H

#include "options.h"

// Calls the function for each operand: the command's status, that of the last one that failed.
typedef int operand_function(const char *path, const struct options *options);
int operands_visit(const struct options *options, operand_function *function);

// A path below a directory, FILE_PATH_MAX bytes and a terminator. ENAMETOOLONG.
long path_below(const char *directory, const char *name, char *to);
bool path_is_directory(const char *path);

// What is done to a tree of files: to a directory before and after what is in it, and to each file; NULL: nothing.
// Each reports what fails and returns a status; where `enter` fails nothing below is done.
typedef int tree_function(const char *path, const char *to);
struct tree_plan {
    tree_function *enter, *visit, *leave;
};

// `to` is a path beside the tree's, which grows by the same names.
int tree_do(const struct tree_plan *plan, const char *path, const char *to);
// The same for several trees, or that of the working directory if there is none: the status of the last that failed.
int trees_do(const struct tree_plan *plan, const char *const *paths, int count);

#endif
