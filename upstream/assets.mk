# SPDX-License-Identifier: LGPL-2.1-or-later
# Firmware and kernels that guests boot: Debian's, unmodified, unpacked and never installed. FILE.version
# beside each says what it is. ovmf-amdsev's suite moves on, and so do point releases: any version is
# taken and reported.

assets := $(addprefix $(B)/assets/,ovmf-amdsev/OVMF.amdsev.fd ovmf/OVMF.fd \
	kernel-6.1/vmlinuz kernel-6.12/vmlinuz kernel-6.12-generic/vmlinuz)

assets: $(assets)

# What only make check-long needs.
assets-long: assets $(B)/assets/kernel-6.1-generic/vmlinuz

# given(FILE): a file named to configure replaces the one of the archive.
given = echo "  COPY $@"; mkdir -p $(@D) && cp $(1) $@.part && \
	echo "$(1) (given to configure)" >$@.version && mv $@.part $@

$(B)/assets/ovmf-amdsev/OVMF.amdsev.fd: $(with_ovmf_amdsev)
	@$(if $^,$(call given,$<),$(fetch) --instead=--with-ovmf-amdsev=FILE \
		file forky ovmf-amdsev /usr/share/ovmf/OVMF.amdsev.fd $@)

$(B)/assets/ovmf/OVMF.fd: $(with_ovmf)
	@$(if $^,$(call given,$<),$(fetch) --instead=--with-ovmf=FILE \
		file trixie ovmf /usr/share/ovmf/OVMF.fd $@)

$(B)/assets/kernel-6.1/vmlinuz: $(with_kernel_6_1)
	@$(if $^,$(call given,$<),$(fetch) --instead=--with-kernel-6.1=FILE \
		kernel bookworm linux-image-cloud-amd64 $@)

$(B)/assets/kernel-6.12/vmlinuz: $(with_kernel_6_12)
	@$(if $^,$(call given,$<),$(fetch) --instead=--with-kernel-6.12=FILE \
		kernel trixie linux-image-cloud-amd64 $@)

# The generic kernels have the driver of the Secure Processor, as a module; the cloud kernels do not.
host_modules = ccp

$(B)/assets/kernel-6.1-generic/vmlinuz: $(with_kernel_6_1_generic)
	@$(fetch) $(if $^,unpack $<,--instead=--with-kernel-6.1-generic=PACKAGE.deb \
		kernel bookworm linux-image-amd64) $@ $(host_modules)

$(B)/assets/kernel-6.12-generic/vmlinuz: $(with_kernel_6_12_generic)
	@$(fetch) $(if $^,unpack $<,--instead=--with-kernel-6.12-generic=PACKAGE.deb \
		kernel trixie linux-image-amd64) $@ $(host_modules)

# The newest kernel Debian has; only for who asks for it.
$(B)/assets/kernel-forky/vmlinuz:
	@$(fetch) --instead='another kernel' kernel forky linux-image-cloud-amd64 $@

.PHONY: assets assets-long
