/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pages stored in views against a naive reference: memory that holds only ciphertext and encrypts
 * on every access. Whatever is done, in whatever order, both must show the same bytes in every
 * view.
 */
#include "tests/unit/unit.h"

#include "crypto/crypto.h"
#include "memory/memory.h"

#define PAGES 24
#define SIZE  ((size_t)PAGES * SEVMEM_PAGE)
#define BASE  0x100000u
#define KEYS  4 /* views 0 (raw) .. 3 */

static const unsigned long operations = 1200000;

/* --- the reference: ciphertext, and nothing else ---------------------------------------------- */

struct naive {
	uint8_t bytes[SIZE];
	struct sev_xts *key[KEYS];
};

/* One page through a view, decrypted into copy; or back. */
static void naive_page(struct naive *n, size_t page, unsigned view, uint8_t *copy, bool store)
{
	uint8_t *bytes = n->bytes + page * SEVMEM_PAGE;
	uint64_t number = BASE / SEVMEM_PAGE + page;

	if (store) {
		memcpy(bytes, copy, SEVMEM_PAGE);
		if (n->key[view])
			sev_xts_encrypt(n->key[view], number, bytes, SEVMEM_PAGE);
	} else {
		memcpy(copy, bytes, SEVMEM_PAGE);
		if (n->key[view])
			sev_xts_decrypt(n->key[view], number, copy, SEVMEM_PAGE);
	}
}

static void naive_access(
	struct naive *n, size_t at, unsigned view, uint8_t *buf, size_t size, bool write)
{
	uint8_t copy[SEVMEM_PAGE];

	for (size_t done = 0; done < size;) {
		size_t offset = (at + done) % SEVMEM_PAGE, page = (at + done) / SEVMEM_PAGE;
		size_t part =
			SEVMEM_PAGE - offset < size - done ? SEVMEM_PAGE - offset : size - done;

		naive_page(n, page, view, copy, false);
		if (write) {
			memcpy(copy + offset, buf + done, part);
			naive_page(n, page, view, copy, true);
		} else {
			memcpy(buf + done, copy + offset, part);
		}
		done += part;
	}
}

static void naive_encrypt(struct naive *n, size_t at, size_t size, unsigned view)
{
	uint8_t *plain = malloc(size);

	assert_non_null(plain);
	naive_access(n, at, SEVMEM_RAW, plain, size, false);
	naive_access(n, at, view, plain, size, true);
	free(plain);
}

/* --- both side by side ------------------------------------------------------------------------ */

struct pair {
	struct sevmem *mem;
	uint8_t *bytes;
	struct naive *naive;
	uint64_t random;
	/* A pointer is kept into these pages, handed out for that view; drop must clear it. */
	int kept[PAGES];
	unsigned long drops;
};

static uint64_t draw(struct pair *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return p->random;
}

static uint8_t *host_page(void *ctx, uint64_t offset)
{
	return ((struct pair *)ctx)->bytes + offset;
}

static void host_drop(void *ctx, uint8_t *page)
{
	struct pair *p = ctx;
	size_t n = (size_t)(page - p->bytes) / SEVMEM_PAGE;

	assert_true(p->kept[n] >= 0);
	p->kept[n] = -1;
	p->drops++;
}

static void set_key(struct pair *p, unsigned view)
{
	uint8_t key[SEVMEM_KEY_SIZE];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)draw(p);
	assert_int_equal(sevmem_set_key(p->mem, view, key), 0);
	sev_xts_free(p->naive->key[view]);
	p->naive->key[view] = sev_xts_new(key);
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->random = 0x5eedull;
	p->mem = sevmem_new();
	p->bytes = calloc(1, SIZE);
	p->naive = calloc(1, sizeof(*p->naive));
	const struct sevmem_host host = { p, host_page, host_drop };

	assert_int_equal(sevmem_add(p->mem, BASE, SIZE, &host), 0);
	for (size_t i = 0; i < PAGES; i++)
		p->kept[i] = -1;
	for (unsigned view = 1; view < KEYS; view++)
		set_key(p, view);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	for (unsigned view = 0; view < KEYS; view++)
		sev_xts_free(p->naive->key[view]);
	sevmem_free(p->mem);
	free(p->naive);
	free(p->bytes);
	free(p);
	return 0;
}

