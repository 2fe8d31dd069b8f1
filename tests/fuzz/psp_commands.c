/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands as a driver gives them, and what must have come of those that were not bent. */
#include <string.h>

#include "tests/fuzz/psp_generator.h"

/* --- the platform -------------------------------------------------------------------------- */

static void no_buffer(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	generator_issue(g, id, 0);
}

/* All guests are lost, and with them states that take long to reach. */
static void shutdown(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	generator_issue(g, source_once_in(g->in, 6) ? id : CMD(NOP), 0);
}

static void df_flush(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	for (unsigned core = 0; core < CORES && !generator_sometimes(g); core++)
		world_wbinvd(g->side, core);
	generator_issue(g, id, 0);
}

static uint64_t tmr(struct generator *g)
{
	return source_once_in(g->in, 32) ? 0 : AT_TMR;
}

static void init(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	bool es = source_draw(g->in, 4) > 0;

	(void)guest;
	*BUFFER(struct psp_init, g) = (struct psp_init) {
		.options = es ? PSP_INIT_ES : 0,
		.tmr_paddr = es ? tmr(g) : 0,
		.tmr_length = es ? PSP_TMR_SIZE : 0,
	};
	generator_issue(g, id, sizeof(struct psp_init));
}

/* The host's buffer: empty in one of two ways, or as it was left. */
static void prepare_nv(struct generator *g)
{
	static uint8_t data[PSP_NV_SIZE];
	uint32_t how = source_draw(g->in, 4);

	if (how >= 2)
		return;
	memset(data, how ? 0xff : 0, sizeof(data));
	world_put(g->side, AT_NV, data, sizeof(data));
}

static void init_ex(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	bool es = source_draw(g->in, 4) > 0;

	(void)guest;
	prepare_nv(g);
	*BUFFER(struct psp_init_ex, g) = (struct psp_init_ex) {
		.length = sizeof(struct psp_init_ex),
		.options = es ? PSP_INIT_ES : 0,
		.tmr_paddr = es ? AT_TMR : 0,
		.tmr_length = es ? PSP_TMR_SIZE : 0,
		.nv_paddr = generator_address(g, AT_NV),
		.nv_length = PSP_NV_SIZE,
	};
	generator_issue(g, id, sizeof(struct psp_init_ex));
}

static void platform_status(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	const struct psp *psp = g->side->psp;
	struct psp_platform_status status = { 1, 55, (uint8_t)psp->state, 0, psp->es, { 0 }, 21,
		psp->guest_count };

	(void)guest;
	status.owner = psp->state != PSP_PLATFORM_UNINIT && psp->identity.owned;
	generator_random(g, g->buffer, sizeof(g->buffer));
	if (generator_foreseen(g, generator_issue(g, id, sizeof(status))))
		generator_must_be(g, AT_BUFFER, SEVMEM_RAW, &status, sizeof(status), "status");
}

static void get_id(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	*BUFFER(struct psp_get_id, g) = (struct psp_get_id) {
		.id_paddr = generator_address(g, AT_OUTPUT),
		.id_length = generator_sometimes(g) ? 0 : PSP_ID_SIZE * (1 + source_draw(g->in, 2)),
	};
	if (generator_foreseen(g, generator_issue(g, id, sizeof(struct psp_get_id))))
		generator_must_be(
			g, AT_OUTPUT, SEVMEM_RAW, g->side->psp->identity.id, PSP_ID_SIZE, "id");
}

static void pek_csr(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	*BUFFER(struct psp_pek_csr, g) = (struct psp_pek_csr) {
		.csr_paddr = generator_address(g, AT_CERT),
		.csr_length = generator_sometimes(g) ? 0 : sizeof(struct psp_cert),
	};
	generator_issue(g, id, sizeof(struct psp_pek_csr));
}

static void pdh_cert_export(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	*BUFFER(struct psp_pdh_cert_export, g) = (struct psp_pdh_cert_export) {
		.pdh_paddr = generator_address(g, AT_CERT),
		.pdh_length = generator_sometimes(g) ? 0 : sizeof(struct psp_cert),
		.certs_paddr = generator_address(g, AT_CHAIN),
		.certs_length = sizeof(struct psp_cert_chain),
	};
	if (generator_foreseen(g, generator_issue(g, id, sizeof(struct psp_pdh_cert_export))))
		generator_must_be(g, AT_CERT, SEVMEM_RAW, &g->side->psp->identity.pdh_cert,
			sizeof(struct psp_cert), "PDH");
}

static void download_firmware(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	(void)guest;
	*BUFFER(struct psp_download_firmware, g) = (struct psp_download_firmware) {
		.fw_paddr = generator_address(g, AT_GUEST),
		.fw_length = 1 + source_draw(g->in, 0x10000),
	};
	generator_issue(g, id, sizeof(struct psp_download_firmware));
}

