# SPDX-License-Identifier: MIT
# Builds Sluice, runs it and tests it. `make help` lists what there is. Everything that is made lies under build/.

BUILD   := build$(if $(AUDIT),/audited)
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror
COMMON  := -std=gnu17 -O2 -g $(WARN) -MMD -MP -fno-stack-protector -fno-asynchronous-unwind-tables
MEMORY  ?= 128
QEMU_FLAGS ?=
MANIFEST ?= boot/manifest
GDB_PORT ?= 1234

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
ifndef V
.SILENT:
endif

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
	@echo "  Variables: QEMU_FLAGS='...' adds flags to QEMU's, MEMORY=128 is in MiB, V=1 shows the commands,"
	@echo "  MANIFEST=FILE takes another system manifest than boot/manifest,"
	@echo "  AUDIT=1 builds a kernel in build/audited that checks every invariant behind every system call."

# ---- What must be installed ------------------------------------------------------------------------------------------

PACKAGES := gcc libc6-dev nasm qemu-system-x86 grub-pc-bin grub-efi-amd64-bin grub-common xorriso mtools ovmf expect \
            newlib-source xz-utils libcmocka-dev python3 perl spin
PROVE_PACKAGES := clang-14 libclang-rt-14-dev afl++

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT_INSTALL := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
is-installed = dpkg-query -W -f '$${Status}' $(1) 2>/dev/null | grep -q 'ok installed'
# What only some targets need: unless the first command succeeds, installs the packages.
install-unless = { $(1); } >/dev/null || { echo "Installing: $(2)"; \
    $(APT_INSTALL) $(2) >$(BUILD)/apt.log 2>&1 || { tail -20 $(BUILD)/apt.log; exit 1; }; }

