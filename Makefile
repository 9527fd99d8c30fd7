# SPDX-License-Identifier: MIT
# Builds Sluice, runs it and tests it. `make help` lists the targets. Everything that is made lies under build/. Each
# folder's build.mk says how that folder is built.

BUILD   := build$(if $(AUDIT),/audited)
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror
COMMON  := -std=gnu17 -O2 -g $(WARN) -MMD -MP -fno-stack-protector -fno-asynchronous-unwind-tables
# Of programs and the kernel, with a canary that each chooses at its start: lib/stack.c, kernel/x86_64/stack.c.
STACK_GUARD := -fstack-protector-strong -mstack-protector-guard=global
MEMORY  ?= 136
QEMU_FLAGS ?=
MANIFEST ?= boot/manifest
GDB_PORT ?= 1234
JOBS    ?= $(shell nproc)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
ifndef V
.SILENT:
endif

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(filter %Makefile %.mk,$(MAKEFILE_LIST)) | expand -t 24
	@echo "  Variables: QEMU_FLAGS='...' adds flags to QEMU's, MEMORY=136 is in MiB, V=1 shows the commands,"
	@echo "  MANIFEST=FILE takes another system manifest than boot/manifest, JOBS=n runs n compilers at once,"
	@echo "  AUDIT=1 builds a kernel in build/audited that checks every invariant after every system call."

# Builds targets with a job for each processor, for the targets that people call. Those run programs that talk with the
# terminal, so they can't be jobs themselves. Under `make -j` the jobs are the caller's.
PARALLEL = +$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) -Otarget

# Writes $(2) to the file $(BUILD)/list/$(1) unless it stands there. A target that depends on this file is built anew
# when a source, a program or a flag comes or goes.
differ = $(subst x$(1)x,,x$(2)x)$(subst x$(2)x,,x$(1)x)
keep-list = $(if $(call differ,$(strip $(file <$(BUILD)/list/$(1))),$(strip $(2))),$(call write-list,$(1),$(2)))
write-list = $(shell mkdir -p $(BUILD)/list)$(file >$(BUILD)/list/$(1),$(2))

# ---- What must be installed. Only setup, run, run-gui and test run apt -----------------------------------------------

PACKAGES := gcc libc6-dev nasm qemu-system-x86 grub-pc-bin grub-efi-amd64-bin grub-common xorriso mtools ovmf expect \
            newlib-source xz-utils libcmocka-dev python3 perl spin dash busybox-static
# What single targets need besides: `make setup FOR=TARGET`.
PACKAGES_FOR_debug := gdb
PACKAGES_FOR_lint := clang-format-14 clang-tidy-14 cppcheck
PACKAGES_FOR_test-bochs := bochs bochs-term bochsbios vgabios
PACKAGES_FOR_prove-pipens := clang-14 libclang-rt-14-dev afl++
PACKAGES_FOR_capture := tshark
PACKAGES_FOR_graph := graphviz
PACKAGES_FOR_run-gui := qemu-system-gui
$(call keep-list,packages,$(PACKAGES))

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
# Sets the shell's variable `missing`.
find-missing = installed=" $$(dpkg-query -W -f '$${db:Status-Status}:$${Package} ' $(1) 2>/dev/null)"; missing=; \
    for package in $(1); do case "$$installed" in *" installed:$$package "*) ;; *) missing="$$missing $$package" ;; \
    esac; done
need-commands = for command in $(1); do command -v $$command >/dev/null \
    || { echo "$@ needs $(PACKAGES_FOR_$@): \`make setup FOR=$@\` installs this"; exit 1; }; done

setup: ## install by apt what is missing, and build newlib; FOR=lint: what lint needs, too
	mkdir -p build
	wanted="$(PACKAGES) $(foreach target,$(FOR),$(PACKAGES_FOR_$(target)))"; $(call find-missing,$$wanted); \
	[ -z "$$missing" ] || { echo "Installing by apt what is missing:$$missing"; \
	    { $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	        apt-get install -y -qq --no-install-recommends $$missing; } >build/apt.log 2>&1 \
	        || { tail -20 build/apt.log; exit 1; }; }
	[ -f $(FONT) ] || $(MAKE) --no-print-directory download-font
	$(MAKE) --no-print-directory $(NEWLIB)/done

$(BUILD)/packages: $(BUILD)/list/packages
	$(call find-missing,$(PACKAGES)); \
	[ -z "$$missing" ] || { echo "These packages are missing:$$missing"; echo "\`make setup\` installs them"; exit 1; }
	touch $@

include kernel/build.mk lib/build.mk boot/build.mk tests/build.mk

iso: $(NEWLIB)/done ## build/sluice.iso, for BIOS and UEFI
	$(PARALLEL) $(BUILD)/sluice.iso

VERSION := $(shell sed -n 's/.*SYSTEM_VERSION "\([^"]*\)".*/\1/p' pipens/abi.h)

reference: ## build/reference/index.html and man pages: every call, error, right, kernel pipe, protocol, function
	rm -rf $(BUILD)/reference && lib/reference/reference.py $(BUILD)/reference $(VERSION)

release: iso reference ## build/release: the ISO by its version, the reference, licence, changes and checksums
	rm -rf $(BUILD)/release && mkdir -p $(BUILD)/release
	cp $(BUILD)/sluice.iso $(BUILD)/release/sluice-$(VERSION).iso
	cp LICENSE CHANGELOG.md README.md $(BUILD)/release/
	tar -C $(BUILD) -czf $(BUILD)/release/sluice-$(VERSION)-reference.tar.gz reference
	cd $(BUILD)/release && sha256sum -- * >SHA256SUMS

# ---- Running ---------------------------------------------------------------------------------------------------------

QEMU := qemu-system-x86_64 -accel tcg -cpu max -m $(MEMORY) -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4

run: setup ## boot it here; Ctrl-A X leaves QEMU
	$(PARALLEL) $(BUILD)/test.iso
	$(QEMU) -cdrom $(BUILD)/test.iso -display none -serial mon:stdio $(QEMU_FLAGS) || [ $$? = 1 ]

# Its check comes first: nobody waits for a build in vain.
run-gui: window-check ## the same, and a window for screen and keyboard
	$(MAKE) --no-print-directory setup FOR=run-gui
	$(PARALLEL) $(BUILD)/test.iso
	$(QEMU) -cdrom $(BUILD)/test.iso -display gtk -serial mon:stdio $(QEMU_FLAGS) || [ $$? = 1 ]

window-check:
	@[ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] \
	    || { echo "run-gui: there is no display here (DISPLAY and WAYLAND_DISPLAY are empty); \`make run\` needs none"; \
	         exit 1; }

# Ctrl-C is for gdb alone, so QEMU has a session of its own.
debug: $(NEWLIB)/done ## stop at the kernel's entry with gdb; there `program NAME` loads a program's symbols
	$(call need-commands,gdb)
	$(PARALLEL) $(BUILD)/test.iso
	setsid $(QEMU) -cdrom $(BUILD)/test.iso -display none -serial file:$(BUILD)/debug.log -S -gdb tcp::$(GDB_PORT) \
	    $(QEMU_FLAGS) & \
	machine=$$!; trap : INT HUP TERM; gdb -q $(BUILD)/sluice.elf -ex 'set $$port = $(GDB_PORT)' -x boot/debug.gdb; \
	kill $$machine 2>/dev/null || true

clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: help setup iso reference release run run-gui window-check debug clean
-include $(shell find $(BUILD)/kernel $(BUILD)/user $(BUILD)/host $(BUILD)/fast -name '*.d' 2>/dev/null)
