# SPDX-License-Identifier: LGPL-2.1-or-later
# Which Bochs this is. A release is pinned by version and checksum; the hooks in patches/ are made
# for exactly these files.

BOCHS_VERSION = 3.0+dfsg-1
BOCHS_SUITE = trixie
BOCHS_SHA256 = 78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b

# VMX is off because its page pointers are two more caches of host addresses that nobody hooks, and
# because a CPU model cannot have both VMX and SVM.
BOCHS_CONFIGURE = --enable-x86-64 --enable-smp --enable-all-optimizations --enable-svm \
	--disable-vmx --enable-avx --enable-evex --enable-protection-keys --enable-cet \
	--enable-memtype --enable-long-phy-address --enable-e1000 \
	--enable-debugger --disable-debugger-gui --disable-show-ips --disable-readline \
	--with-nogui --without-x --enable-docbook=no

# To be given to Bochs' configure, never to its make: sub-makefiles would lose their include paths.
# -g1 keeps backtraces and halves the size of what has to be linked.
BOCHS_CXXFLAGS = -O2 -g1
