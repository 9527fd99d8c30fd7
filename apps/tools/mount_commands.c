// SPDX-License-Identifier: MIT
// `mount`, `umount` and `df`: which volumes there are, and where.
#include "clock.h"
#include "error.h"
#include "failure.h"
#include "file.h"
#include "file_tree.h"
#include "options.h"
#include "pipe.h"
#include "tool.h"
#include "protocol/vfs.h"

#define KIBIBYTE 1024u
#define PATIENCE SECOND // with a volume that is asked for its space

static int mounts_say(void) {
    struct vfs_mount mount = {0};
    for (uint32_t index = 0; file_mount_list(index, &mount) == 0; index = mount.index + 1)
        say("%s on %s\n", mount.pipe, mount.point);
    return 0;
}

int mount_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, 2, "PIPE DIRECTORY", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    if (!options.operand_count)
        return mounts_say();
    if (options.operand_count == 1)
        return fail_usage(options.operands[0], "mount PIPE DIRECTORY: the directory is missing");
    const char *directory = options.operands[1];
    struct stream_stat stat;
    long error = file_stat(directory, &stat);
    if (!error && !stat_is_directory(&stat))
        error = -PIPE_ENOTDIR;
    if (error)
        return fail(directory, error);
    error = file_mount(options.operands[0], directory);
    return error ? fail(options.operands[0], error) : 0;
}

int unmount_command(int count, char **words) {
    static const struct option_plan plan = {"", 1, 1, "DIRECTORY", false};
    struct options options;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    long error = file_unmount(options.operands[0]);
    if (error == -PIPE_EINVAL)
        return fail_saying(options.operands[0], "no volume is mounted there", error);
    return error ? fail(options.operands[0], error) : 0;
}

// One volume's line. Others are told of even if this one does not answer.
static int space_say(const char *path) {
    struct volume_space space = {0};
    long error = file_space(path, &space, clock_deadline(PATIENCE));
    if (error)
        return fail(path, error);
    say("%-8s %10lu %10lu %10lu %9lu %9lu %s\n", space.type, space.bytes / KIBIBYTE, space.used / KIBIBYTE,
        (space.bytes - space.used) / KIBIBYTE, space.files, space.files_max - space.files, path);
    return 0;
}

int space_command(int count, char **words) {
    static const struct option_plan plan = {"", 0, WORDS_MAX, "PATH", false};
    struct options options;
    struct vfs_mount mount = {0};
    int status = 0;
    if (!options_parse(count, words, &plan, &options))
        return STATUS_USAGE;
    say("%-8s %10s %10s %10s %9s %9s %s\n", "TYPE", "KiB", "USED", "FREE", "FILES", "MORE", "WHERE");
    if (options.operand_count)
        return operands_each(&options, space_say);
    for (uint32_t index = 0; file_mount_list(index, &mount) == 0; index = mount.index + 1) {
        int result = space_say(mount.point);
        status = result ? result : status;
    }
    return status;
}
