// SPDX-License-Identifier: MIT
#include "protocol/volume.h"

#include "decode.h"

#define REPLY                                                                                                          \
    FIELDS(FIELD(struct volume_reply, link), FIELD(struct volume_reply, count), FIELD(struct volume_reply, stat.size), \
           FIELD(struct volume_reply, stat.inode))
#define FLAGS FIELDS(FIELD_AS(struct volume_request, flags, FORM_HEX))
#define FLAGS_MODE                                                                                                     \
    FIELDS(FIELD_AS(struct volume_request, flags, FORM_HEX), FIELD_AS(struct volume_request, mode, FORM_HEX))
#define CHANGE FIELDS(FIELD_AS(struct volume_request, mask, FORM_HEX), FIELD(struct volume_request, size))

static const struct operation operations[VOLUME_OPERATIONS] = {
    [VOLUME_LOOKUP] = {"VOLUME_LOOKUP", FLAGS, REPLY},
    [VOLUME_OPEN] = {"VOLUME_OPEN", FLAGS_MODE, REPLY},
    [VOLUME_CREATE] = {"VOLUME_CREATE", FLAGS_MODE, REPLY},
    [VOLUME_LINK] = {"VOLUME_LINK", FLAGS, REPLY},
    [VOLUME_SYMLINK] = {"VOLUME_SYMLINK", FLAGS, REPLY},
    [VOLUME_READLINK] = {"VOLUME_READLINK", FLAGS, REPLY},
    [VOLUME_REMOVE] = {"VOLUME_REMOVE", FLAGS, REPLY},
    [VOLUME_RENAME] = {"VOLUME_RENAME", FLAGS, REPLY},
    [VOLUME_CHANGE] = {"VOLUME_CHANGE", CHANGE, REPLY},
    [VOLUME_SPACE] = {"VOLUME_SPACE", NULL,
                      FIELDS(FIELD(struct volume_space, bytes), FIELD(struct volume_space, used),
                             FIELD_AS(struct volume_space, type, FORM_TEXT))},
    [VOLUME_SYNC] = {"VOLUME_SYNC", NULL, REPLY}};
const struct protocol protocol_volume = {(const char *const[]){"/svc/*/volume", NULL}, operations, 0,
                                         VOLUME_OPERATIONS};

#define AT FIELDS(FIELD(struct stream_request, flags), FIELD_AS(struct stream_request, offset, FORM_SIGNED))
#define MOVED FIELDS(FIELD(struct stream_moved, count))

static const struct operation file_operations[FILE_OPERATIONS] = {
    [STREAM_READ] = {"STREAM_READ", AT, MOVED},
    [STREAM_WRITE] = {"STREAM_WRITE", AT, MOVED},
    [STREAM_SEEK] = {"STREAM_SEEK", AT, MOVED},
    [STREAM_STAT] = {"STREAM_STAT", NULL,
                     FIELDS(FIELD(struct stream_stat, size), FIELD_AS(struct stream_stat, mode, FORM_HEX))},
    [FILE_CHANGE] = {"FILE_CHANGE", CHANGE, REPLY},
    [FILE_LIST] = {"FILE_LIST", NULL, MOVED},
    [FILE_SYNC] = {"FILE_SYNC", NULL, NULL},
    [FILE_PAGES] = {"FILE_PAGES", AT, NULL}};
const struct protocol protocol_open_file = {(const char *const[]){"/svc/*/open/*", NULL}, file_operations, 0,
                                            FILE_OPERATIONS};