$(BUILD)/packages:
	@mkdir -p $(BUILD)
	@missing=$$(for package in $(PACKAGES); do $(call is-installed,$$package) || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	    echo "Installing what is missing:" $$missing; \
	    { $(SUDO) apt-get update -qq && $(APT_INSTALL) $$missing; } >$(BUILD)/apt.log 2>&1 \
	        || { tail -20 $(BUILD)/apt.log; exit 1; }; \
	fi
	@touch $@

# ---- Kernel ----------------------------------------------------------------------------------------------------------

KERNEL_FLAGS := $(COMMON) -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
                -fno-omit-frame-pointer -fno-strict-aliasing -fcf-protection=none \
                -Ikernel -Ikernel/x86_64 -Ipipens -Iboot
KERNEL_C := $(wildcard pipens/*.c kernel/*.c kernel/x86_64/*.c)
# With AUDIT=1 each system call is followed by a check of every invariant; without, that check is no part of the kernel.
AUDIT_C := $(if $(AUDIT),kernel/x86_64/system_call.c,kernel/x86_64/system_call_audited.c pipens/audit.c)
KERNEL_C := $(filter-out kernel/x86_64/offsets.c $(AUDIT_C),$(KERNEL_C))
KERNEL_O := $(KERNEL_C:%.c=$(BUILD)/kernel/%.o) $(BUILD)/kernel/boot/entry.o $(BUILD)/kernel/kernel/x86_64/entry.o

$(BUILD)/kernel/%.o: %.c | $(BUILD)/packages
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
$(BUILD)/kernel/sluice0.elf: $(KERNEL_O) $(BUILD)/kernel/symbols0.o boot/kernel.ld
	$(LINK_KERNEL)
$(BUILD)/sluice.elf: $(KERNEL_O) $(BUILD)/kernel/symbols1.o boot/kernel.ld
	$(LINK_KERNEL)
$(BUILD)/sluice.bin: $(BUILD)/sluice.elf
	strip -o $@ $<

# ---- newlib ----------------------------------------------------------------------------------------------------------

NEWLIB := build/newlib

$(NEWLIB)/done: lib/newlib/build.sh lib/newlib/dirent.h | $(BUILD)/packages
	echo "Building newlib (once, about a minute)"
	lib/newlib/build.sh $(NEWLIB) && touch $@

# ---- Programs: each folder below servers, drivers and apps is one ----------------------------------------------------

# Asked for when it is first needed, since gcc may have to be installed before.
GCC_INCLUDE = $(eval GCC_INCLUDE := $(shell gcc -print-file-name=include))$(GCC_INCLUDE)
USER_FLAGS = $(COMMON) -ffreestanding -nostdinc -isystem $(NEWLIB)/x86_64-elf/include -isystem $(GCC_INCLUDE) \
             -fno-pic -fno-pie -fcf-protection=none -ffunction-sections -fdata-sections -Ilib -Ipipens -Iboot
USER_LINK := -nostdlib -static -no-pie -z noexecstack \
             -Wl,-z,max-page-size=4096,-z,separate-code,--gc-sections,--build-id=none
USER_LIBS = $(BUILD)/user/libsluice.a $(NEWLIB)/x86_64-elf/lib/libc.a $(NEWLIB)/x86_64-elf/lib/libm.a
USER_GROUP = -Wl,--start-group $(USER_LIBS) -lgcc -Wl,--end-group
PROGRAM_C := $(wildcard servers/*/*.c drivers/*/*.c apps/*/*.c)
PROGRAM_FOLDERS := $(filter-out servers/process,$(patsubst %/,%,$(sort $(dir $(PROGRAM_C)))))
PROGRAMS := $(foreach folder,$(PROGRAM_FOLDERS),$(BUILD)/image/bin/$(notdir $(folder)))
LIB_O := $(patsubst %.c,$(BUILD)/user/%.o,$(wildcard lib/*.c))
objects = $(patsubst %.c,$(BUILD)/user/%.o,$(wildcard $(1)/*.c))

$(BUILD)/user/%.o: %.c $(NEWLIB)/done
	mkdir -p $(@D)
	gcc $(USER_FLAGS) -I$(<D) -c -o $@ $<
$(BUILD)/user/lib/entry.o: lib/start.asm | $(BUILD)/packages
	mkdir -p $(@D)
	nasm -f elf64 -o $@ $<
$(BUILD)/user/libsluice.a: $(LIB_O)
	rm -f $@ && ar rcs $@ $^

define program
$(BUILD)/user/$(notdir $(1)).elf: $(call objects,$(1)) $(BUILD)/user/lib/entry.o $(BUILD)/user/libsluice.a
	gcc $$(USER_LINK) -o $$@ $$(filter %.o,$$^) $$(USER_GROUP)
$(BUILD)/image/bin/$(notdir $(1)): $(BUILD)/user/$(notdir $(1)).elf
	mkdir -p $$(@D) && strip -o $$@ $$<
endef
$(foreach folder,$(PROGRAM_FOLDERS),$(eval $(call program,$(folder))))

# The fuzzer inside the system shares the decoder of the tests of pipens, and holds their kept strings.
CORPUS := $(sort $(wildcard tests/model/corpus/*/*.bin))
$(BUILD)/user/fuzz.elf: $(BUILD)/user/tests/model/operation.o $(BUILD)/user/corpus.o
$(BUILD)/user/apps/fuzz/%.o: USER_FLAGS += -Itests/model
$(BUILD)/user/corpus.o: $(CORPUS) Makefile | $(BUILD)/packages
	mkdir -p $(@D)
	{ echo 'section .rodata'; echo 'global corpus_strings, corpus'; \
	    echo 'corpus_strings: dd $(words $(CORPUS))'; echo 'corpus:'; \
	    stat -c 'dw %s|incbin "%n"' $(CORPUS) | tr '|' '\n'; } >$(@:.o=.asm)
	nasm -f elf64 -o $@ $(@:.o=.asm)

$(BUILD)/user/process.elf: $(call objects,servers/process) $(BUILD)/user/lib/entry.o $(BUILD)/user/libsluice.a \
                           servers/process/flat.ld
	gcc $(USER_LINK) -Wl,-T,servers/process/flat.ld -o $@ $(filter %.o,$^) $(USER_GROUP)
$(BUILD)/process.flat: $(BUILD)/user/process.elf
	objcopy -O binary $< $@

# ---- Boot image and ISO ----------------------------------------------------------------------------------------------

# The console's font where the screen has pixels. Its package is unpacked, not installed: installing would change the
# console of this machine.
FONT_PACKAGE := console-setup-linux
FONT := Uni2-VGA16

$(BUILD)/manifest-check: boot/manifest_check.c servers/process/manifest.c lib/words.c | $(BUILD)/packages
	gcc -std=gnu17 -O1 $(WARN) -Iservers/process -Ilib -Ipipens -o $@ $(filter %.c,$^)
$(BUILD)/image/manifest: $(MANIFEST) $(BUILD)/manifest-check
	mkdir -p $(@D)
	$(BUILD)/manifest-check $< $(notdir $(PROGRAM_FOLDERS)) && cp $< $@
$(BUILD)/image/font.psf: | $(BUILD)/packages
	mkdir -p $(@D) $(BUILD)/font
	cd $(BUILD)/font && { apt-get download $(FONT_PACKAGE) \
	        || { $(SUDO) apt-get update -qq && apt-get download $(FONT_PACKAGE); }; } >log 2>&1 \
	    && dpkg-deb -x $(FONT_PACKAGE)_*.deb . \
	    || { echo "The font's package, $(FONT_PACKAGE), can't be had:"; tail -5 log; exit 1; }
	zcat $(BUILD)/font/usr/share/consolefonts/$(FONT).psf.gz >$@
	rm -rf $(BUILD)/font
$(BUILD)/boot.tar: $(PROGRAMS) $(BUILD)/image/manifest $(BUILD)/image/font.psf
	tar --format=ustar --owner=0 --group=0 --mtime=@0 --sort=name -cf $@ -C $(BUILD)/image manifest font.psf bin

ISO_PARTS := $(BUILD)/sluice.bin $(BUILD)/process.flat $(BUILD)/boot.tar boot/grub.cfg
define make-iso
	rm -rf $@.d && mkdir -p $@.d/boot/grub
	cp $(filter-out boot/grub.cfg,$(ISO_PARTS)) $@.d/boot/
	sed 's/MENU_TIMEOUT/$(1)/; s/MENU_DEFAULT/$(2)/' boot/grub.cfg >$@.d/boot/grub/grub.cfg
	grub-mkrescue -o $@ $@.d >$@.log 2>&1 || { cat $@.log; exit 1; }
	rm -rf $@.d
endef

$(BUILD)/sluice.iso: $(ISO_PARTS)
	$(call make-iso,3,0)
$(BUILD)/test.iso: $(ISO_PARTS)
	$(call make-iso,0,0)
$(BUILD)/locked.iso: $(ISO_PARTS)
	$(call make-iso,0,1)
$(BUILD)/selftest.iso: $(ISO_PARTS)
	$(call make-iso,0,2)

iso: $(BUILD)/sluice.iso ## build/sluice.iso, for BIOS and UEFI

# ---- Running ---------------------------------------------------------------------------------------------------------

QEMU := qemu-system-x86_64 -accel tcg -cpu max -m $(MEMORY) -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4

run: $(BUILD)/test.iso ## boot it here; Ctrl-A X leaves QEMU
	$(QEMU) -cdrom $< -display none -serial mon:stdio $(QEMU_FLAGS) || [ $$? = 1 ]

# Its check comes first: nobody waits for a build in vain.
run-gui: window-check $(BUILD)/test.iso ## the same, and a window for screen and keyboard
	$(QEMU) -cdrom $(BUILD)/test.iso -display gtk -serial mon:stdio $(QEMU_FLAGS) || [ $$? = 1 ]

window-check:
	@[ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] \
	    || { echo "run-gui: there is no display here (DISPLAY and WAYLAND_DISPLAY are empty); \`make run\` needs none"; \
	         exit 1; }
	@mkdir -p $(BUILD)
	@$(call install-unless,$(call is-installed,qemu-system-gui),qemu-system-gui)

# Ctrl-C is for gdb alone, so QEMU has a session of its own.
debug: $(BUILD)/test.iso ## stop at the kernel's entry with gdb; there `program NAME` loads a program's symbols
	$(call install-unless,command -v gdb,gdb)
	setsid $(QEMU) -cdrom $< -display none -serial file:$(BUILD)/debug.log -S -gdb tcp::$(GDB_PORT) $(QEMU_FLAGS) & \
	machine=$$!; trap : INT HUP TERM; gdb -q $(BUILD)/sluice.elf -ex 'set $$port = $(GDB_PORT)' -x boot/debug.gdb; \
	kill $$machine 2>/dev/null || true

# ---- Tests -----------------------------------------------------------------------------------------------------------

TEST_FLAGS := -std=gnu17 -g $(WARN) -MMD -MP \
              -Ipipens -Itests/host -Itests/model -Ilib -Iservers/process -Iservers/memory -Iboot
SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
PIPENS_C := $(wildcard pipens/*.c)
HOST_C := tests/host/scene.c tests/host/test_host.c $(PIPENS_C)
HOST_O := $(HOST_C:%.c=$(BUILD)/host/%.o)
HOST_TESTS := $(patsubst tests/host/%.c,$(BUILD)/host/%,$(wildcard tests/host/*_test.c))
PROGRAM_TESTS := $(patsubst tests/programs/%.c,$(BUILD)/host/%,$(wildcard tests/programs/*_test.c))
MODEL_C := $(filter-out %_main.c,$(wildcard tests/model/*.c)) tests/host/test_host.c $(PIPENS_C)
MODEL_PROGRAMS := $(BUILD)/model/random $(BUILD)/model/replay
SYSTEM_TESTS := $(wildcard tests/serial/*.t tests/bench/*.t)
SCRIPT_TESTS := $(filter-out $(SYSTEM_TESTS),$(wildcard tests/*/*.t)) \
                $(wildcard tests/bench/*_test.py tests/mutate/mutants_test.py)
SERIAL_TESTS := $(filter-out tests/serial/sluice.exp tests/serial/monitor.exp,$(wildcard tests/serial/*.exp))
PROVE := prove --timer --merge --exec ''

$(BUILD)/host/%.o: %.c | $(BUILD)/packages
	mkdir -p $(@D)
	gcc $(TEST_FLAGS) $(SANITIZE) -c -o $@ $<
$(BUILD)/host/%_test: $(BUILD)/host/tests/host/%_test.o $(HOST_O)
	gcc $(SANITIZE) -o $@ $^ -lcmocka
$(PROGRAM_TESTS): $(BUILD)/host/%: $(BUILD)/host/tests/programs/%.o
	gcc $(SANITIZE) -o $@ $^ -lcmocka
$(BUILD)/fast/%.o: %.c | $(BUILD)/packages
	mkdir -p $(@D)
	gcc $(TEST_FLAGS) -O2 -c -o $@ $<
$(BUILD)/model/%: $(BUILD)/fast/tests/model/%_main.o $(MODEL_C:%.c=$(BUILD)/fast/%.o)
	mkdir -p $(@D)
	gcc -o $@ $^

test: test-host test-system ## every test, under prove

test-host: $(HOST_TESTS) $(PROGRAM_TESTS) $(MODEL_PROGRAMS) $(BUILD)/scale ## those that run on the host
	BUILD=$(BUILD) $(PROVE) -j2 $(HOST_TESTS) $(PROGRAM_TESTS) $(SCRIPT_TESTS)

test-system: $(BUILD)/test.iso $(BUILD)/locked.iso $(BUILD)/selftest.iso $(BUILD)/sluice.iso ## those that run in QEMU
	BUILD=$(BUILD) $(PROVE) $(SYSTEM_TESTS) $(SERIAL_TESTS)

prove-pipens: $(HOST_TESTS) $(MODEL_PROGRAMS) ## the long form of what is shown about pipens, and a table; about an hour
	$(MAKE) AUDIT=1 build/audited/test.iso build/audited/selftest.iso
	$(call install-unless,command -v clang-14 && command -v afl-fuzz,$(PROVE_PACKAGES))
	tests/prove_pipens.sh $(BUILD)

explore: ## every schedule of 4 threads x 4 operations x 4 preemptions, and the planted bugs; minutes
	python3 tests/explore/run.py $(BUILD)/explore long

SCALE_C := tests/scale/scale.c tests/scale/steps.c tests/host/test_host.c $(PIPENS_C)
$(BUILD)/scale: $(SCALE_C:%.c=$(BUILD)/fast/%.o)
	gcc -o $@ $^

bench: $(BUILD)/test.iso $(BUILD)/scale ## count instructions beside Linux; build/bench.json
	tests/bench/run.sh; status=$$?; BUILD=$(BUILD) tests/scale/scale.t && exit $$status
profile: $(BUILD)/test.iso ## where a path's instructions go: make profile OP=call
	tests/bench/profile.sh $(OP)

picture: $(BUILD)/test.iso ## take the README's picture of a session anew
	tests/picture/picture.exp tests/picture/session.png

clean: ## remove build/
	rm -rf $(BUILD)

size: $(BUILD)/sluice.bin ## lines of code and bytes of each part
	python3 tests/size.py $(BUILD)

$(BUILD)/compile_commands.json: Makefile $(wildcard */*.c */*/*.c)
	$(MAKE) -Bn V=1 $(BUILD)/sluice.bin $(BUILD)/process.flat $(PROGRAMS) 2>/dev/null \
	    | python3 tests/lint/compile_commands.py >$@
compile-commands: $(BUILD)/compile_commands.json ## build/compile_commands.json, for editors

LINT_PACKAGES := clang-format-14 clang-tidy-14 cppcheck
lint: $(BUILD)/compile_commands.json $(BUILD)/test.iso ## clang-format, clang-tidy, cppcheck and the house's own bounds
	$(call install-unless,command -v clang-format-14 && command -v clang-tidy-14 && command -v cppcheck,$(LINT_PACKAGES))
	tests/lint/lint.sh $(BUILD)
format: ## give all C code its look
	clang-format-14 --style=file:tests/lint/clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: compile-commands format picture prove-pipens explore bench profile
.PHONY: help iso run run-gui window-check debug test test-host test-system clean size lint
-include $(shell find $(BUILD)/kernel $(BUILD)/user $(BUILD)/host $(BUILD)/fast -name '*.d' 2>/dev/null)