/* --- contexts and ASIDs -------------------------------------------------------------------- */

static void by_handle(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	BUFFER(struct psp_handle, g)->handle = guest->handle;
	generator_issue(g, id, sizeof(struct psp_handle));
}

/* An active guest cannot be decommissioned: mostly, it is deactivated instead. */
static void decommission(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	by_handle(g, guest->asid && !generator_sometimes(g) ? CMD(DEACTIVATE) : id, guest);
}

static void guest_status(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	const struct psp_guest_status expected = { guest->handle, guest->policy, guest->asid,
		(uint8_t)guest->state };

	*BUFFER(struct psp_guest_status, g) = (struct psp_guest_status) {
		.handle = guest->handle,
		.policy = 0xffffffff,
	};
	if (generator_foreseen(g, generator_issue(g, id, sizeof(expected))))
		generator_must_be(
			g, AT_BUFFER, SEVMEM_RAW, &expected, sizeof(expected), "guest status");
}

static uint32_t choose_asid(struct generator *g, const struct psp_guest *guest)
{
	uint32_t first = guest->policy & PSP_POLICY_ES ? 1 : MIN_SEV_ASID;
	uint32_t end = guest->policy & PSP_POLICY_ES ? MIN_SEV_ASID : MAX_ASID + 1;
	uint32_t asid = first + source_draw(g->in, end - first);

	/* The next that is free and clean, from there on. */
	for (uint32_t i = 0; i < end - first && !generator_sometimes(g); i++) {
		const struct psp_asid *slot = &g->side->psp->asids[asid];

		if (!slot->dirty && !slot->bound)
			break;
		asid = asid + 1 < end ? asid + 1 : first;
	}
	return generator_sometimes(g) ? source_draw(g->in, MAX_ASID + 2) : asid;
}

/* Another guest gives way, so that those on the move are not left without an ASID. */
static void make_room(struct generator *g)
{
	const struct psp_guest *other = &g->side->psp->guests[source_draw(g->in, MAX_ASID)];

	if (other->asid && other->state != PSP_GUEST_SUPDATE && other->state != PSP_GUEST_RUPDATE)
		by_handle(g, CMD(DEACTIVATE), other);
}

static void activate(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	if (source_once_in(g->in, 4)) {
		make_room(g);
		return;
	}
	*BUFFER(struct psp_activate, g) = (struct psp_activate) {
		.handle = guest->handle,
		.asid = choose_asid(g, guest),
	};
	generator_issue(g, id, sizeof(struct psp_activate));
}

static void activate_ex(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	uint32_t ids[CORES + 1];

	for (unsigned i = 0; i <= CORES; i++)
		ids[i] = source_draw(g->in, CORES) + (source_once_in(g->in, 32) ? CORES : 0);
	world_put(g->side, AT_IDS, ids, sizeof(ids));
	*BUFFER(struct psp_activate_ex, g) = (struct psp_activate_ex) {
		.ex_length = sizeof(struct psp_activate_ex),
		.handle = guest->handle,
		.asid = choose_asid(g, guest),
		.num_ids = generator_sometimes(g) ? source_draw(g->in, 5)
						  : 1 + source_draw(g->in, CORES),
		.ids_paddr = generator_address(g, AT_IDS),
	};
	generator_issue(g, id, sizeof(struct psp_activate_ex));
}

/* --- launch -------------------------------------------------------------------------------- */

uint32_t generator_policy(struct generator *g)
{
	static const uint32_t versions[] = { 0, 0, 0, 1u << 16, 1u << 16 | 55u << 24,
		1u << 16 | 56u << 24 };
	uint32_t policy = source_draw(g->in, 64);

	/* What forbids most is there, but not half of the time. */
	if (!source_once_in(g->in, 3))
		policy &= ~(PSP_POLICY_DOMAIN | PSP_POLICY_SEV);
	if (!generator_sometimes(g))
		policy &= ~PSP_POLICY_NOSEND;
	if (!generator_sometimes(g))
		policy &= ~PSP_POLICY_NOKS;
	if (!g->side->psp->es && !generator_sometimes(g))
		policy &= ~PSP_POLICY_ES;
	policy |= versions[source_draw(g->in, 5 + generator_sometimes(g))];
	return policy | (source_once_in(g->in, 64) ? 0x40 : 0);
}

/* Some contexts are left to guests that arrive. */
static bool crowded(const struct generator *g)
{
	return g->side->psp->guest_count + 2 > MAX_ASID;
}

