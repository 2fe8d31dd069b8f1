/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a bare-metal test stands on: a few KiB in a ROM, no firmware, no library. The same sources
 * make 64-bit images, which start in long mode with the first 4 GiB mapped one to one and private,
 * and 32-bit images, which start unpaged. Physical memory is private wherever the runtime uses it.
 *
 * A test program defines functions and names them in TESTS(); each is one test, which fails at its
 * first expectation that does not hold. Results go to COM1.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096u

#ifdef __x86_64__
#define WORD "q" /* suffix of an instruction on a register-wide operand */
#else
#define WORD "l"
#endif

/* ---- Results ------------------------------------------------------------------------------ */

struct test {
	const char *name;
	void (*run)(void);
};
extern const struct test tests[];
extern const unsigned test_count;

/* clang-format off */
#define TEST(function) { #function, function }
/* clang-format on */
#define TESTS(...)                                   \
	const struct test tests[] = { __VA_ARGS__ }; \
	const unsigned test_count = sizeof(tests) / sizeof(tests[0])

void expect_at(unsigned line, bool holds, const char *what);
void expect_equal_at(unsigned line, uint64_t is, uint64_t should, const char *what);

#define expect(condition)	 expect_at(__LINE__, (condition), #condition)
#define expect_equal(is, should) expect_equal_at(__LINE__, (is), (should), #is)

/* What the run was configured with: the runner writes it into the ROM, before the reset vector. */
struct configuration {
	uint8_t type; /* 0: no SEV guest */
	uint8_t cbitpos, reduced_phys_bits, coherent;
	uint8_t variant; /* for images that are run twice: 0, then 1 */
	uint8_t processors;
};
#define configured ((const volatile struct configuration *)0xffffffe0)

/* ---- Processor ---------------------------------------------------------------------------- */

#define MSR_SEV_STATUS 0xc0010131u

/* The mask of the C-bit, found as a guest's firmware finds it; 0 without SEV. */
extern uint64_t c_bit;

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid c;

	asm volatile("cpuid"
		     : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
		     : "a"(leaf), "c"(subleaf));
	return c;
}

/* Also waits for everything before it, modified code included. */
static inline void serialize(void)
{
	cpuid(0, 0);
}

static inline void out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out32(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t rdmsr(uint32_t index)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t index, uint64_t value)
{
	asm volatile("wrmsr" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(index));
}

