; SPDX-License-Identifier: MIT
; Entries and exits of the kernel: SYSCALL, exceptions and interrupts. Each entry saves the user's registers in the
; context of the running thread, the first field of its struct thread; each exit loads them from there. offsets.inc is
; made from the C structs.
%include "offsets.inc"

default rel
bits 64

VECTORS     equ 256
RFLAGS_NONE equ 2                   ; the bit that is always set

extern system_call_table
extern system_call_end
extern foreign_call
extern interrupt_from_user
extern interrupt_from_kernel

global system_call_entry
global interrupt_entries
global machine_resume

section .text.hot

; ---- SYSCALL (Intel SDM volume 2, SYSCALL) ----
;
; RCX holds the return address, R11 the flags; the mask switches interrupts off. The user's arguments go to C unchanged
; (system_call.h), followed by the caller's waiter. They are not saved in the context: a call that may have to be run
; again saves them itself. C preserves RBX, RBP and R12 to R15.

; Returns to the user, with the thread's context in a register. Zeroes the scratch registers, so that no kernel data
; leaks.
%macro to_user 1
        mov     rcx, [%1 + REGISTERS_RIP]
        mov     r11, [%1 + REGISTERS_RFLAGS]
        mov     rsp, [%1 + REGISTERS_RSP]
        xor     edi, edi
        xor     esi, esi
        xor     edx, edx
        xor     r8d, r8d
        xor     r9d, r9d
        xor     r10d, r10d
        swapgs
        o64 sysret
%endmacro

; Saves the callee-saved registers in the thread's context, because another thread resumes.
%macro save_thread 1
        mov     [%1 + REGISTERS_RBX], rbx
        mov     [%1 + REGISTERS_RBP], rbp
        mov     [%1 + REGISTERS_R12], r12
        mov     [%1 + REGISTERS_R13], r13
        mov     [%1 + REGISTERS_R14], r14
        mov     [%1 + REGISTERS_R15], r15
        mov     dword [%1 + REGISTERS_VECTOR], VECTOR_SYSTEM_CALL
%endmacro

align 16
system_call_entry:
        swapgs
        mov     [gs:CPU_SCRATCH], rsp
        mov     rsp, [gs:CPU_THREAD]
        mov     [rsp + REGISTERS_RIP], rcx
        mov     rcx, [gs:CPU_SCRATCH]   ; not by R9, which may be an argument of a foreign process's call
        mov     [rsp + REGISTERS_RFLAGS], r11
        mov     [rsp + REGISTERS_RSP], rcx
        cmp     rax, [rsp + THREAD_CALL_LIMIT]
        jae     call_unknown
        mov     rcx, r10
        lea     r9, [rsp + THREAD_WAITER]
        mov     rsp, [gs:CPU_STACK]
        call    [abs system_call_table + rax * 8]
        cmp     rax, RESULT_SPECIAL_LAST
        jle     call_special
        cmp     byte [gs:CPU_RESCHEDULE], 0
        jne     call_switch
call_back:
        mov     rdx, [gs:CPU_THREAD]
        to_user rdx

call_unknown:
        cmp     qword [rsp + THREAD_CALL_LIMIT], 0
        je      call_foreign
        mov     rax, RESULT_UNKNOWN
        jmp     call_back

call_special:
        cmp     rax, RESULT_SWITCHED
        jne     call_switch
        mov     rcx, [gs:CPU_THREAD]
        mov     rdi, [gs:CPU_NEXT]
        save_thread rcx
        mov     [gs:CPU_THREAD], rdi

; Resumes the thread in RDI, to which the processor was switched.
machine_resume:
        mov     rax, [rdi + REGISTERS_RAX]
        mov     rbx, [rdi + REGISTERS_RBX]
        mov     rbp, [rdi + REGISTERS_RBP]
        mov     r12, [rdi + REGISTERS_R12]
        mov     r13, [rdi + REGISTERS_R13]
        mov     r14, [rdi + REGISTERS_R14]
        mov     r15, [rdi + REGISTERS_R15]
        cmp     dword [rdi + REGISTERS_VECTOR], VECTOR_SYSTEM_CALL
        jne     from_interrupt
        to_user rdi