static void launch_start(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	if (crowded(g) && !source_once_in(g->in, 16)) {
		guest = &g->side->psp->guests[source_draw(g->in, MAX_ASID)];
		if (guest->state != PSP_GUEST_SUPDATE && guest->state != PSP_GUEST_RUPDATE)
			decommission(g, CMD(DECOMMISSION), guest);
		return;
	}
	*BUFFER(struct psp_launch_start, g) = (struct psp_launch_start) {
		.policy = generator_policy(g),
	};
	if (source_once_in(g->in, 5)) {
		const struct psp_guest *other = &g->side->psp->guests[source_draw(g->in, MAX_ASID)];

		sev_put32(g->buffer, other->handle);
		if (!generator_sometimes(g))
			sev_put32(g->buffer + 4, other->policy);
	}
	generator_issue(g, id, sizeof(struct psp_launch_start));
}

/* What was there in one view is there in the other. */
static void transfer(struct generator *g, uint8_t id, size_t size, struct range from,
	unsigned from_view, uint64_t to, unsigned to_view)
{
	uint8_t expected[PACKET_MAX];

	world_look(g->side, from.spa, from_view, expected, from.size);
	if (generator_foreseen(g, generator_issue(g, id, size)))
		generator_must_be(g, to, to_view, expected, from.size, psp_command_name(id));
}

static void launch_update(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	bool vmsa = id == CMD(LAUNCH_UPDATE_VMSA);
	uint32_t length = vmsa ? PSP_VMSA_SIZE : generator_length(g);
	struct range at = { generator_place(g, length, vmsa), length };

	*BUFFER(struct psp_launch_update, g) = (struct psp_launch_update) {
		.handle = guest->handle,
		.paddr = generator_address(g, at.spa),
		.length = length,
	};
	transfer(g, id, sizeof(struct psp_launch_update), at, SEVMEM_RAW, at.spa, guest->asid);
}

static void launch_measure(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	*BUFFER(struct psp_launch_measure, g) = (struct psp_launch_measure) {
		.handle = guest->handle,
		.paddr = generator_address(g, AT_OUTPUT),
		.length = generator_sometimes(g) ? 0 : 0x30 + 16 * source_draw(g->in, 2),
	};
	if (generator_foreseen(g, generator_issue(g, id, sizeof(struct psp_launch_measure))))
		generator_must_be(g, AT_OUTPUT, SEVMEM_RAW,
			psp_find_guest(g->side->psp, guest->handle)->measure, 32, "measurement");
}

/* --- debug and copy ------------------------------------------------------------------------ */

static void dbg(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	uint32_t length = generator_length(g);
	bool decrypt = id == CMD(DBG_DECRYPT);
	struct range from = { generator_place(g, length, false), length };
	uint64_t to = generator_place(g, length, false);

	*BUFFER(struct psp_dbg, g) = (struct psp_dbg) {
		.handle = guest->handle,
		.src_paddr = generator_address(g, from.spa),
		.dst_paddr = generator_address(g, to),
		.length = length,
	};
	transfer(g, id, sizeof(struct psp_dbg), from, decrypt ? guest->asid : SEVMEM_RAW, to,
		decrypt ? SEVMEM_RAW : guest->asid);
}

static void copy(struct generator *g, uint8_t id, const struct psp_guest *guest)
{
	uint32_t length = generator_length(g);
	struct range from = { generator_place(g, length, false), length };
	uint64_t to = generator_place(g, length, false);

	*BUFFER(struct psp_copy, g) = (struct psp_copy) {
		.handle = guest->handle,
		.length = length,
		.src_paddr = generator_address(g, from.spa),
		.dst_paddr = generator_address(g, to),
	};
	transfer(g, id, sizeof(struct psp_copy), from, guest->asid, to, guest->asid);
}

/* --- how often ----------------------------------------------------------------------------- */

enum {
	UNINIT = 1 << PSP_PLATFORM_UNINIT,
	UP = 1 << PSP_PLATFORM_INIT | 1 << PSP_PLATFORM_WORKING,
	WORKING = 1 << PSP_PLATFORM_WORKING,
	ANY = UNINIT | UP,
	LUPDATE = 1 << PSP_GUEST_LUPDATE,
	LSECRET = 1 << PSP_GUEST_LSECRET,
	RUNNING = 1 << PSP_GUEST_RUNNING,
	SUPDATE = 1 << PSP_GUEST_SUPDATE,
	RUPDATE = 1 << PSP_GUEST_RUPDATE,
	SENT = 1 << PSP_GUEST_SENT,
	LIVE = LUPDATE | LSECRET | RUNNING | SUPDATE | RUPDATE,
	EXISTS = LIVE | SENT,
	ES = PSP_POLICY_ES,
	NODBG = PSP_POLICY_NODBG,
};

