# SPDX-License-Identifier: MIT
# The tests, and what looks at the code. A target that a person calls builds first, with a job for each processor.

TEST_FLAGS := -std=gnu17 -g $(WARN) -MMD -MP \
              -Ipipens -Itests/host -Itests/model -Ilib -Iboot \
              $(patsubst %,-Iservers/%,process memory memfs log)
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
PROVE := prove --timer --merge --failures --comments --exec
$(call keep-list,pipens,$(PIPENS_C))

$(BUILD)/host/%.o: %.c | $(BUILD)/packages
	mkdir -p $(@D)
	gcc $(TEST_FLAGS) $(SANITIZE) -c -o $@ $<
$(BUILD)/host/%_test: $(BUILD)/host/tests/host/%_test.o $(HOST_O) $(BUILD)/list/pipens
	gcc $(SANITIZE) -o $@ $(filter %.o,$^) -lcmocka
	echo "built $@"
$(PROGRAM_TESTS): $(BUILD)/host/%: $(BUILD)/host/tests/programs/%.o
	gcc $(SANITIZE) -o $@ $^ -lcmocka
	echo "built $@"
$(BUILD)/fast/%.o: %.c | $(BUILD)/packages
	mkdir -p $(@D)
	gcc $(TEST_FLAGS) -O2 -c -o $@ $<
$(BUILD)/model/%: $(BUILD)/fast/tests/model/%_main.o $(MODEL_C:%.c=$(BUILD)/fast/%.o) $(BUILD)/list/pipens
	mkdir -p $(@D)
	gcc -o $@ $(filter %.o,$^)
SCALE_C := tests/scale/scale.c tests/scale/steps.c tests/host/test_host.c $(PIPENS_C)
$(BUILD)/scale: $(SCALE_C:%.c=$(BUILD)/fast/%.o) $(BUILD)/list/pipens
	gcc -o $@ $(filter %.o,$^)