/* Sizes as processors and devices use them, at any alignment, within a page or across. */
static void random_access(struct pair *p)
{
	static const size_t sizes[] = { 1, 2, 4, 8, 8, 16, 32, 64, 3, 4096, 5000 };
	uint8_t ours[8192], theirs[8192];
	size_t size = sizes[draw(p) % (sizeof(sizes) / sizeof(sizes[0]))];
	size_t at = draw(p) % (SIZE - size);
	unsigned view = draw(p) % KEYS;

	switch (draw(p) % 3) {
	case 0:
		for (size_t i = 0; i < size; i++)
			ours[i] = (uint8_t)draw(p);
		assert_int_equal(sevmem_write(p->mem, BASE + at, view, ours, size), 0);
		naive_access(p->naive, at, view, ours, size, true);
		return;
	case 1:
		assert_int_equal(sevmem_read(p->mem, BASE + at, view, ours, size), 0);
		break;
	default:
		assert_int_equal(sevmem_peek(p->mem, BASE + at, view, ours, size), 0);
	}
	naive_access(p->naive, at, view, theirs, size, false);
	assert_memory_equal(ours, theirs, size);
}

/* Somebody keeps a pointer: until it is dropped, the page is in that view, so reading it is right.
 */
static void random_pointer(struct pair *p)
{
	size_t page = draw(p) % PAGES, at = page * SEVMEM_PAGE + draw(p) % (SEVMEM_PAGE - 8);
	uint8_t theirs[8];

	if (p->kept[page] < 0) {
		unsigned view = draw(p) % KEYS;

		assert_ptr_equal(sevmem_want(p->mem, BASE + at, view, true), p->bytes + at);
		p->kept[page] = (int)view;
		return;
	}
	naive_access(p->naive, at, (unsigned)p->kept[page], theirs, 8, false);
	assert_memory_equal(p->bytes + at, theirs, 8);
	if (draw(p) % 2) {
		p->bytes[at] ^= 0x40;
		theirs[0] ^= 0x40;
		naive_access(p->naive, at, (unsigned)p->kept[page], theirs, 8, true);
	}
}

static void random_encrypt(struct pair *p)
{
	size_t size = draw(p) % 2 ? SEVMEM_PAGE * (1 + draw(p) % 2) : 16 * (1 + draw(p) % 600);
	size_t at = draw(p) % 2 ? SEVMEM_PAGE * (draw(p) % (PAGES - 3))
				: 16 * (draw(p) % ((SIZE - size) / 16));
	unsigned view = draw(p) % KEYS;

	assert_int_equal(sevmem_encrypt(p->mem, BASE + at, size, view), 0);
	naive_encrypt(p->naive, at, size, view);
}

static void same_raw(struct pair *p)
{
	static uint8_t raw[SIZE];

	assert_int_equal(sevmem_peek(p->mem, BASE, SEVMEM_RAW, raw, SIZE), 0);
	assert_memory_equal(raw, p->naive->bytes, SIZE);
}

static void test_against_reference(void **state)
{
	struct pair *p = *state;
	struct sevmem_stats stats;

	for (unsigned long n = 0; n < operations; n++) {
		unsigned what = draw(p) % 1000;

		if (what < 780)
			random_access(p);
		else if (what < 990)
			random_pointer(p);
		else
			random_encrypt(p);
		if (n % 20000 == 0) {
			set_key(p, 1 + n / 20000 % (KEYS - 1));
			same_raw(p);
		}
	}
	same_raw(p);
	sevmem_stats(p->mem, &stats);
	assert_int_equal(stats.drops, p->drops);
	assert_true(stats.to_private > 1000 && stats.to_raw > 1000 && stats.rekeyed > 1000 &&
		    p->drops > 1000);
}