; The thread blocks, runs its call again, or another thread runs first.
call_switch:
        mov     rcx, [gs:CPU_THREAD]
        save_thread rcx
        mov     rdi, rax
        call    system_call_end
        mov     rdi, rax
        jmp     machine_resume

; A foreign process's thread keeps all registers but RAX, RCX and R11 over its call.
call_foreign:
        mov     [rsp + REGISTERS_RAX], rax
        mov     [rsp + REGISTERS_RDI], rdi
        mov     [rsp + REGISTERS_RSI], rsi
        mov     [rsp + REGISTERS_RDX], rdx
        mov     [rsp + REGISTERS_R10], r10
        mov     [rsp + REGISTERS_R8], r8
        mov     [rsp + REGISTERS_R9], r9
        save_thread rsp
        mov     dword [rsp + REGISTERS_VECTOR], VECTOR_CALL_AGAIN
        mov     rdi, rsp
        mov     rsp, [gs:CPU_STACK]
        call    foreign_call
        cmp     rax, RESULT_SWITCHED
        jne     .ends
        mov     rdi, [gs:CPU_NEXT]
        mov     [gs:CPU_THREAD], rdi
        jmp     machine_resume
.ends:
        mov     rdi, rax
        call    system_call_end
        mov     rdi, rax
        jmp     machine_resume

; The context has all registers of a call that is run again, or of a foreign process's call that was answered.
from_call_again:
        mov     rcx, [rdi + REGISTERS_RIP]
        mov     r11, [rdi + REGISTERS_RFLAGS]
        mov     rsp, [rdi + REGISTERS_RSP]
        mov     rsi, [rdi + REGISTERS_RSI]
        mov     rdx, [rdi + REGISTERS_RDX]
        mov     r10, [rdi + REGISTERS_R10]
        mov     r8, [rdi + REGISTERS_R8]
        mov     r9, [rdi + REGISTERS_R9]
        mov     rdi, [rdi + REGISTERS_RDI]
        swapgs
        o64 sysret

from_interrupt:
        cmp     dword [rdi + REGISTERS_VECTOR], VECTOR_CALL_AGAIN
        je      from_call_again
        mov     rcx, [rdi + REGISTERS_RCX]
        mov     r11, [rdi + REGISTERS_R11]
        mov     r9, [rdi + REGISTERS_R9]
        mov     r8, [rdi + REGISTERS_R8]
        mov     r10, [rdi + REGISTERS_R10]
        mov     rdx, [rdi + REGISTERS_RDX]
        mov     rsi, [rdi + REGISTERS_RSI]
        lea     rsp, [rdi + REGISTERS_RIP]
        mov     rdi, [rdi + REGISTERS_RDI]
        swapgs
        iretq

; ---- Exceptions and interrupts (volume 3, 6.14): the processor pushes SS to RIP, and for some an error code ----

; Those that push an error code: 8, 10 to 14, 17, 21.
%define HAS_ERROR(vector) (vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)

section .text

%assign vector 0
%rep VECTORS
align 16
entry_ %+ vector:
%if !HAS_ERROR(vector)
        push    0
%endif
        push    vector
        jmp     interrupt_common
%assign vector vector + 1
%endrep

; From user mode the stack is the context of the running thread: TSS.RSP0 points at the end of its registers.
interrupt_common:
        push    r11
        push    rcx
        push    rax
        push    rdi
        push    rsi
        push    rdx
        push    r10
        push    r8
        push    r9
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        mov     rdi, rsp
        test    byte [rsp + REGISTERS_CS], 3
        jz      .kernel
        swapgs
        mov     rsp, [gs:CPU_STACK]
        push    RFLAGS_NONE             ; without the user's direction, and alignment check, which would switch SMAP off
        popf
        call    interrupt_from_user
        mov     rdi, rax
        jmp     machine_resume

; An interrupt of the kernel itself: it comes only in the idle loop and between the reaper's steps.
.kernel:
        mov     rbp, rsp
        and     rsp, -16
        call    interrupt_from_kernel
        mov     rsp, rbp
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        pop     r9
        pop     r8
        pop     r10
        pop     rdx
        pop     rsi
        pop     rdi
        pop     rax
        pop     rcx
        pop     r11
        add     rsp, 16
        iretq

section .rodata
align 8
interrupt_entries:
%assign vector 0
%rep VECTORS
        dq      entry_ %+ vector
%assign vector vector + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
