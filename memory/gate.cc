/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The gate between Bochs and the pages stored in views: interprets and removes the view bits of an
 * address, and keeps the invariant that a cached host pointer to a page exists only while the page
 * is stored in the view under which the pointer was handed out.
 */
#include "bochs.h"
#include "cpu/cpu.h"
#include "iodev/iodev.h"

#include "cpu/cpu_model.h"
#include "memory/gate.h"
#include "memory/cache_flush.h"

Bit64u sev_cmask;
Bit64u sev_walkmask;
Bit64u sev_address_mask = ~BX_CONST64(0);
Bit64u sev_reported_bits;
bool sev_active;

static const unsigned key_shift = 52; /* bits 52..62: key index of an ASID, never read from a PTE */
/* The VGA window: an address for which the memory class never hands out a pointer. */
static const bx_phy_address no_pointer = 0xa0000;
static struct sevmem *machine_memory;
static unsigned guest_key;
static bool debugging_allowed;
static struct sev_gate_stats causes;
static Bit8u host_window[SEV_HOST_WINDOW_SIZE] __attribute__((aligned(4096)));

/* Friend of BX_MEM_C (hook H34). */
struct sev_bochs_memory {
	/* Whether RAM answers here, for one direction: below 1 MiB the host bridge decides. */
	static bool is_ram(bx_phy_address addr, unsigned rw)
	{
		if (addr >= 0xa0000 && addr < 0xc0000)
			return false; /* VGA, SMRAM */
		if (addr < 0xc0000 || addr >= 0x100000)
			return true;
		if (!BX_MEM(0)->pci_enabled)
			return false;
		unsigned area = (unsigned)(addr >> 14) & 0x0f;

		if (area > BX_MEM_AREA_F0000)
			area = BX_MEM_AREA_F0000;
		return BX_MEM(0)->memory_type[area][rw & 1];
	}
	static Bit64u bios_base()
	{
		return BX_MEM(0)->bios_rom_addr;
	}
	static Bit8u *rom(bx_phy_address addr)
	{
		return &BX_MEM(0)->rom[addr & BIOS_MASK];
	}
};

static Bit8u *ram_page(void *, Bit64u offset)
{
	return offset >= 0xa0000 && offset < 0xc0000 ? NULL : BX_MEM(0)->get_vector(offset);
}

static Bit8u *rom_page(void *, Bit64u offset)
{
	Bit64u addr = BX_CONST64(0x100000000) - BIOSROMSZ + offset;

	return addr >= sev_bochs_memory::bios_base() ? sev_bochs_memory::rom(addr) : NULL;
}

template <unsigned size>
static void drop_from_tlb(TLB<size> &tlb, bx_hostpageaddr_t page)
{
	for (unsigned n = 0; n < size; n++)
		if (tlb.entry[n].valid() && tlb.entry[n].hostPageAddr == page)
			tlb.entry[n].invalidate();
}

/*
 * The four caches of host pointers that Bochs has, on every processor. The fetch pointer goes as
 * well as its window: prefetch() opens the new window before it asks for the new page, and must not
 * have it closed because the old pointer was to the page that is being fetched.
 */
static void drop_pointers(void *, Bit8u *host_page)
{
	bx_hostpageaddr_t page = (bx_hostpageaddr_t)host_page;

	for (unsigned n = 0; n < BX_SMP_PROCESSORS; n++) {
		BX_CPU_C *cpu = BX_CPU(n);

		drop_from_tlb(cpu->DTLB, page);
		drop_from_tlb(cpu->ITLB, page);
		if (cpu->eipFetchPtr == host_page) {
			cpu->eipFetchPtr = NULL;
			cpu->invalidate_prefetch_q();
		}
		if (cpu->espHostPtr == host_page)
			cpu->invalidate_stack_cache();
#if BX_SUPPORT_SVM
		if ((cpu->vmcbhostptr & ~(bx_hostpageaddr_t)0xfff) == page)
			cpu->vmcbhostptr = 0;
#endif
	}
}

/*
 * What only a hypervisor outside of the machine can offer to the Secure Processor: the firmware's
 * ROM, for the launch, and its own buffers.
 */
static bool add_launch_memory(struct sevmem *memory, const struct sevmem_host *rom)
{
	return sevmem_add(memory, BX_CONST64(0x100000000) - BIOSROMSZ, BIOSROMSZ, rom) == 0 &&
	       sevmem_add_flat(memory, SEV_HOST_WINDOW, SEV_HOST_WINDOW_SIZE, host_window) == 0;
}

struct sevmem *sev_machine_memory(void)
{
	static const struct sevmem_host ram = { NULL, ram_page, drop_pointers };
	static const struct sevmem_host rom = { NULL, rom_page, drop_pointers };

	if (machine_memory)
		return machine_memory;
	const Bit64u ram_size = BX_MEM(0)->get_memory_len();
	machine_memory = sevmem_new();
	if (!machine_memory || sevmem_add(machine_memory, 0, ram_size, &ram) < 0 ||
		(!sev_cpu.host && !add_launch_memory(machine_memory, &rom))) {
		fprintf(stderr, "bochs: not enough memory for the table of page views\n");
		exit(1);
	}
	return machine_memory;
}

