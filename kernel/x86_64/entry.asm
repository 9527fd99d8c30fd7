; SPDX-License-Identifier: MIT
; The ways into the kernel and out of it: SYSCALL, exceptions and interrupts. Each way in leaves the user's registers in
; the context of the running thread, which begins at its struct thread; each way out takes them from there. offsets.inc is
; made from the C structs.
%include "offsets.inc"

default rel
bits 64

VECTORS     equ 256

extern system_call_table
extern system_call_end
extern interrupt_from_user
extern interrupt_from_kernel

global system_call_entry
global interrupt_entries
global machine_resume

section .text.hot

; ---- SYSCALL (Intel SDM volume 2, SYSCALL): RCX holds the return address, R11 the flags; interrupts are off by the mask ----
align 16
system_call_entry:
        swapgs
        mov     [gs:CPU_USER_STACK], rsp
        mov     rsp, [gs:CPU_THREAD]
        mov     [rsp + REGISTERS_RIP], rcx
        mov     [rsp + REGISTERS_RFLAGS], r11
        mov     rcx, [gs:CPU_USER_STACK]
        mov     [rsp + REGISTERS_RSP], rcx
        mov     [rsp + REGISTERS_RAX], rax
        mov     [rsp + REGISTERS_RDI], rdi
        mov     [rsp + REGISTERS_RSI], rsi
        mov     [rsp + REGISTERS_RDX], rdx
        mov     [rsp + REGISTERS_R10], r10
        mov     [rsp + REGISTERS_R8], r8
        mov     dword [rsp + REGISTERS_VECTOR], VECTOR_SYSTEM_CALL
        cmp     rax, SYSTEM_CALLS
        jae     .unknown
        mov     r9, r8
        mov     r8, r10
        mov     rcx, rdx
        mov     rdx, rsi
        mov     rsi, rdi
        lea     rdi, [rsp + THREAD_WAITER]
        mov     rsp, [gs:CPU_STACK]
        lea     r10, [system_call_table]
        call    [r10 + rax * 8]
.done:  lea     rcx, [rax - RESULT_SPECIAL_FIRST]
        cmp     rcx, RESULT_SPECIAL_COUNT
        jb      .switch
        cmp     byte [gs:CPU_RESCHEDULE], 0
        jne     .switch
        mov     rdi, [gs:CPU_THREAD]
        jmp     to_user

.unknown:
        mov     rsp, [gs:CPU_STACK]
        mov     rax, RESULT_UNKNOWN
        jmp     .done

; The thread waits, or another one goes first. What C has kept of its registers goes into its context.
.switch:
        mov     rcx, [gs:CPU_THREAD]
        mov     [rcx + REGISTERS_RBX], rbx
        mov     [rcx + REGISTERS_RBP], rbp
        mov     [rcx + REGISTERS_R12], r12
        mov     [rcx + REGISTERS_R13], r13
        mov     [rcx + REGISTERS_R14], r14
        mov     [rcx + REGISTERS_R15], r15
        mov     rdi, rax
        call    system_call_end
        mov     rdi, rax

; Goes on with the thread in RDI, to which the processor was switched.
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

; Back from a system call, with the result in RAX and the thread in RDI. No register tells what the kernel has done.
to_user:
        mov     rcx, [rdi + REGISTERS_RIP]
        mov     r11, [rdi + REGISTERS_RFLAGS]
        mov     rsi, [rdi + REGISTERS_RSI]
        mov     rdx, [rdi + REGISTERS_RDX]
        mov     r10, [rdi + REGISTERS_R10]
        mov     r8, [rdi + REGISTERS_R8]
        xor     r9d, r9d
        mov     rsp, [rdi + REGISTERS_RSP]
        mov     rdi, [rdi + REGISTERS_RDI]
        swapgs
        o64 sysret

from_interrupt:
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
        cld
        mov     rdi, rsp
        test    byte [rsp + REGISTERS_CS], 3
        jz      .kernel
        swapgs
        mov     rsp, [gs:CPU_STACK]
        call    interrupt_from_user
        mov     rdi, rax
        jmp     machine_resume

; The kernel is interrupted where it lets itself be: when it is idle, and between pieces of long work.
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
