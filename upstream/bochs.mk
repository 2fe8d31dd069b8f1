# SPDX-License-Identifier: LGPL-2.1-or-later
# Which Bochs this is and how it is obtained, verified, hooked and built. A release is pinned by
# version and checksum; the hooks in patches/ are made for exactly these files.

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

# For Bochs' configure, never for its make: sub-makefiles would lose their include paths. -g1 keeps
# backtraces and halves the size of what has to be linked.
BOCHS_CXXFLAGS = -O2 -g1

# ---- Obtain -----------------------------------------------------------------------------------------

bochs_tarball := $(or $(with_bochs_tarball),$(B)/download/bochs-$(BOCHS_VERSION).tar.xz)

$(B)/download/bochs-$(BOCHS_VERSION).tar.xz:
	@$(fetch) --instead=--with-bochs-tarball=FILE \
		source $(BOCHS_SUITE) bochs=$(BOCHS_VERSION) $(BOCHS_SHA256) $@

# ---- Verify and hook; the same release without hooks, for comparison, is build/stock -----------------

hooks := $(wildcard upstream/patches/*)

$(B)/upstream.applied: $(bochs_tarball) upstream/apply upstream/bochs.mk $(hooks)
	@echo "  HOOK $(B)/upstream"
	@upstream/apply $(bochs_tarball) $(BOCHS_SHA256) $(B)/upstream upstream/patches/series
	@ln -sfn ../.. $(B)/upstream/sev
	@touch $@

$(B)/stock.applied: $(bochs_tarball) upstream/apply upstream/bochs.mk
	@echo "  UNPACK $(B)/stock"
	@upstream/apply $(bochs_tarball) $(BOCHS_SHA256) $(B)/stock
	@touch $@

# ---- Configure --------------------------------------------------------------------------------------

bochs_configure = ./configure --prefix=$(prefix) $(strip $(BOCHS_CONFIGURE)) CC='$(CC)' \
	CXX='$(CXX)' CFLAGS='$(BOCHS_CXXFLAGS)' CXXFLAGS='$(BOCHS_CXXFLAGS)'

# Once per set of options: a changed hook does not reconfigure, changed options make every object
# stale.
$(B)/%.configured: $(B)/%.applied Makefile
	@if [ ! -e $(B)/$*/config.status ] || \
		[ "$$(cat $@ 2>/dev/null)" != "$$(echo "$(bochs_configure)")" ]; then \
		echo "  CONFIGURE $(B)/$*"; \
		rm -f $@; \
		find $(B)/$* -name '*.[oa]' -exec rm -f {} +; \
		(cd $(B)/$* && $(bochs_configure)) >$(B)/$*-configure.log 2>&1 || { \
			tail -n 20 $(B)/$*-configure.log >&2; \
			echo "configuring Bochs failed (log: $(B)/$*-configure.log)" >&2; \
			exit 1; }; \
	fi
	@echo "$(bochs_configure)" >$@

# Bochs' dependency lists do not know the headers that hooks include: when one changes, the upstream
# file that includes it is touched in its place.
hook_headers := $(shell sed -n 's|^+\#include "sev/\([^"]*\)".*|\1|p' $(hooks) 2>/dev/null)

$(B)/upstream.headers: $(B)/upstream.configured $(hook_headers)
	@for header in $(filter $(hook_headers),$?); do \
		awk -v header="$$header" \
			'/^\+\+\+ /{ file = $$2; sub(/^b\//, "", file) } \
			index($$0, "+#include \"sev/" header "\"") == 1 { print "$(B)/upstream/" file }' \
			upstream/patches/*.patch | xargs touch; \
	done
	@touch $@

# ---- Build: Bochs' own make knows what of Bochs is stale, and links ---------------------------------

# Bochs' flags, so that its headers mean the same to our glue.
$(B)/glue.flags: $(B)/upstream.configured
	@printf 'include Makefile\nflags:;@echo $$(CPPFLAGS) $$(CXXFLAGS)\n' | \
		$(MAKE) -s --no-print-directory -C $(B)/upstream -f - flags | \
		sed 's/-DBX_SHARE_PATH=[^ ]*//' >$@.new
	@$(replace_if_changed)

$(B)/bochs: FORCE $(B)/libsev.a $(glue_objects) $(B)/upstream.headers
	+@MAKE='$(MAKE)' upstream/build $(B)/upstream \
		SIMX86_OBJS='$(addprefix $(CURDIR)/,$(glue_objects) $(B)/libsev.a)' \
		SIMX86_LINK_FLAGS='$(CURDIR)/$(B)/libsev.a $(libs)'
	@[ $(B)/upstream/bochs -ef $@ ] || { echo "  LINK $@"; ln -f $(B)/upstream/bochs $@; }

$(B)/stock/bochs: FORCE $(B)/stock.configured
	+@MAKE='$(MAKE)' upstream/build $(B)/stock

stock: $(B)/stock/bochs
.PHONY: stock
