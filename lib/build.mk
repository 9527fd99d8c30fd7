# SPDX-License-Identifier: MIT
# newlib, the library that every program links, and the programs: each folder below servers, drivers and apps is one.

# newlib does not depend on BUILD.
NEWLIB := build/newlib

$(NEWLIB)/done: lib/newlib/build.sh lib/newlib/dirent.h | $(BUILD)/packages
	echo "Building newlib (once, about a minute)"
	lib/newlib/build.sh $(NEWLIB) && touch $@

# Asked for when it is first needed, since gcc may have to be installed before.
GCC_INCLUDE = $(eval GCC_INCLUDE := $(shell gcc -print-file-name=include))$(GCC_INCLUDE)
USER_FLAGS = $(COMMON) -ffreestanding -nostdinc -isystem $(NEWLIB)/x86_64-elf/include -isystem $(GCC_INCLUDE) \
             -fno-pic -fno-pie -fcf-protection=none $(STACK_GUARD) -ffunction-sections -fdata-sections \
             -fno-omit-frame-pointer -Ilib -Ipipens -Iboot
USER_LINK := -nostdlib -static -no-pie -z noexecstack \
             -Wl,-z,max-page-size=4096,-z,separate-code,--gc-sections,--build-id=none \
             -Wl,--wrap=_calloc_r,--wrap=_memalign_r,--wrap=_pvalloc_r
USER_LIBS = $(BUILD)/user/libsluice.a $(NEWLIB)/x86_64-elf/lib/libc.a $(NEWLIB)/x86_64-elf/lib/libm.a
USER_GROUP = -Wl,--start-group $(USER_LIBS) -lgcc -Wl,--end-group
PROGRAM_C := $(wildcard servers/*/*.c drivers/*/*.c apps/*/*.c)
PROGRAM_FOLDERS := $(filter-out servers/process,$(patsubst %/,%,$(sort $(dir $(PROGRAM_C)))))
PROGRAM_NAMES := $(notdir $(PROGRAM_FOLDERS))
# Each program has addresses of its own, so that a breakpoint in one stops in no other.
PROGRAM_BASES := $(shell count=0; for name in $(PROGRAM_NAMES); do count=$$((count + 1)); \
    printf '%s=0x%x000000 ' "$$name" $$count; done)
base-of = $(patsubst $(1)=%,%,$(filter $(1)=%,$(PROGRAM_BASES)))
PROGRAMS := $(PROGRAM_NAMES:%=$(BUILD)/image/bin/%)
LIB_O := $(patsubst %.c,$(BUILD)/user/%.o,$(wildcard lib/*.c lib/protocol/*.c))
objects = $(patsubst %.c,$(BUILD)/user/%.o,$(wildcard $(1)/*.c))
$(call keep-list,user-flags,$(COMMON) $(value USER_FLAGS))
$(call keep-list,libsluice,$(LIB_O))
$(call keep-list,programs,$(PROGRAM_NAMES))

$(BUILD)/user/%.o: %.c $(NEWLIB)/done $(BUILD)/list/user-flags | $(BUILD)/packages
	mkdir -p $(@D)
	gcc $(USER_FLAGS) -I$(<D) -c -o $@ $<
$(BUILD)/user/lib/entry.o: lib/start.asm | $(BUILD)/packages
	mkdir -p $(@D)
	nasm -f elf64 -o $@ $<
$(BUILD)/user/libsluice.a: $(LIB_O) $(BUILD)/list/libsluice
	rm -f $@ && ar rcs $@ $(LIB_O)

# A program in the boot image has no symbols; its functions and source lines are a table beside it (boot/lines.py).
# $(1) is a program's folder, $(2) its name.
define program
$(call keep-list,program-$(2),$(call objects,$(1)) $(call base-of,$(2)))
$(BUILD)/user/$(2).elf: $(call objects,$(1)) $(BUILD)/user/lib/entry.o $(BUILD)/user/libsluice.a \
                        $(BUILD)/list/program-$(2)
	gcc $$(USER_LINK) -Wl,-Ttext-segment=$(call base-of,$(2)) -o $$@ $$(filter %.o,$$^) $$(USER_GROUP)
$(BUILD)/image/bin/$(2): $(BUILD)/user/$(2).elf
	mkdir -p $$(@D) && strip -o $$@ $$<
$(BUILD)/lines/$(2): $(BUILD)/user/$(2).elf boot/lines.py
	mkdir -p $$(@D) && python3 -B boot/lines.py $$< >$$@
endef
$(foreach folder,$(PROGRAM_FOLDERS),$(eval $(call program,$(folder),$(notdir $(folder)))))

# The tools' names: links to one program.
TOOL_NAMES := $(shell grep -o '^TOOL."[a-z]*' apps/tools/tools.def | cut -d '"' -f 2)
$(call keep-list,tools,$(TOOL_NAMES))
$(BUILD)/image/tools: $(BUILD)/image/bin/tools $(BUILD)/list/tools
	for name in $(TOOL_NAMES); do ln -f $< $(<D)/$$name; done
	touch $@

# The fuzzer inside the system shares the decoder of the tests of pipens, and holds their kept strings.
CORPUS := $(sort $(wildcard tests/model/corpus/*/*.bin))
$(call keep-list,corpus,$(CORPUS))
$(BUILD)/user/fuzz.elf: $(BUILD)/user/tests/model/operation.o $(BUILD)/user/corpus.o
$(BUILD)/user/apps/fuzz/%.o: USER_FLAGS += -Itests/model
$(BUILD)/user/corpus.o: $(CORPUS) $(BUILD)/list/corpus | $(BUILD)/packages
	mkdir -p $(@D)
	{ echo 'section .rodata'; echo 'global corpus_strings, corpus'; \
	    echo 'corpus_strings: dd $(words $(CORPUS))'; echo 'corpus:'; \
	    stat -c 'dw %s|incbin "%n"' $(CORPUS) | tr '|' '\n'; } >$(@:.o=.asm)
	nasm -f elf64 -o $@ $(@:.o=.asm)

# The first process is a flat image: no loader runs before it.
$(call keep-list,process,$(call objects,servers/process))
$(BUILD)/user/process.elf: $(call objects,servers/process) $(BUILD)/user/lib/entry.o $(BUILD)/user/libsluice.a \
                           servers/process/flat.ld $(BUILD)/list/process
	gcc $(USER_LINK) -Wl,-T,servers/process/flat.ld -o $@ $(filter %.o,$^) $(USER_GROUP)
$(BUILD)/process.flat: $(BUILD)/user/process.elf
	objcopy -O binary $< $@
