// SPDX-License-Identifier: MIT
#include "device.h"

#include "file.h"
#include "protocol/random.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum device device_of(const char *path) {
    static const struct {
        const char *path;
        enum device device;
    } devices[] = {{"/dev/null", DEVICE_NULL},
                   {"/dev/zero", DEVICE_ZERO},
                   {"/dev/random", DEVICE_RANDOM},
                   {"/dev/urandom", DEVICE_RANDOM}};
    char whole[FILE_PATH_MAX + 1];
    if (file_resolve(path, whole))
        return DEVICE_NONE;
    for (size_t index = 0; index < sizeof devices / sizeof *devices; index++)
        if (strcmp(whole, devices[index].path) == 0)
            return devices[index].device;
    return DEVICE_NONE;
}

// The server of random bytes gives a limited number at once.
static long random_read(uint8_t *bytes, size_t length) {
    for (size_t done = 0, count; done < length; done += count) {
        count = length - done < RANDOM_LENGTH_MAX ? length - done : RANDOM_LENGTH_MAX;
        if (getentropy(bytes + done, count) < 0)
            return done ? (long)done : -errno;
    }
    return (long)length;
}

long device_read(enum device device, void *bytes, size_t length) {
    if (device == DEVICE_RANDOM)
        return random_read(bytes, length);
    if (device == DEVICE_ZERO)
        memset(bytes, 0, length);
    return device == DEVICE_ZERO ? (long)length : 0;
}
