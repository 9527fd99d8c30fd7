// SPDX-License-Identifier: MIT
// What Linux and its x86-64 programs agree on (man pages 2, 5 and 7; System V ABI, AMD64 supplement, A.2). Structs and
// numbers are Linux's; where the C library of this program has a name for the same thing, Linux's differs.
#ifndef LINUX_LINUX_ABI_H
#define LINUX_LINUX_ABI_H

#include <stdint.h>

// ---- Errors ----

enum linux_error {
    LINUX_EPERM = 1,
    LINUX_ENOENT = 2,
    LINUX_ESRCH = 3,
    LINUX_EINTR = 4,
    LINUX_EIO = 5,
    LINUX_E2BIG = 7,
    LINUX_ENOEXEC = 8,
    LINUX_EBADF = 9,
    LINUX_ECHILD = 10,
    LINUX_EAGAIN = 11,
    LINUX_ENOMEM = 12,
    LINUX_EACCES = 13,
    LINUX_EFAULT = 14,
    LINUX_EEXIST = 17,
    LINUX_ENOTDIR = 20,
    LINUX_EISDIR = 21,
    LINUX_EINVAL = 22,
    LINUX_EMFILE = 24,
    LINUX_ENOTTY = 25,
    LINUX_ESPIPE = 29,
    LINUX_EROFS = 30,
    LINUX_EPIPE = 32,
    LINUX_ERANGE = 34,
    LINUX_ENAMETOOLONG = 36,
    LINUX_ENOSYS = 38,
    LINUX_ENOTEMPTY = 39,
    LINUX_ELOOP = 40,
    LINUX_EOPNOTSUPP = 95
};

// The negated error of Linux that stands for a negated one of this system (pipens/errors.def); other results stay.
long linux_result(long result);

// ---- Memory ----

#define LINUX_PROT_READ 1u
#define LINUX_PROT_WRITE 2u
#define LINUX_PROT_EXEC 4u
#define LINUX_PROT_ALL 7u
#define LINUX_MAP_SHARED 1u
#define LINUX_MAP_PRIVATE 2u
#define LINUX_MAP_TYPE 15u
#define LINUX_MAP_FIXED 0x10u
#define LINUX_MAP_ANONYMOUS 0x20u
// Flags that ask for nothing that could be missing: DENYWRITE, EXECUTABLE, NORESERVE, STACK.
#define LINUX_MAP_HINTS 0x25800u
#define LINUX_MADV_DONTNEED 4u

// ---- Files ----

#define LINUX_AT_FDCWD (-100)
#define LINUX_AT_SYMLINK_NOFOLLOW 0x100u
#define LINUX_AT_REMOVEDIR 0x200u
#define LINUX_AT_NO_AUTOMOUNT 0x800u
#define LINUX_AT_EMPTY_PATH 0x1000u
#define LINUX_O_ACCMODE 3u
#define LINUX_O_WRONLY 1u
#define LINUX_O_RDWR 2u
#define LINUX_O_CREAT 0x40u
#define LINUX_O_EXCL 0x80u
#define LINUX_O_NOCTTY 0x100u
#define LINUX_O_TRUNC 0x200u
#define LINUX_O_APPEND 0x400u
#define LINUX_O_NONBLOCK 0x800u
#define LINUX_O_LARGEFILE 0x8000u
#define LINUX_O_DIRECTORY 0x10000u
#define LINUX_O_NOFOLLOW 0x20000u
#define LINUX_O_CLOEXEC 0x80000u
#define LINUX_O_KNOWN                                                                                                  \
    (LINUX_O_ACCMODE | LINUX_O_CREAT | LINUX_O_EXCL | LINUX_O_NOCTTY | LINUX_O_TRUNC | LINUX_O_APPEND |                \
     LINUX_O_NONBLOCK | LINUX_O_LARGEFILE | LINUX_O_DIRECTORY | LINUX_O_NOFOLLOW | LINUX_O_CLOEXEC)

struct linux_stat {
    uint64_t device, inode, links;
    uint32_t mode, owner, group, unused0;
    uint64_t special_device;
    int64_t size, block_size, blocks;
    int64_t accessed, accessed_nanoseconds, modified, modified_nanoseconds, changed, changed_nanoseconds;
    int64_t unused1[3];
};
_Static_assert(sizeof(struct linux_stat) == 144, "the struct is x86-64's");

// The head of an entry of getdents64; the name and its terminator follow, and zeroes to a multiple of 8 bytes.
struct linux_entry {
    uint64_t inode;
    int64_t next;
    uint16_t length;
    uint8_t type;
} __attribute__((packed));
#define LINUX_ENTRY_HEAD 19u

