# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: what the hooks and SEV cost, compared with stock Bochs built alike (bench/run), and how
# fast the Secure Processor's commands are (bench/psp.c; make bench-psp is that alone).

bench: all assets stock $(B)/bench/measure $(B)/bench/init bench-psp
	@B=$(B) bench/run

bench-psp: $(B)/bench/psp
	@$(B)/bench/psp $(B)/bench/psp.json

$(B)/bench/psp: $(B)/obj/bench/psp.o $(B)/obj/bench/results.o $(B)/libsev.a
	@$(link)

$(B)/bench/measure: bench/measure.c $(B)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=gnu17 -D_GNU_SOURCE $(warnings) $(CFLAGS) $< -o $@

# The guest's: static, for it is alone in its initramfs.
$(B)/bench/init: bench/init.c $(B)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=gnu17 -D_GNU_SOURCE $(warnings) -O2 -static -s $< -o $@

.PHONY: bench bench-psp
