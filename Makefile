# SPDX-License-Identifier: MIT
# Builds Sluice, runs it and tests it. `make help` lists what there is. Everything that is made lies under build/.

BUILD   := build
WARN    := -Wall -Wextra -Wshadow -Wconversion -Werror
COMMON  := -std=gnu17 -O2 -g $(WARN) -MMD -MP -fno-stack-protector -fno-asynchronous-unwind-tables
MEMORY  ?= 128
QEMU_FLAGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
ifndef V
.SILENT:
endif

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
	@echo "  Variables: QEMU_FLAGS='...' adds flags to QEMU's, MEMORY=128 is in MiB."

# ---- What must be installed -------------------------------------------------------------------------------------------

PACKAGES := gcc nasm qemu-system-x86 grub-pc-bin grub-efi-amd64-bin grub-common xorriso mtools ovmf expect newlib-source \
            libcmocka-dev python3 clang libclang-rt-14-dev

$(BUILD)/packages:
	@mkdir -p $(BUILD)
	@missing=$$(for package in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	    echo "Installing what is missing:" $$missing; \
	    if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	    $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >$(BUILD)/apt.log 2>&1 \
	        || { tail -20 $(BUILD)/apt.log; exit 1; }; \
	fi
	@touch $@

# ---- Kernel -----------------------------------------------------------------------------------------------------------

KERNEL_FLAGS := $(COMMON) -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
                -fno-omit-frame-pointer -fno-strict-aliasing -fcf-protection=none -Ikernel -Ikernel/x86_64 -Ipipens -Iboot
KERNEL_C := $(wildcard pipens/*.c kernel/*.c kernel/x86_64/*.c)
KERNEL_C := $(filter-out kernel/x86_64/offsets.c,$(KERNEL_C))
KERNEL_O := $(KERNEL_C:%.c=$(BUILD)/kernel/%.o) $(BUILD)/kernel/boot/entry.o $(BUILD)/kernel/kernel/x86_64/entry.o

$(BUILD)/kernel/%.o: %.c $(BUILD)/packages
	@mkdir -p $(@D)
	gcc $(KERNEL_FLAGS) -c -o $@ $<

$(BUILD)/kernel/offsets.inc: kernel/x86_64/offsets.c $(BUILD)/packages
	@mkdir -p $(@D)
	gcc $(KERNEL_FLAGS) -MF $(BUILD)/kernel/offsets.d -MT $@ -S -o - $< | sed -n 's/^->\([A-Z0-9_]*\) \(.*\)/%define \1 \2/p' >$@

$(BUILD)/kernel/%.o: %.asm $(BUILD)/kernel/offsets.inc
	@mkdir -p $(@D)
	nasm -f elf64 -g -I$(BUILD)/kernel/ -o $@ $<

# The kernel is linked twice: the second time with the table of its own symbols.
LINK_KERNEL = ld -n -z max-page-size=4096 --no-warn-rwx-segments -T boot/kernel.ld -o $@ $(filter %.o,$^)

$(BUILD)/kernel/symbols0.asm: boot/symbols.py $(BUILD)/packages
	@mkdir -p $(@D)
	python3 boot/symbols.py </dev/null >$@
$(BUILD)/kernel/symbols1.asm: $(BUILD)/kernel/sluice0.elf
	nm -n $< | python3 boot/symbols.py >$@
$(BUILD)/kernel/symbols%.o: $(BUILD)/kernel/symbols%.asm
	nasm -f elf64 -o $@ $<
$(BUILD)/kernel/sluice0.elf: $(KERNEL_O) $(BUILD)/kernel/symbols0.o boot/kernel.ld
	$(LINK_KERNEL)
$(BUILD)/sluice.elf: $(KERNEL_O) $(BUILD)/kernel/symbols1.o boot/kernel.ld
	$(LINK_KERNEL)
$(BUILD)/sluice.bin: $(BUILD)/sluice.elf
	strip -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
