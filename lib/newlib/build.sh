#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds newlib from Debian's newlib-source, about a minute. Its source is taken as it is, but for what its makers leave
# to the target: which folders belong to the library, what a directory's entry looks like, that there are clocks, the
# flags of sigaction, that lstat is there, what <regex.h> needs, that getline has the name that POSIX gave it later,
# that there are threads, and two mistakes.
#
# usage: lib/newlib/build.sh FOLDER      which then holds x86_64-elf/include, x86_64-elf/lib and log
set -euo pipefail
own=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1" && mkdir -p "$1/source" "$1/make"
folder=$(cd "$1" && pwd)

# Defines more after a header's line.
define_after() { # header, the line's beginning, "NAME VALUE"...
    local header=$1 line=$2
    shift 2
    printf '#define %s\n' "$@" | sed -i "/^$line/r /dev/stdin" "$header"
}

tar xf "$(ls /usr/src/newlib/newlib-[0-9]*.tar.xz)" -C "$folder/source" --strip-components=1
cd "$folder/source/newlib"
sed -i 's/^posix_dir=$/posix_dir=posix/' configure.host
cp "$own/dirent.h" libc/include/sys/dirent.h
sed -i 's/__getline/getline/; s/__getdelim/getdelim/' libc/stdio/getline.c libc/stdio/getdelim.c libc/include/stdio.h
define_after libc/include/sys/features.h '#include <_newlib_version.h>' \
    '_POSIX_TIMERS 200809L' '_POSIX_MONOTONIC_CLOCK 200809L' '_POSIX_CPUTIME 200809L'
define_after libc/include/sys/signal.h '#define SA_NOCLDSTOP 1 ' 'SA_RESTART 2' 'SA_RESETHAND 4' 'SA_NODEFER 8'
sed -i '/^mode_t\tumask /a int lstat (const char *, struct stat *);' libc/include/sys/stat.h
sed -i 's/^#include <sys\/cdefs.h>/&\n#include <sys\/types.h>/' libc/include/regex.h
# Each thread has its own errno, and what else functions keep for their caller (lib/thread.c).
define_after libc/include/sys/config.h '#define __SYS_CONFIG_H__' '__DYNAMIC_REENT__'
# What C11 asks for: longjmp with 0 makes setjmp give 1 (7.13.2.1), and of "0x" without digits the 0 is a number
# (7.22.1.4).
sed -i 's/^  movq    rsi, rax .*/&\n  cmpl    $1, eax\n  adcl    $0, eax/' libc/machine/x86_64/setjmp.S
sed -i "s/c == '0' && (\*s == 'x' || \*s == 'X')/& \&\& isxdigit((unsigned char)s[1])/" \
    libc/stdlib/strto{l,ul,ll,ull,imax,umax}.c

# _POSIX_MODE: the functions of <math.h> set errno, as math_errhandling says. HAVE_...: not newlib's own, but lib's.
flags=(-O2 -g0 -fno-pic -fno-stack-protector -ffunction-sections -fdata-sections -fcf-protection=none
    -D_POSIX_MODE -DHAVE_OPENDIR -DHAVE_NANOSLEEP)
features=(--disable-multilib --disable-newlib-supplied-syscalls --disable-libgloss --disable-newlib-mb
    --enable-newlib-reent-small --enable-newlib-io-c99-formats --enable-newlib-io-long-long
    --enable-newlib-io-long-double)
tools=(CC_FOR_TARGET=gcc AR_FOR_TARGET=ar RANLIB_FOR_TARGET=ranlib AS_FOR_TARGET=as LD_FOR_TARGET=ld NM_FOR_TARGET=nm)
unset MAKEFLAGS MAKELEVEL
exec 3>&2 >"$folder/log" 2>&1
trap 'tail -20 "$folder/log" >&3' ERR
cd "$folder/make"
../source/configure --prefix="$folder" --target=x86_64-elf "${features[@]}" "${tools[@]}" \
    CFLAGS_FOR_TARGET="${flags[*]}"
make -j"$(nproc)"
make install

# Of the folder of Unix's: its other files want users and their logins.
mkdir more
cd more
gcc "${flags[@]}" -D_POSIX_C_SOURCE=200809L -nostdinc -isystem "$(gcc -print-file-name=include)" \
    -isystem "$folder/x86_64-elf/include" -c "$folder"/source/newlib/libc/unix/{basename,dirname,pread,pwrite}.c
ar r "$folder/x86_64-elf/lib/libc.a" ./*.o

# What lib has instead must not be there twice.
ar d "$folder/x86_64-elf/lib/libc.a" lib_a-{getreent,isatty,_isatty,mlock,remove,signal,system}.o
rm -rf "$folder/source" "$folder/make"