/* --- rules one by one ------------------------------------------------------------------------- */

static void test_cipher_is_tweaked(void **state)
{
	struct pair *p = *state;
	uint8_t same[SEVMEM_PAGE], a[SEVMEM_PAGE], b[SEVMEM_PAGE];

	memset(same, 0x5a, sizeof(same));
	assert_int_equal(sevmem_write(p->mem, BASE, 1, same, sizeof(same)), 0);
	assert_int_equal(sevmem_write(p->mem, BASE + SEVMEM_PAGE, 1, same, sizeof(same)), 0);
	assert_int_equal(sevmem_read(p->mem, BASE, SEVMEM_RAW, a, sizeof(a)), 0);
	assert_int_equal(sevmem_read(p->mem, BASE + SEVMEM_PAGE, SEVMEM_RAW, b, sizeof(b)), 0);
	assert_memory_not_equal(a, same, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a)); /* another page */
	assert_memory_not_equal(a, a + 16, 16);	  /* another block */
	/* Ciphertext moved to another page is noise there, moved back it is plaintext again. */
	assert_int_equal(sevmem_write(p->mem, BASE + SEVMEM_PAGE, SEVMEM_RAW, a, sizeof(a)), 0);
	assert_int_equal(sevmem_read(p->mem, BASE + SEVMEM_PAGE, 1, b, sizeof(b)), 0);
	assert_memory_not_equal(b, same, sizeof(b));
	assert_int_equal(sevmem_write(p->mem, BASE, SEVMEM_RAW, a, sizeof(a)), 0);
	assert_int_equal(sevmem_read(p->mem, BASE, 1, b, sizeof(b)), 0);
	assert_memory_equal(b, same, sizeof(b));
}

static void test_one_bit_spoils_one_block(void **state)
{
	struct pair *p = *state;
	uint8_t before[SEVMEM_PAGE], after[SEVMEM_PAGE], byte;

	assert_int_equal(sevmem_read(p->mem, BASE, 1, before, sizeof(before)), 0);
	assert_int_equal(sevmem_read(p->mem, BASE + 100, SEVMEM_RAW, &byte, 1), 0);
	byte ^= 1;
	assert_int_equal(sevmem_write(p->mem, BASE + 100, SEVMEM_RAW, &byte, 1), 0);
	assert_int_equal(sevmem_read(p->mem, BASE, 1, after, sizeof(after)), 0);
	assert_memory_equal(before, after, 96);
	assert_memory_not_equal(before + 96, after + 96, 16);
	assert_memory_equal(before + 112, after + 112, SEVMEM_PAGE - 112);
}

static void test_view_without_key_is_raw(void **state)
{
	struct pair *p = *state;
	uint8_t secret[16] = "kept from others", raw[16], seen[16];

	assert_int_equal(sevmem_write(p->mem, BASE, 2, secret, 16), 0);
	sevmem_clear_key(p->mem, 2);
	assert_int_equal(sevmem_view(p->mem, BASE), SEVMEM_RAW);
	assert_int_equal(sevmem_read(p->mem, BASE, 2, seen, 16), 0);
	assert_int_equal(sevmem_read(p->mem, BASE, SEVMEM_RAW, raw, 16), 0);
	assert_memory_equal(seen, raw, 16);
	assert_memory_not_equal(seen, secret, 16);
}

