/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hostile hypervisor: any sequence of commands with any buffers. The input is a list of actions;
 * some bytes are bent so that handles, addresses and lengths often mean something. Nothing may
 * crash, no status outside the ABI may come back, and a command that fails may not change the
 * platform.
 */
#include "iodev/psp/model.h"
#include "tests/psp_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static uint8_t next(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

static size_t take(struct input *in, void *out, size_t size)
{
	size_t n = size < in->size ? size : in->size;

	memset(out, 0, size);
	memcpy(out, in->data, n);
	in->data += n;
	in->size -= n;
	return n;
}

/* Making the identity is slow, and not what is tested here. */
static struct rig *fresh(void)
{
	static struct psp_identity identity;
	struct rig *rig = rig_new();

	if (!identity.provisioned) {
		if (rig_init(rig, false) != PSP_SUCCESS ||
			psp_command(rig->psp, PSP_CMD_SHUTDOWN, 0) != PSP_SUCCESS)
			abort();
		identity = rig->psp->identity;
	}
	rig->psp->identity = identity;
	return rig;
}

enum {
	BEND_HANDLE = 1,  /* first field: one of the handles in use */
	BEND_ADDRESS = 2, /* every 64-bit field: somewhere in memory */
	BEND_LENGTH = 4,  /* last field: a length that some command wants */
	WILD_BUFFER = 8,  /* the buffer's own address comes from the input */
};

static const uint32_t lengths[] = { 0x824, 0x80, 0x30, 0xd0, 0x34, 0x186c, 64, 4096, 0x100000 };

static void bend(struct rig *rig, struct input *in, unsigned how, uint8_t buffer[PSP_BUFFER_MAX])
{
	if (how & BEND_HANDLE)
		sev_put32(buffer, rig->psp->guests[next(in) % RIG_MAX_ASID].handle);
	if (how & BEND_ADDRESS) {
		for (size_t at = 8; at + 8 <= PSP_BUFFER_MAX; at += 16)
			sev_put64(buffer + at, sev_le64(buffer + at) % RIG_SIZE & ~15ull);
	}
	if (how & BEND_LENGTH) {
		uint32_t length = lengths[next(in) % (sizeof(lengths) / sizeof(lengths[0]))];

		sev_put32(buffer + 0x10, length);
		sev_put32(buffer + 0x20, length);
		sev_put32(buffer + 0x30, length);
	}
}

/* Not by PLATFORM_STATUS: a TMR may have been laid over the buffer that it would need. */
struct snapshot {
	unsigned state, guests;
};

static struct snapshot snapshot(const struct rig *rig)
{
	return (struct snapshot) { rig->psp->state, rig->psp->guest_count };
}

static void check(struct rig *rig, uint32_t id, uint64_t spa)
{
	struct snapshot before = snapshot(rig), after;
	uint16_t status = psp_command(rig->psp, id, spa);

	if (strcmp(psp_status_name(status), "unknown status") == 0)
		abort();
	after = snapshot(rig);
	if (status != PSP_SUCCESS && memcmp(&before, &after, sizeof(before)) != 0)
		abort();
	if ((after.guests > 0) != (after.state == PSP_PLATFORM_WORKING))
		abort();
}

static void command(struct rig *rig, struct input *in)
{
	uint8_t buffer[PSP_BUFFER_MAX], id = next(in);
	unsigned how = next(in);
	uint64_t spa = RIG_BUFFER;

	if (how & WILD_BUFFER)
		take(in, &spa, sizeof(spa));
	take(in, buffer, sizeof(buffer));
	bend(rig, in, how, buffer);
	rig_put(rig, RIG_BUFFER, buffer, sizeof(buffer));
	check(rig, id, spa);
}

static void write_memory(struct rig *rig, struct input *in)
{
	uint8_t bytes[256];
	uint64_t page = next(in);
	unsigned view = next(in) % (RIG_MAX_ASID + 1);
	size_t n = take(in, bytes, next(in));

	if (sevmem_write(rig->memory, page * SEVMEM_PAGE, view, bytes, n) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t tik[16] = { 1 }, tek[16] = { 2 };
	struct input in = { data, size };
	struct rig *rig = fresh();

	while (in.size > 0) {
		switch (next(&in) % 6) {
		case 0:
			write_memory(rig, &in);
			break;
		case 1:
			rig_flush(rig);
			break;
		case 2:
			psp_launch_clear_keys(rig->psp, next(&in), tik, tek);
			break;
		default:
			command(rig, &in);
		}
	}
	rig_free(rig);
	return 0;
}
