# SPDX-License-Identifier: MIT
# The kernel: build/sluice.elf with its symbols, build/sluice.bin for the ISO.

KERNEL_FLAGS := $(COMMON) -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
                -fno-omit-frame-pointer -fno-strict-aliasing -fcf-protection=none $(STACK_GUARD) \
                -Ikernel -Ikernel/x86_64 -Ipipens -Iboot
KERNEL_C := $(wildcard pipens/*.c kernel/*.c kernel/x86_64/*.c)
# With AUDIT=1 each system call is followed by a check of every invariant; without, that check is no part of the kernel.
AUDIT_C := $(if $(AUDIT),kernel/x86_64/system_call.c,kernel/x86_64/system_call_audited.c pipens/audit.c)
KERNEL_C := $(filter-out kernel/x86_64/offsets.c $(AUDIT_C),$(KERNEL_C))
KERNEL_O := $(KERNEL_C:%.c=$(BUILD)/kernel/%.o) $(BUILD)/kernel/boot/entry.o $(BUILD)/kernel/kernel/x86_64/entry.o
$(call keep-list,kernel-flags,$(KERNEL_FLAGS))
$(call keep-list,kernel,$(KERNEL_O))

$(BUILD)/kernel/%.o: %.c $(BUILD)/list/kernel-flags | $(BUILD)/packages
	@mkdir -p $(@D)
	gcc $(KERNEL_FLAGS) -c -o $@ $<

$(BUILD)/kernel/offsets.inc: kernel/x86_64/offsets.c | $(BUILD)/packages
	@mkdir -p $(@D)
	gcc $(KERNEL_FLAGS) -MF $(BUILD)/kernel/offsets.d -MT $@ -S -o - $< \
	    | sed -n 's/^->\([A-Z0-9_]*\) \(.*\)/%define \1 \2/p' >$@

$(BUILD)/kernel/%.o: %.asm $(BUILD)/kernel/offsets.inc
	@mkdir -p $(@D)
	nasm -f elf64 -g -I$(BUILD)/kernel/ -o $@ $<

# The kernel is linked twice: the second time with the table of its own symbols.
LINK_KERNEL = ld -n -z max-page-size=4096 --no-warn-rwx-segments -T boot/kernel.ld -o $@ $(filter %.o,$^)

$(BUILD)/kernel/symbols0.asm: boot/symbols.py | $(BUILD)/packages
	@mkdir -p $(@D)
	python3 boot/symbols.py </dev/null >$@
$(BUILD)/kernel/symbols1.asm: $(BUILD)/kernel/sluice0.elf
	nm -n $< | python3 boot/symbols.py >$@
$(BUILD)/kernel/symbols%.o: $(BUILD)/kernel/symbols%.asm
	nasm -f elf64 -o $@ $<
$(BUILD)/kernel/sluice0.elf: $(KERNEL_O) $(BUILD)/kernel/symbols0.o boot/kernel.ld $(BUILD)/list/kernel
	$(LINK_KERNEL)
$(BUILD)/sluice.elf: $(KERNEL_O) $(BUILD)/kernel/symbols1.o boot/kernel.ld $(BUILD)/list/kernel
	$(LINK_KERNEL)
$(BUILD)/sluice.bin: $(BUILD)/sluice.elf
	strip -o $@ $<