static void test_peek_changes_nothing(void **state)
{
	struct pair *p = *state;
	struct sevmem_stats before, after;
	uint8_t buf[64];

	assert_non_null(sevmem_want(p->mem, BASE, 1, true));
	p->kept[0] = 1;
	sevmem_stats(p->mem, &before);
	for (unsigned view = 0; view < KEYS; view++)
		assert_int_equal(sevmem_peek(p->mem, BASE + 8, view, buf, sizeof(buf)), 0);
	sevmem_stats(p->mem, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(sevmem_view(p->mem, BASE), 1);
	assert_int_equal(p->kept[0], 1);
}

static void test_what_is_not_memory(void **state)
{
	struct pair *p = *state;
	uint8_t buf[64] = { 0 }, same[64] = { 0 };

	assert_null(sevmem_want(p->mem, BASE - 1, 1, false));
	assert_null(sevmem_want(p->mem, BASE + SIZE, 1, false));
	assert_int_equal(sevmem_read(p->mem, BASE + SIZE - 32, 1, buf, 64), -1);
	assert_int_equal(sevmem_write(p->mem, BASE + SIZE - 32, 1, buf, 64), -1);
	assert_int_equal(sevmem_peek(p->mem, UINT64_MAX - 8, 1, buf, 64), -1);
	assert_memory_equal(buf, same, 64);
	assert_int_equal(sevmem_encrypt(p->mem, BASE + SIZE - 16, 32, 1), -1);
	assert_int_equal(sevmem_encrypt(p->mem, BASE + 8, 16, 1), -1);
	assert_int_equal(sevmem_encrypt(p->mem, BASE, 8, 1), -1);
	assert_true(sevmem_is_memory(p->mem, BASE, SIZE));
	assert_false(sevmem_is_memory(p->mem, BASE, SIZE + 1));
	assert_false(sevmem_is_memory(p->mem, BASE, 0));
}

static void test_regions(void **state)
{
	struct pair *p = *state;
	static uint8_t more[2 * SEVMEM_PAGE];

	assert_int_equal(
		sevmem_add_flat(p->mem, BASE + SIZE - SEVMEM_PAGE, 2 * SEVMEM_PAGE, more), -1);
	assert_int_equal(sevmem_add_flat(p->mem, 0x800, SEVMEM_PAGE, more), -1);
	assert_int_equal(sevmem_add_flat(p->mem, 0, 0, more), -1);
	assert_int_equal(sevmem_add_flat(p->mem, BASE + SIZE, 2 * SEVMEM_PAGE, more), 0);
	/* An access may cross from one region into the next. */
	uint8_t buf[64], back[64];

	memset(buf, 7, sizeof(buf));
	assert_int_equal(sevmem_write(p->mem, BASE + SIZE - 32, 1, buf, 64), 0);
	assert_int_equal(sevmem_read(p->mem, BASE + SIZE - 32, 1, back, 64), 0);
	assert_memory_equal(buf, back, 64);
	assert_int_equal(sevmem_peek(p->mem, BASE + SIZE, SEVMEM_RAW, back, 32), 0);
	assert_memory_not_equal(back, buf, 32);
	assert_int_equal(sevmem_set_key(p->mem, 0, buf), -1);
	assert_int_equal(sevmem_set_key(p->mem, SEVMEM_KEYS, buf), -1);
}

static void test_forget(void **state)
{
	struct pair *p = *state;
	uint8_t text[16] = "reloaded image!", seen[16];

	assert_non_null(sevmem_want(p->mem, BASE, 1, true));
	p->kept[0] = 1;
	memcpy(p->bytes, text, 16);
	sevmem_forget(p->mem, BASE, SEVMEM_PAGE);
	assert_int_equal(p->kept[0], -1);
	assert_int_equal(sevmem_read(p->mem, BASE, SEVMEM_RAW, seen, 16), 0);
	assert_memory_equal(seen, text, 16);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_against_reference),
		RULE(test_cipher_is_tweaked),
		RULE(test_one_bit_spoils_one_block),
		RULE(test_view_without_key_is_raw),
		RULE(test_peek_changes_nothing),
		RULE(test_what_is_not_memory),
		RULE(test_regions),
		RULE(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