# Cases of the shell's language, which dash answers too: each paragraph of tests/language/*.cases but the first
# is one, in a file of the boot image.
LANGUAGE := $(BUILD)/language
CASES := $(sort $(wildcard tests/language/*.cases))
$(LANGUAGE)/boot.tar: $(BUILD)/boot.tar $(CASES) tests/language/run.sh
	rm -rf $(LANGUAGE)/cases && mkdir -p $(LANGUAGE)/cases && cp tests/language/run.sh $(LANGUAGE)/cases
	for file in $(CASES); do \
	    awk -v RS= -v form=$(LANGUAGE)/cases/$$(basename $$file .cases)-%02d \
	        'NR > 1 { f = sprintf(form, NR - 1); print >f; close(f) }' $$file; \
	done
	cp $< $@ && tar --format=ustar --owner=0 --group=0 --mtime=@0 --sort=name -rf $@ -C $(LANGUAGE) cases
$(LANGUAGE)/language.iso: $(patsubst $(BUILD)/boot.tar,$(LANGUAGE)/boot.tar,$(ISO_PARTS))
	$(call make-iso,0,0)

test: test-host test-system ## every test, under prove

HOST_PARTS := $(HOST_TESTS) $(PROGRAM_TESTS) $(MODEL_PROGRAMS) $(BUILD)/scale
test-host: setup ## those that run on the host
	$(PARALLEL) $(HOST_PARTS)
	BUILD=$(BUILD) $(PROVE) tests/told.sh -j2 $(HOST_TESTS) $(PROGRAM_TESTS) $(SCRIPT_TESTS)

IMAGES := $(BUILD)/test.iso $(BUILD)/locked.iso $(BUILD)/selftest.iso $(BUILD)/sluice.iso $(LANGUAGE)/language.iso
test-system: setup ## those that run in QEMU
	$(PARALLEL) $(IMAGES)
	BUILD=$(BUILD) $(PROVE) '' -j2 $(SYSTEM_TESTS) $(SERIAL_TESTS)

check: $(NEWLIB)/done ## the tests that reach a file, in seconds: make check FILE=pipens/calls.c
	[ -n "$(FILE)" ] || { echo "check: FILE is missing: make check FILE=pipens/calls.c"; exit 2; }
	+BUILD=$(BUILD) tests/check/check.py $(FILE)

N := 20
FILES := $(SYSTEM_TESTS) $(SERIAL_TESTS)
test-often: $(NEWLIB)/done ## these N=20 times beside two busy loops, or FILES='...' of them, and a table of failures
	$(PARALLEL) $(IMAGES)
	BUILD=$(BUILD) tests/often/often.py --jobs 2 $(N) $(FILES)

# Two machines side by side at most: one has 16 GiB.
MACHINE_TESTS := $(filter-out tests/machines/machine.exp,$(wildcard tests/machines/*.exp))
test-machines: $(NEWLIB)/done ## a table of machines: each boots, runs commands and switches off; ten minutes
	$(PARALLEL) $(BUILD)/test.iso
	BUILD=$(BUILD) $(PROVE) '' -j2 $(MACHINE_TESTS)

prove-pipens: $(NEWLIB)/done ## the long form of what is shown about pipens, and a table; about an hour
	$(call need-commands,clang-14 afl-fuzz)
	$(PARALLEL) $(HOST_TESTS) $(MODEL_PROGRAMS)
	$(PARALLEL) AUDIT=1 build/audited/test.iso build/audited/selftest.iso
	tests/prove_pipens.sh $(BUILD)

test-bochs: $(NEWLIB)/done ## the self-test and some commands in Bochs, another emulator; minutes
	$(call need-commands,bochs)
	$(PARALLEL) $(BUILD)/test.iso
	BUILD=$(BUILD) $(PROVE) '' tests/bochs/bochs.exp

explore: ## every schedule of 4 threads x 4 operations x 4 preemptions, and the planted bugs; minutes
	python3 tests/explore/run.py $(BUILD)/explore long

bench: $(NEWLIB)/done ## count instructions beside Linux; build/bench.json
	$(PARALLEL) $(BUILD)/test.iso $(BUILD)/scale
	tests/bench/run.sh; status=$$?; BUILD=$(BUILD) tests/scale/scale.t && exit $$status
profile: $(NEWLIB)/done ## where a path's instructions go: make profile OP=call
	$(PARALLEL) $(BUILD)/test.iso
	tests/bench/profile.sh $(OP)

OUT := $(BUILD)/capture.pcapng
COMMANDS := beep 440 20; tiny; ls /boot
capture: $(NEWLIB)/done ## run COMMANDS='...' and write all that passed to OUT=build/capture.pcapng, for Wireshark
	$(PARALLEL) $(BUILD)/test.iso
	BUILD=$(BUILD) tests/capture/capture.exp '$(OUT)' '$(COMMANDS)'
	echo "$(OUT): wireshark -X lua_script:lib/wireshark/sluice.lua $(OUT)"
graph: $(NEWLIB)/done ## who talks to whom at the first prompt: build/graph.dot and build/graph.svg
	$(call need-commands,dot)
	$(PARALLEL) $(BUILD)/test.iso
	tests/picture/graph.exp $(BUILD)/graph.dot >/dev/null
	dot -Tsvg -o $(BUILD)/graph.svg $(BUILD)/graph.dot
	echo "$(BUILD)/graph.svg"
picture: $(NEWLIB)/done ## take the README's picture of a session anew
	$(PARALLEL) $(BUILD)/test.iso
	tests/picture/picture.exp tests/picture/session.png

size: $(NEWLIB)/done ## lines of code and bytes of each part
	$(PARALLEL) $(BUILD)/sluice.bin
	python3 tests/size.py $(BUILD)

$(BUILD)/compile_commands.json: Makefile $(wildcard *.mk */*.mk */*.c */*/*.c)
	$(MAKE) -Bn V=1 $(BUILD)/sluice.bin $(BUILD)/process.flat $(PROGRAMS) 2>/dev/null \
	    | python3 tests/lint/compile_commands.py >$@
compile-commands: $(BUILD)/compile_commands.json ## build/compile_commands.json, for editors

lint: $(NEWLIB)/done ## clang-format, clang-tidy, cppcheck and the house's own bounds
	$(call need-commands,clang-format-14 clang-tidy-14 cppcheck)
	$(PARALLEL) $(BUILD)/compile_commands.json $(BUILD)/test.iso
	tests/lint/lint.sh $(BUILD)
format: ## give all C code its look
	clang-format-14 --style=file:tests/lint/clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: test test-host test-system test-often check test-machines test-bochs prove-pipens explore
.PHONY: bench profile capture graph picture size compile-commands lint format
