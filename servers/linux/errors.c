// SPDX-License-Identifier: MIT
#include "abi.h"
#include "linux_abi.h"

#include <stddef.h>

// The errors whose numbers differ: this system has newlib's.
static const struct {
    uint16_t ours, theirs;
} errors[] = {{PIPE_EDEADLK, 35},
              {PIPE_ENOSYS, LINUX_ENOSYS},
              {PIPE_ENOTEMPTY, LINUX_ENOTEMPTY},
              {PIPE_ENAMETOOLONG, 36},
              {PIPE_ELOOP, LINUX_ELOOP},
              {PIPE_ETIMEDOUT, 110},
              {PIPE_EMSGSIZE, 90},
              {PIPE_EDQUOT, 122},
              {PIPE_ESTALE, 116},
              {PIPE_EOVERFLOW, 75},
              {PIPE_ENOTSUP, LINUX_EOPNOTSUPP},
              {PIPE_ECANCELED, 125},
              {PIPE_EOWNERDEAD, 130}};

long linux_result(long result) {
    for (size_t index = 0; result < 0 && index < sizeof errors / sizeof *errors; index++)
        if (-result == errors[index].ours)
            return -(long)errors[index].theirs;
    return result;
}
