# SPDX-License-Identifier: MIT
# The boot image (manifest, font, programs) and the ISOs.

# The console's font where the screen has pixels. `make setup` downloads its package and unpacks it, since installing it
# would change the console of this machine. The font does not depend on BUILD.
FONT_PACKAGE := console-setup-linux
FONT_NAME := Uni2-VGA16
FONT := build/image/font.psf

$(FONT):
	echo "The console's font is not there: \`make setup\` downloads it"; exit 1
.PHONY: download-font
download-font:
	echo "Downloading by apt: $(FONT_PACKAGE)"
	mkdir -p $(dir $(FONT)) build/font
	cd build/font && { apt-get download $(FONT_PACKAGE) \
	        || { $(SUDO) apt-get update -qq && apt-get download $(FONT_PACKAGE); }; } >log 2>&1 \
	    && dpkg-deb -x $(FONT_PACKAGE)_*.deb . \
	    || { echo "The font's package, $(FONT_PACKAGE), is unavailable:"; tail -5 log; exit 1; }
	zcat build/font/usr/share/consolefonts/$(FONT_NAME).psf.gz >$(FONT)
	rm -rf build/font

# The image's manifest is a checked copy of MANIFEST. Its contents count, not which file is newer, and it is checked
# again when the list of programs changes.
$(call keep-list,manifest,$(shell sha256sum <$(MANIFEST)))
$(BUILD)/manifest-check: boot/manifest_check.c servers/process/manifest.c lib/words.c | $(BUILD)/packages
	mkdir -p $(@D)
	gcc -std=gnu17 -O1 $(WARN) -Iservers/process -Ilib -Ipipens -MMD -MP -o $@ $(filter %.c,$^)
$(BUILD)/image/manifest: $(BUILD)/list/manifest $(BUILD)/manifest-check $(BUILD)/list/programs
	mkdir -p $(@D)
	$(BUILD)/manifest-check $(MANIFEST) $(PROGRAM_NAMES) && cp $(MANIFEST) $@

# All tables in one file: a boot reads the heads of all files again and again.
$(BUILD)/image/lines: $(PROGRAM_NAMES:%=$(BUILD)/lines/%) $(BUILD)/list/programs
	mkdir -p $(@D)
	for program in $(PROGRAM_NAMES); do echo "# $$program"; cat $(BUILD)/lines/$$program; done >$@

# Debian's own programs, as their packages have installed them, for servers/linux. busybox-static is static.
BUSYBOX := /bin/busybox
$(BUILD)/image/linux/busybox: $(BUILD)/list/packages | $(BUILD)/packages
	mkdir -p $(@D)
	[ -f $(BUSYBOX) ] || { echo "$(BUSYBOX) is missing: \`make setup\` installs it"; exit 1; }
	cp -L $(BUSYBOX) $@

# The image holds the programs of the list and no other, though an earlier build left more.
$(BUILD)/boot.tar: $(PROGRAMS) $(BUILD)/image/tools $(BUILD)/image/lines $(BUILD)/image/manifest $(FONT) \
                   $(BUILD)/image/linux/busybox \
                   $(BUILD)/list/programs
	tar --format=ustar --owner=0 --group=0 --mtime=@0 --no-recursion -cf $@ -C $(BUILD)/image manifest bin \
	    $(PROGRAM_NAMES:%=bin/%) $(TOOL_NAMES:%=bin/%) lines linux/busybox -C $(abspath $(dir $(FONT))) $(notdir $(FONT))

ISO_PARTS := $(BUILD)/sluice.bin $(BUILD)/process.flat $(BUILD)/boot.tar boot/grub.cfg
define make-iso
	rm -rf $@.d && mkdir -p $@.d/boot/grub
	cp $(filter-out boot/grub.cfg,$^) $@.d/boot/
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