#define READ_CR(n)                                                 \
	({                                                         \
		uintptr_t value_;                                  \
		asm volatile("mov %%cr" #n ", %0" : "=r"(value_)); \
		value_;                                            \
	})
#define WRITE_CR(n, value) asm volatile("mov %0, %%cr" #n : : "r"((uintptr_t)(value)) : "memory")

static inline void flush_tlb(void)
{
	WRITE_CR(3, READ_CR(3));
}

static inline void invlpg(const volatile void *linear)
{
	asm volatile("invlpg (%0)" : : "r"(linear) : "memory");
}

/* ---- Exceptions --------------------------------------------------------------------------- */

#define NO_FAULT -1
#define GP	 13
#define PF	 14

/* Bits of a page fault's error code. */
#define PF_P	1u
#define PF_W	2u
#define PF_RSVD 8u
#define PF_I	16u

struct fault {
	int vector; /* NO_FAULT: the instruction was executed */
	uint32_t error;
	uintptr_t address; /* CR2 of a page fault */
};

/* While it is not 0, an exception is taken note of and execution goes on there. */
extern volatile uintptr_t trap_resume;
struct fault trap_taken(void);

/* Executes one instruction that may fault; evaluates to the struct fault. */
#define TRY(instruction, outputs, ...)                                             \
	({                                                                         \
		asm volatile("mov" WORD " $9f, trap_resume\n\t" instruction "\n9:" \
			     : outputs:__VA_ARGS__                                 \
			     : "memory", "cc");                                    \
		trap_taken();                                                      \
	})

struct fault try_read(const volatile void *linear);
struct fault try_write(volatile void *linear);
struct fault try_call(const volatile void *linear); /* the code there must not touch registers */
struct fault try_wrmsr(uint32_t index, uint64_t value);
struct fault try_write_cr3(uint64_t value);

#define expect_fault(fault_, vector_, error_)                                                  \
	do {                                                                                   \
		struct fault f_ = (fault_);                                                    \
		expect_equal_at(__LINE__, (uint64_t)f_.vector, vector_, "vector of " #fault_); \
		expect_equal_at(__LINE__, f_.error, error_, "error of " #fault_);              \
	} while (0)
#define expect_no_fault(fault_) \
	expect_equal_at(        \
		__LINE__, (uint64_t)(fault_).vector, (uint64_t)NO_FAULT, "vector of " #fault_)

/* ---- Memory ------------------------------------------------------------------------------- */

#define P_PRESENT  0x001ull
#define P_WRITE	   0x002ull
#define P_ACCESSED 0x020ull
#define P_DIRTY	   0x040ull
#define P_LARGE	   0x080ull
#define P_NX	   (1ull << 63)
#define P_ADDRESS  0x000ffffffffff000ull
#define P_RW	   (P_PRESENT | P_WRITE)

void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* Pages of RAM never used before, one after the other; page_new zeroes them through C=1. */
void *pages_untouched(unsigned count);
void *page_new(void);

/*
 * Page tables. level: 1 = 4 KiB, 2 = 2 MiB (4 MiB in legacy paging), 3 = 1 GiB, 4 = PML4 entry.
 * Tables are private, and only leaves get a C-bit, as in OVMF.
 */
struct paging {
	void *root;
	unsigned levels; /* 4: long mode, 3: PAE, 2: legacy */
};
extern struct paging *paging; /* what the functions below work on */

/* The entry of that level that translates linear; tables above it are made. Not for legacy. */
uint64_t *table_entry(uintptr_t linear, unsigned level);
/* Maps one leaf. physical may carry the C-bit and P_NX. */
void map(uintptr_t linear, uint64_t physical, unsigned level);
/* The same at an address of its own, in a TLB slot not shared with its neighbours. */
void *map_somewhere(uint64_t physical, unsigned level);

static inline uint64_t physical(const volatile void *identity)
{
	return (uintptr_t)identity;
}

/* A mapping of the page with C=0, and with C=1, each elsewhere than the one-to-one mapping. */
static inline void *map_shared(const void *page)
{
	return map_somewhere(physical(page), 1);
}
static inline void *map_private(const void *page)
{
	return map_somewhere(physical(page) | c_bit, 1);
}

#ifndef __x86_64__
/* Tables with RAM, APICs and ROM one to one in large leaves, private where a leaf can say so. */
void paging_new(struct paging *new, unsigned levels);
/* Switches to these tables (NULL: paging off), which `paging` then is. */
void paging_use(struct paging *new);
#endif

#ifdef __x86_64__
/* All of the first 4 GiB once more with C=0. A page lies in another TLB slot than its alias. */
#define SHARED_OFFSET 0x8000200000ull
static inline void *shared(const volatile void *identity)
{
	return (void *)((uintptr_t)identity + SHARED_OFFSET);
}
#endif

/* Reproducible bytes; different seeds differ in every 16-byte block. */
void fill(void *page, size_t size, uint32_t seed);
bool filled(const void *page, size_t size, uint32_t seed);
uint64_t random64(uint64_t *state);

/* Number of 16-byte blocks, the unit of the cipher, that differ. */
unsigned blocks_differ(const void *a, const void *b, size_t size);
#define BLOCK  16u
#define BLOCKS (PAGE / BLOCK)

/* A function that returns the value, 6 bytes; how to call it. */
void put_function(void *code, uint32_t value);
static inline uint32_t call(const volatile void *code)
{
	return ((uint32_t(*)(void))(uintptr_t)code)();
}

/* ---- Second processor (64-bit images) ----------------------------------------------------- */

/* Starts the other processor in function, with a stack of its own that ends at stack_top. */
void start_processor(void (*function)(void), void *stack_top);

#endif
