#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A SEV guest with measured direct boot, as QEMU's documentation on AMD memory encryption has it.
exec qemu-system-x86_64 \
	-enable-kvm \
	-cpu EPYC-v4 \
	-machine q35,confidential-guest-support=sev0 \
	-smp 1 -m 512M \
	-no-reboot \
	-bios /srv/sev/OVMF.amdsev.fd \
	-kernel /srv/sev/vmlinuz \
	-initrd /srv/sev/initrd.img \
	-append "console=ttyS0 demo.words=\"a b\"" \
	-object sev-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0x1,kernel-hashes=on \
	-netdev user,id=vmnic -device virtio-net-pci,disable-legacy=on,netdev=vmnic,romfile= \
	-nographic \
	"$@"
