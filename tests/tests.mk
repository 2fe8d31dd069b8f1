# SPDX-License-Identifier: LGPL-2.1-or-later
# What is tested, and how long it may take. tests/run runs programs and prints the result.
#
#   tests/unit/test_*.c       cmocka programs of the model, built plain and with ASan and UBSan
#   tests/cli/*.sh            the programs from outside: 0 passed, 77 skipped, else failed;
#                             tests/cli/NAME.c is their helper build/check/NAME
#   tests/driver/             what runs in a Linux that is a SEV host: build/check/sev-ioctl
#   tests/boot/*.sh *.exp     guests; those with a line "# tests: quick" belong to make check
#   tests/long/*.sh           what takes long, or needs stock Bochs; make check-long only
#   tests/fuzz/fuzz_*.c       parsers of foreign bytes: corpus in make check, libFuzzer in check-long
#
# A script may say "# tests: limit=SECONDS".

units := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
unit_programs := $(units:%=$(B)/check/%)
sanitized_programs := $(units:%=$(B)/asan/check/%)

fuzzers := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_helpers := $(filter-out tests/fuzz/fuzz_% tests/fuzz/main.c tests/fuzz/psp-fuzz.c, \
	$(wildcard tests/fuzz/*.c))
corpus_programs := $(fuzzers:%=$(B)/asan/check/%)
fuzz_programs := $(fuzzers:%=$(B)/fuzz/%)

vectors := $(wildcard tests/psp-vectors*.c)
vector_program := $(if $(vectors),$(B)/check/psp-vectors)

test_sources := $(wildcard tests/unit/*.c tests/fuzz/*.c tests/cli/*.c tests/driver/*.c) $(vectors)
unit_helpers := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))

cli_tests := $(wildcard tests/cli/*.sh)
cli_helpers := $(patsubst tests/cli/%.c,$(B)/check/%,$(wildcard tests/cli/*.c))
independent := $(B)/check/verify-chain
boot_tests := $(wildcard tests/boot/*.sh tests/boot/*.exp)
long_tests := $(wildcard tests/long/*.sh)
quick_boots := $(shell [ -z "$(boot_tests)" ] || grep -l '^\# tests:.*quick' $(boot_tests))

# ---- Programs ---------------------------------------------------------------------------------------

test-programs: $(unit_programs) $(vector_program) \
	$(if $(filter yes,$(HAVE_STATIC_LIBGCRYPT)),$(B)/check/sev-ioctl) \
	$(if $(filter yes,$(HAVE_OPENSSL)),$(cli_helpers),$(filter-out $(independent),$(cli_helpers)))

$(B)/check/test_%: private libs += -lcmocka
$(B)/check/test_%: $(B)/obj/tests/unit/test_%.o $(unit_helpers:%.c=$(B)/obj/%.o) $(B)/libsev.a
	@$(link)

# What tests the importer has it linked in.
import_units := $(filter test_import%,$(units))
import_fuzzers := $(filter fuzz_import%,$(fuzzers))
$(import_units:%=$(B)/check/%): private libs += -lcmocka $(XML_LIBS)
$(import_units:%=$(B)/check/%): $(importer:%.c=$(B)/obj/%.o)
$(import_units:%=$(B)/asan/check/%): private libs += -lcmocka $(XML_LIBS)
$(import_fuzzers:%=$(B)/asan/check/%): private libs += $(XML_LIBS)
$(addprefix $(B)/asan/check/,$(import_units) $(import_fuzzers)): $(importer:%.c=$(B)/asan/obj/%.o)
$(import_fuzzers:%=$(B)/fuzz/%): private libs += $(XML_LIBS)
$(import_fuzzers:%=$(B)/fuzz/%): $(importer:%.c=$(B)/fuzz/obj/%.o)

# The one part of the guest owner's tool that is worth a test of its own.
$(B)/check/test_owner_qmp: $(B)/obj/tools/sev-owner-qmp.o
$(B)/asan/check/test_owner_qmp: $(B)/asan/obj/tools/sev-owner-qmp.o

$(B)/check/psp-vectors: $(vectors:%.c=$(B)/obj/%.o) $(B)/libsev.a
	@$(link)

$(filter-out $(independent),$(cli_helpers)): $(B)/check/%: $(B)/obj/tests/cli/%.o $(B)/libsev.a
	@$(link)

# A second implementation to compare with: nothing of the model is linked into it.
$(independent): private libs = -lcrypto
$(independent): $(B)/check/%: $(B)/obj/tests/cli/%.o
	@$(link)

# For a guest with no libraries. What the linker has to say of getpwnam in libgpg-error is left out:
# nobody calls it.
$(B)/check/sev-ioctl: private LDFLAGS = -static -s -Wl,--no-warnings
$(B)/check/sev-ioctl: private libs = -lgcrypt -lgpg-error
$(B)/check/sev-ioctl: $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/driver/*.c))
	@$(link)

# The same once more, with everything compiled for the sanitizers. private: the files these are made
# from do not inherit the flags.
sanitize = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

$(B)/asan/%: private CFLAGS += $(sanitize)

$(B)/asan/obj/%.o: %.c $(B)/how | $(tables)
	@$(compile)

$(B)/asan/libsev.a: $(model:%.c=$(B)/asan/obj/%.o) $(B)/how
	@$(archive)

$(B)/asan/check/test_%: private libs += -lcmocka
$(B)/asan/check/test_%: $(B)/asan/obj/tests/unit/test_%.o \
		$(unit_helpers:%.c=$(B)/asan/obj/%.o) $(B)/asan/libsev.a
	@$(link)

# A fuzz target with a main of ours that reads the files of its corpus.
$(B)/asan/check/fuzz_%: $(B)/asan/obj/tests/fuzz/fuzz_%.o $(B)/asan/obj/tests/fuzz/main.o \
		$(fuzz_helpers:%.c=$(B)/asan/obj/%.o) $(B)/asan/libsev.a
	@$(link)

# The Secure Processor's, with choices of its own instead of libFuzzer's. Public keys are slow under
# the sanitizers, so what computes them over and over runs without.
psp_fuzz := $(B)/asan/check/psp-fuzz $(B)/check/psp-fuzz
$(B)/asan/check/psp-fuzz: $(B)/asan/obj/tests/fuzz/psp-fuzz.o \
		$(fuzz_helpers:%.c=$(B)/asan/obj/%.o) $(B)/asan/libsev.a
	@$(link)
$(B)/check/psp-fuzz: $(B)/obj/tests/fuzz/psp-fuzz.o $(fuzz_helpers:%.c=$(B)/obj/%.o) $(B)/libsev.a
	@$(link)

# The emulator with our part of it compiled for the sanitizers; of the glue only for addresses, since
# Bochs' own headers are in it. Bochs' make says how it links, and does not do it.
asan_glue = $(glue:%.cc=$(B)/asan/glue/%.o)

$(B)/asan/glue/%.o: %.cc $(B)/glue.flags $(B)/how | $(B)/upstream.headers
	@mkdir -p $(@D)
	@echo "  CXX $< (ASan)"
	@$(CXX) @$(B)/glue.flags $(glue_flags) -O1 -g -fno-omit-frame-pointer -fsanitize=address \
		-MD -MP -c $< -o $@

$(B)/asan/bochs: $(B)/bochs $(B)/asan/libsev.a $(asan_glue)
	@echo "  LINK $@"
	@cd $(B)/upstream && $$($(MAKE) -s -n -W main.o bochs \
			SIMX86_OBJS='$(addprefix $(CURDIR)/,$(asan_glue) $(B)/asan/libsev.a)' \
			SIMX86_LINK_FLAGS='$(CURDIR)/$(B)/asan/libsev.a $(libs)' | \
		sed -e ':a' -e '/\\$$/{N;s/\\\n//;ba' -e '}' | grep -- ' -o bochs ' | \
		sed -e 's/-DBX_SHARE_PATH=[^ ]*//' \
			-e 's| -o bochs | -o $(CURDIR)/$@ -fsanitize=address,undefined |')

# libFuzzer comes with clang, which only check-long needs.
fuzz_flags = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
$(B)/fuzz/%: private CC = clang
$(B)/fuzz/%: private CFLAGS = $(fuzz_flags)
$(B)/fuzz/fuzz_%: private LDFLAGS += -fsanitize=fuzzer

$(B)/fuzz/obj/%.o: %.c $(B)/how | $(tables)
	@$(compile)

$(B)/fuzz/libsev.a: $(model:%.c=$(B)/fuzz/obj/%.o) $(B)/how
	@$(archive)

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(fuzz_helpers:%.c=$(B)/fuzz/obj/%.o) \
		$(B)/fuzz/libsev.a
	@$(link)

# ---- Runs -------------------------------------------------------------------------------------------

need-cmocka:
	@[ $(HAVE_CMOCKA) = yes ] || { \
		echo "make check needs cmocka: install Debian's libcmocka-dev, then run ./configure" >&2; \
		exit 1; }

need-openssl:
	@[ $(HAVE_OPENSSL) = yes ] || { \
		echo "make check needs OpenSSL: install Debian's libssl-dev, then run ./configure" >&2; \
		exit 1; }

run_tests = B=$(B) BOCHS_TARBALL=$(bochs_tarball) BOCHS_SHA256=$(BOCHS_SHA256) tests/run

check-unit: need-cmocka
	+@$(MAKE) --no-print-directory $(unit_programs) $(sanitized_programs) $(corpus_programs)
	@$(run_tests) $(unit_programs) $(sanitized_programs) $(corpus_programs)

everything_for_check = all assets test-programs $(sanitized_programs) $(corpus_programs) $(psp_fuzz)
quick = $(unit_programs) $(sanitized_programs) $(corpus_programs) $(cli_tests) $(quick_boots)

check: need-cmocka need-openssl
	+@$(MAKE) --no-print-directory $(everything_for_check)
	@$(run_tests) $(quick)

need-clang:
	@command -v clang >/dev/null || { \
		echo "make check-long needs clang with libFuzzer: install Debian's clang" >&2; exit 1; }

check-long: need-cmocka need-openssl need-clang
	+@$(MAKE) --no-print-directory $(everything_for_check) assets-long stock $(fuzz_programs) \
		$(B)/asan/bochs
	@$(run_tests) $(quick) $(filter-out $(quick_boots),$(boot_tests)) $(long_tests) \
		$(fuzz_programs)

# The README's two commands on fresh machines of both releases.
check-fresh:
	@tests/fresh $(B)/fresh bookworm trixie

demo: all $(B)/assets/ovmf-amdsev/OVMF.amdsev.fd $(B)/assets/kernel-6.1/vmlinuz
	@B=$(B) demo/run

.PHONY: test-programs need-cmocka need-openssl need-clang check check-unit check-long check-fresh demo