uint64_t sev_bios_base(void)
{
	return sev_bochs_memory::bios_base();
}

void sev_gate_flush(void)
{
	bx_pc_system.MemoryMappingChanged();
	flushICaches();
}

void sev_gate_enable(unsigned asid, unsigned cbitpos)
{
	sev_machine_memory();
	sev_cmask = BX_CONST64(1) << cbitpos;
	sev_address_mask = BX_PHY_ADDRESS_MASK;
	guest_key = asid;
	sev_walkmask = asid ? sev_cmask : 0;
	sev_active = true;
	sev_gate_flush();
}

static unsigned wanted_key(const BX_CPU_C *cpu, bx_phy_address address)
{
	if (!cpu)
		return SEVMEM_RAW;
	unsigned key = (unsigned)(address >> key_shift) & (SEVMEM_KEYS - 1);

	return key ? key : address & sev_cmask ? guest_key : SEVMEM_RAW;
}

/*
 * Where the bytes of a bare address are kept; false: neither in RAM nor in the BIOS ROM. The last
 * 128 KiB of the ROM show again below 1 MiB where no shadow RAM answers: the same storage, so it
 * has one view state and one tweak with it.
 */
static bool locate(bx_phy_address *address, unsigned rw)
{
	*address = A20ADDR(*address);
	if (sev_bochs_memory::is_ram(*address, rw))
		return true;
	*address |= 0xfff00000;
	return *address >= 0xfffe0000;
}

static void count_cause(const BX_CPU_C *cpu, unsigned rw)
{
	if (!cpu)
		causes.device++;
	else if (rw == BX_EXECUTE)
		causes.fetch++;
	else
		causes.data++;
}

bx_phy_address sev_gate_slow(BX_CPU_C *cpu, bx_phy_address address, unsigned rw, bool keep)
{
	/*
	 * A device may be given any 64-bit address by its driver; what no memory can have must not
	 * reach the tables of the memory class, which end at 1 TiB.
	 */
	if (!cpu && (address & ~BX_PHY_ADDRESS_MASK))
		return (BX_PHY_ADDRESS_MASK & ~(bx_phy_address)0xfff) | (address & 0xfff);

	bx_phy_address bare = address & BX_PHY_ADDRESS_MASK, at = bare;
	unsigned key = wanted_key(cpu, address);

	if (!locate(&at, rw))
		return bare;
	if (cpu && keep && rw == BX_READ && sevmem_view(machine_memory, at) != key &&
		sev_flushes_cache(cpu))
		return no_pointer;

	uint64_t before = sevmem_conversions(machine_memory);

	sevmem_want(machine_memory, at, key, keep);
	if (sevmem_conversions(machine_memory) != before)
		count_cause(cpu, rw);
	return bare;
}

/* Brings every page of a range into the view that the address of its first byte asks for. */
static bx_phy_address gate_range(BX_CPU_C *cpu, bx_phy_address address, unsigned size, unsigned rw)
{
	bx_phy_address last = address + (size ? size - 1 : 0);

	for (bx_phy_address page = PPFOf(address) + 4096; page <= last; page += 4096)
		sev_gate_slow(cpu, page, rw, false);
	return sev_gate_slow(cpu, address, rw, false);
}

static bool peek(bx_phy_address address, unsigned size, Bit8u *buf, unsigned key)
{
	bx_phy_address at = address & BX_PHY_ADDRESS_MASK;

	return locate(&at, BX_READ) && sevmem_peek(machine_memory, at, key, buf, size) == 0;
}

bool sev_peek_code(bx_phy_address address, unsigned size, Bit8u *buf)
{
	return sev_active && peek(address, size, buf, guest_key);
}

/* What the debugger may see: the raw view of private memory, unless debugging is allowed. */
static bx_phy_address debugger_view(bx_phy_address address)
{
	return debugging_allowed ? address : address & BX_PHY_ADDRESS_MASK;
}

bool sev_peek(bx_phy_address address, unsigned size, Bit8u *buf)
{
	if (!sev_active)
		return false;
	address = debugger_view(address);
	return peek(address, size, buf, wanted_key(BX_CPU(0), address));
}

bx_phy_address sev_debugger_gate(BX_CPU_C *cpu, bx_phy_address address, unsigned size, unsigned rw)
{
	return sev_active ? gate_range(cpu, debugger_view(address), size, rw) : address;
}

void sev_debugger_entry(BX_CPU_C *cpu, bx_phy_address address, unsigned size, void *entry)
{
	if (!sev_active || !peek(address, size, (Bit8u *)entry, wanted_key(cpu, address)))
		BX_MEM(0)->readPhysicalPage(cpu, address, size, entry);
}

void sev_gate_allow_debugging(bool allowed)
{
	debugging_allowed = allowed;
}

struct sev_gate_stats sev_gate_statistics(void)
{
	return causes;
}
