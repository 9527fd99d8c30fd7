; SPDX-License-Identifier: MIT
; The multiboot2 header, and the way from 32-bit protected mode without paging (Multiboot2 specification 1.6, 3.3) to
; kernel_start in 64-bit mode at the kernel's own addresses.
bits 32

KERNEL_BASE     equ 0xffffffff80000000
HEADER_MAGIC    equ 0xe85250d6
OPTIONAL        equ 1
PAGE            equ 4096
PRESENT         equ 1
WRITABLE        equ 2
LARGE           equ 0x80
STACK_SIZE      equ 16384
GIGABYTES       equ 4               ; that the first tables map
CR0_PG          equ 1 << 31
CR0_WP          equ 1 << 16
CR0_MP          equ 1 << 1
CR0_EM          equ 1 << 2
CR0_TS          equ 1 << 3
CR0_NE          equ 1 << 5
CR0_AM          equ 1 << 18
CR0_NW          equ 1 << 29
CR0_CD          equ 1 << 30
CR4_PAE         equ 1 << 5
EFER            equ 0xc0000080
EFER_LME        equ 1 << 8
EFER_NXE        equ 1 << 11
CPUID_EXTENDED  equ 0x80000001
CPUID_LONG_MODE equ 1 << 29
CPUID_NX        equ 1 << 20
SCREEN          equ 0xb8000
CODE_SELECTOR   equ 8

global boot_entry
extern kernel_start
global boot_stack_end

section .multiboot
align 8
header:
        dd HEADER_MAGIC
        dd 0                        ; i386
        dd header_end - header
        dd 0x100000000 - (HEADER_MAGIC + 0 + (header_end - header))
        ; modules page aligned
        dw 6, 0
        dd 8
        ; a screen, of pixels or of text, as the loader likes; the system starts without one too
        dw 5, OPTIONAL
        dd 20
        dd 0, 0, 0                  ; width, height and depth: no preference
        dd 0                        ; tags begin at multiples of 8
        ; end
        dw 0, 0
        dd 8
header_end:

section .boot.text progbits alloc exec nowrite align=16
boot_entry:
        cli
        cld
        mov     esp, early_stack_end
        mov     edi, eax            ; the loader's magic number
        mov     esi, ebx            ; its information
        mov     eax, 0x80000000
        cpuid
        cmp     eax, CPUID_EXTENDED
        jb      no_long_mode
        mov     eax, CPUID_EXTENDED
        cpuid
        test    edx, CPUID_LONG_MODE
        jz      no_long_mode
        mov     ebp, edx

        ; Four tables of large pages map the first gigabytes, seen at 0, at the direct map, and at the kernel's base.
        mov     ecx, GIGABYTES * 512
        mov     eax, PRESENT | WRITABLE | LARGE
        mov     ebx, directories
.page:  mov     [ebx], eax
        mov     dword [ebx + 4], 0
        add     ebx, 8
        add     eax, 0x200000
        loop    .page
        mov     ecx, GIGABYTES
        mov     eax, directories + PRESENT + WRITABLE
        mov     ebx, pointers
.table: mov     [ebx], eax
        add     ebx, 8
        add     eax, PAGE
        loop    .table
        mov     dword [pointers_high + 510 * 8], directories + PRESENT + WRITABLE
        mov     dword [top], pointers + PRESENT + WRITABLE
        mov     dword [top + 256 * 8], pointers + PRESENT + WRITABLE
        mov     dword [top + 511 * 8], pointers_high + PRESENT + WRITABLE

        mov     eax, CR4_PAE
        mov     cr4, eax
        mov     eax, top
        mov     cr3, eax
        mov     ecx, EFER
        rdmsr
        or      eax, EFER_LME
        test    ebp, CPUID_NX
        jz      .no_nx
        or      eax, EFER_NXE
.no_nx: wrmsr
        mov     eax, cr0
        and     eax, ~(CR0_EM | CR0_TS | CR0_AM | CR0_NW | CR0_CD)  ; a loader may have left the caches off
        or      eax, CR0_PG | CR0_WP | CR0_NE | CR0_MP
        mov     cr0, eax
        lgdt    [table_pointer]
        jmp     CODE_SELECTOR:long_mode

no_long_mode:
        mov     esi, message
        mov     ebx, SCREEN
        mov     ah, 0x4f            ; white on red
.next:  lodsb
        test    al, al
        jz      .stop
        mov     [ebx], ax
        add     ebx, 2
        mov     dx, 0x3f8           ; and to the first serial port
        out     dx, al
        jmp     .next
.stop:  hlt
        jmp     .stop
message: db "Sluice needs a 64-bit processor.", 0

bits 64
long_mode:
        xor     eax, eax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     fs, ax
        mov     gs, ax
        mov     rax, .high
        jmp     rax
.high:  mov     rsp, boot_stack_end
        xor     ebp, ebp
        mov     edi, edi            ; the upper halves are not defined
        mov     esi, esi
        call    kernel_start
        ud2

align 8
table:  dq 0
        dq 0x00af9a000000ffff       ; 64-bit code
table_pointer:
        dw $ - table - 1
        dd table

section .boot.bss nobits alloc write align=4096
top:            resb PAGE
pointers:       resb PAGE
pointers_high:  resb PAGE
directories:    resb PAGE * GIGABYTES
early_stack:    resb 256
early_stack_end:

section .stack nobits alloc write align=4096
        resb STACK_SIZE
boot_stack_end:

section .note.GNU-stack noalloc noexec nowrite progbits