struct linux_time {
    int64_t seconds, nanoseconds;
};

#define LINUX_UTIME_NOW 0x3fffffff // instead of the nanoseconds
#define LINUX_UTIME_OMIT 0x3ffffffe

struct linux_vector {
    uint64_t address, length;
};

enum linux_fcntl {
    LINUX_F_DUPFD = 0,
    LINUX_F_GETFD = 1,
    LINUX_F_SETFD = 2,
    LINUX_F_GETFL = 3,
    LINUX_F_SETFL = 4,
    LINUX_F_DUPFD_CLOEXEC = 1030
};

#define LINUX_TCGETS 0x5401u
#define LINUX_TIOCGWINSZ 0x5413u
struct linux_termios {
    uint32_t input, output, control, local;
    uint8_t line, characters[19];
};
// ICRNL and IXON; OPOST and ONLCR; B38400, CS8 and CREAD; ISIG, ICANON, ECHO, ECHOE, ECHOK, IEXTEN, ECHOCTL and ECHOKE.
#define LINUX_TERMIOS                                                                                                  \
    {                                                                                                                  \
        0x500, 0x5, 0xbf, 0x8a3b, 0, {                                                                                 \
            3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22                                                  \
        }                                                                                                              \
    }
struct linux_window {
    uint16_t rows, columns, width, height;
};

struct linux_poll {
    int32_t descriptor;
    int16_t events, returned;
};
#define LINUX_POLLIN 1
#define LINUX_POLLOUT 4
#define LINUX_POLLHUP 16
#define LINUX_POLLNVAL 32

// ---- Processes ----

#define LINUX_SIGNALS 64u
#define LINUX_SIGKILL 9u
#define LINUX_SIGSEGV 11u
#define LINUX_SIGPIPE 13u
#define LINUX_SIGCHLD 17u
#define LINUX_SIGCONT 18u
#define LINUX_SIGURG 23u
#define LINUX_SIGWINCH 28u
#define LINUX_SIG_IGN 1u
struct linux_action {
    uint64_t handler, flags, restorer, mask;
};

#define LINUX_CLONE_SIGNAL 0xffull
#define LINUX_CLONE_VM 0x100ull
#define LINUX_CLONE_VFORK 0x4000ull
#define LINUX_CLONE_PARENT_SETTID 0x100000ull
#define LINUX_CLONE_CHILD_CLEARTID 0x200000ull
#define LINUX_CLONE_CHILD_SETTID 0x1000000ull
#define LINUX_WNOHANG 1u
#define LINUX_WUNTRACED 2u
#define LINUX_WCONTINUED 8u

#define LINUX_PR_SET_NAME 15u
#define LINUX_PR_GET_NAME 16u
#define LINUX_TASK_NAME 16u

#define LINUX_ARCH_SET_FS 0x1002u
#define LINUX_ARCH_GET_FS 0x1003u

struct linux_limit {
    uint64_t now, most;
};
#define LINUX_RLIMIT_STACK 3u
#define LINUX_RLIMIT_NOFILE 7u
#define LINUX_RLIMITS 16u

#define LINUX_NAME_LENGTH 65u
struct linux_names {
    char system[LINUX_NAME_LENGTH], node[LINUX_NAME_LENGTH], release[LINUX_NAME_LENGTH], version[LINUX_NAME_LENGTH];
    char machine[LINUX_NAME_LENGTH], domain[LINUX_NAME_LENGTH];
};

// The auxiliary vector (System V ABI, AMD64 supplement, 3.4.3, and getauxval(3)).
enum linux_auxiliary {
    LINUX_AT_NULL,
    LINUX_AT_PHDR = 3,
    LINUX_AT_PHENT = 4,
    LINUX_AT_PHNUM = 5,
    LINUX_AT_PAGESZ = 6,
    LINUX_AT_BASE = 7,
    LINUX_AT_FLAGS = 8,
    LINUX_AT_ENTRY = 9,
    LINUX_AT_UID = 11,
    LINUX_AT_EUID = 12,
    LINUX_AT_GID = 13,
    LINUX_AT_EGID = 14,
    LINUX_AT_PLATFORM = 15,
    LINUX_AT_HWCAP = 16,
    LINUX_AT_CLKTCK = 17,
    LINUX_AT_SECURE = 23,
    LINUX_AT_RANDOM = 25,
    LINUX_AT_EXECFN = 31
};

#endif
