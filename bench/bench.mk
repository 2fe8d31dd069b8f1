# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: what the hooks and SEV cost, compared with stock Bochs built alike (bench/run).

bench: all assets stock $(B)/bench/measure $(B)/bench/init
	@B=$(B) bench/run

$(B)/bench/measure: bench/measure.c $(B)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=gnu17 -D_GNU_SOURCE $(warnings) $(CFLAGS) $< -o $@

# The guest's: static, for it is alone in its initramfs.
$(B)/bench/init: bench/init.c $(B)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=gnu17 -D_GNU_SOURCE $(warnings) -O2 -static -s $< -o $@

.PHONY: bench