/* clang-format off */
const struct action generator_actions[] = {
	{ CMD(INIT),                 20, UNINIT,  0,       ANYHOW,   0,  0,     init },
	{ CMD(INIT_EX),               2, UNINIT,  0,       ANYHOW,   0,  0,     init_ex },
	{ CMD(PDH_GEN),               1, UNINIT,  0,       ANYHOW,   0,  0,     no_buffer }, /* not legal */
	{ CMD(PLATFORM_RESET),        1, UNINIT,  0,       ANYHOW,   0,  0,     no_buffer },
	{ CMD(DOWNLOAD_FIRMWARE),     4, UNINIT,  0,       ANYHOW,   0,  0,     download_firmware },
	{ CMD(SHUTDOWN),              1, ANY,     0,       ANYHOW,   0,  0,     shutdown },
	{ CMD(PLATFORM_STATUS),       6, ANY,     0,       ANYHOW,   0,  0,     platform_status },
	{ CMD(GET_ID),                4, ANY,     0,       ANYHOW,   0,  0,     get_id },
	{ CMD(NOP),                   2, ANY,     0,       ANYHOW,   0,  0,     no_buffer },
	{ CMD(DF_FLUSH),             16, UP,      0,       ANYHOW,   0,  0,     df_flush },
	{ CMD(PEK_CSR),               3, UP,      0,       ANYHOW,   0,  0,     pek_csr },
	{ CMD(PDH_CERT_EXPORT),       3, UP,      0,       ANYHOW,   0,  0,     pdh_cert_export },
	{ CMD(LAUNCH_START),         20, UP,      0,       ANYHOW,   0,  0,     launch_start },
	{ CMD(DECOMMISSION),          3, WORKING, EXISTS,  ANYHOW,   0,  0,     decommission },
	{ CMD(DECOMMISSION),          8, WORKING, SENT,    ANYHOW,   0,  0,     decommission },
	{ CMD(ACTIVATE),             40, WORKING, LIVE,    INACTIVE, 0,  0,     activate },
	{ CMD(ACTIVATE_EX),          15, WORKING, LIVE,    INACTIVE, 0,  0,     activate_ex },
	{ CMD(ACTIVATE),              2, WORKING, EXISTS,  ANYHOW,   0,  0,     activate },
	{ CMD(DEACTIVATE),            3, WORKING, EXISTS,  ANYHOW,   0,  0,     by_handle },
	{ CMD(GUEST_STATUS),         12, WORKING, EXISTS,  ANYHOW,   0,  0,     guest_status },
	{ CMD(LAUNCH_UPDATE_DATA),   60, WORKING, LUPDATE, ACTIVE,   0,  0,     launch_update },
	{ CMD(LAUNCH_UPDATE_VMSA),   30, WORKING, LUPDATE, ACTIVE,   ES, 0,     launch_update },
	{ CMD(LAUNCH_MEASURE),       12, WORKING, LUPDATE, ANYHOW,   0,  0,     launch_measure },
	{ CMD(LAUNCH_SECRET),        40, WORKING, LSECRET, ACTIVE,   0,  0,     generator_launch_secret },
	{ CMD(LAUNCH_FINISH),        10, WORKING, LSECRET, ANYHOW,   0,  0,     by_handle },
	{ CMD(COPY),                 30, WORKING, RUNNING, ACTIVE,   0,  0,     copy },
	{ CMD(DBG_DECRYPT),          25, WORKING, LIVE,    ACTIVE,   0,  NODBG, dbg },
	{ CMD(DBG_ENCRYPT),          25, WORKING, LIVE,    ACTIVE,   0,  NODBG, dbg },
	{ CMD(SEND_UPDATE_DATA),    100, WORKING, SUPDATE, ACTIVE,   0,  0,     generator_send_update },
	{ CMD(SEND_UPDATE_VMSA),     60, WORKING, SUPDATE, ACTIVE,   ES, 0,     generator_send_update },
	{ CMD(SEND_FINISH),           2, WORKING, SUPDATE, ANYHOW,   0,  0,     by_handle },
	{ CMD(SEND_CANCEL),           2, WORKING, SUPDATE, ANYHOW,   0,  0,     by_handle },
	{ CMD(RECEIVE_UPDATE_DATA), 100, WORKING, RUPDATE, ACTIVE,   0,  0,     generator_receive_update },
	{ CMD(RECEIVE_UPDATE_VMSA),  60, WORKING, RUPDATE, ACTIVE,   ES, 0,     generator_receive_update },
	{ CMD(RECEIVE_FINISH),        3, WORKING, RUPDATE, ANYHOW,   0,  0,     by_handle },
};
/* clang-format on */
const size_t generator_action_count = sizeof(generator_actions) / sizeof(generator_actions[0]);
