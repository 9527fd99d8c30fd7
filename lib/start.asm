; SPDX-License-Identifier: MIT
; Where a program's threads begin: RDI holds the address of the message page, RSI the argument of `start`
; (pipens/abi.h), the stack is aligned to 16.
bits 64
default rel

global _start
global thread_entry
extern program_begin
extern thread_begin

section .text
_start:
        xor     ebp, ebp
        call    program_begin
        ud2

thread_entry:
        xor     ebp, ebp
        call    thread_begin
        ud2

section .note.GNU-stack noalloc noexec nowrite progbits
