/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Secure Processor with a little memory around it, for test programs. */
#ifndef SEV_TESTS_PSP_RIG_H
#define SEV_TESTS_PSP_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "memory/memory.h"

/* Where things lie in the rig's memory. */
#define RIG_SIZE   0x400000u
#define RIG_BUFFER 0x1000u   /* command buffer */
#define RIG_CERT   0x2000u   /* certificates, 3 pages */
#define RIG_AMD	   0x5000u   /* ASK, ARK */
#define RIG_BLOB   0x6000u   /* sessions, headers, measurements, reports */
#define RIG_TRANS  0x8000u   /* transport data, 16 KiB */
#define RIG_NV	   0x80000u  /* persistent data in the host's keeping, 32 KiB */
#define RIG_GUEST  0x100000u /* guest memory, 1 MiB */
#define RIG_TMR	   0x200000u /* firmware's memory, 1 MiB */
#define RIG_C_BIT  (1ull << 51)

#define RIG_MAX_ASID	 7
#define RIG_MIN_SEV_ASID 4 /* 1 .. 3 are for SEV-ES */
#define RIG_CORES	 2

struct rig {
	struct sevmem *memory;
	uint8_t *bytes;
	struct psp *psp;
	unsigned changed;      /* calls of asid_changed */
	unsigned last_changed; /* its ASID */
};

static inline void rig_asid_changed(void *ctx, unsigned asid)
{
	struct rig *rig = ctx;

	rig->changed++;
	rig->last_changed = asid;
}

static inline struct psp_config rig_config(struct rig *rig)
{
	return (struct psp_config) {
		.memory = rig->memory,
		.c_mask = RIG_C_BIT,
		.es_capable = true,
		.max_asid = RIG_MAX_ASID,
		.min_sev_asid = RIG_MIN_SEV_ASID,
		.cores = RIG_CORES,
		.seed = "rig",
		.seed_size = 3,
		.asid_changed = rig_asid_changed,
		.ctx = rig,
	};
}

/* Memory without a chip. */
static inline struct rig *rig_memory(void)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->bytes = calloc(1, RIG_SIZE);
	rig->memory = sevmem_new();
	if (sevmem_add_flat(rig->memory, 0, RIG_SIZE, rig->bytes) != 0)
		abort();
	return rig;
}

/* Chips of different seeds have different keys; the keys of their guests differ too. */
static inline struct rig *rig_with_seed(const char *seed)
{
	struct rig *rig = rig_memory();
	struct psp_config config = rig_config(rig);

	config.seed = seed;
	config.seed_size = strlen(seed);
	rig->psp = psp_new(&config, NULL);
	if (!rig->psp)
		abort();
	return rig;
}

static inline struct rig *rig_new(void)
{
	return rig_with_seed("rig");
}

static inline void rig_free(struct rig *rig)
{
	psp_free(rig->psp);
	sevmem_free(rig->memory);
	free(rig->bytes);
	free(rig);
}

static inline void rig_put(struct rig *rig, uint64_t spa, const void *data, size_t size)
{
	if (sevmem_write(rig->memory, spa, SEVMEM_RAW, data, size) != 0)
		abort();
}

static inline void rig_get(struct rig *rig, uint64_t spa, unsigned asid, void *data, size_t size)
{
	if (sevmem_peek(rig->memory, spa, asid, data, size) != 0)
		abort();
}

/* Executes a command with a buffer of size bytes, which comes back as the firmware left it. */
static inline uint16_t rig_command(struct rig *rig, uint32_t id, void *buffer, size_t size)
{
	uint16_t status;

	rig_put(rig, RIG_BUFFER, buffer, size);
	status = psp_command(rig->psp, id, RIG_BUFFER);
	rig_get(rig, RIG_BUFFER, SEVMEM_RAW, buffer, size);
	return status;
}

/* --- commands with their usual arguments --------------------------------------------------- */

static inline uint16_t rig_init(struct rig *rig, bool es)
{
	struct psp_init cmd = {
		.options = es ? PSP_INIT_ES : 0,
		.tmr_paddr = RIG_TMR,
		.tmr_length = PSP_TMR_SIZE,
	};

	return rig_command(rig, PSP_CMD_INIT, &cmd, sizeof(cmd));
}

/* INIT_EX with the host's buffer at RIG_NV. */
static inline uint16_t rig_init_ex(struct rig *rig, bool es)
{
	struct psp_init_ex cmd = {
		.length = sizeof(cmd),
		.options = es ? PSP_INIT_ES : 0,
		.tmr_paddr = RIG_TMR,
		.tmr_length = PSP_TMR_SIZE,
		.nv_paddr = RIG_NV,
		.nv_length = PSP_NV_SIZE,
	};

	return rig_command(rig, PSP_CMD_INIT_EX, &cmd, sizeof(cmd));
}

/* The unsigned certificate that an owner is to sign, at RIG_CERT; zeros where there is none yet. */
static inline struct psp_cert rig_csr(struct rig *rig)
{
	struct psp_pek_csr cmd = { .csr_paddr = RIG_CERT, .csr_length = sizeof(struct psp_cert) };
	struct psp_cert csr = { 0 };

	if (rig_command(rig, PSP_CMD_PEK_CSR, &cmd, sizeof(cmd)) == PSP_SUCCESS)
		rig_get(rig, RIG_CERT, SEVMEM_RAW, &csr, sizeof(csr));
	return csr;
}

static inline void rig_wbinvd(struct rig *rig)
{
	for (unsigned i = 0; i < RIG_CORES; i++)
		psp_wbinvd(rig->psp, i);
}

static inline uint16_t rig_flush(struct rig *rig)
{
	rig_wbinvd(rig);
	return psp_command(rig->psp, PSP_CMD_DF_FLUSH, 0);
}

/* A platform on which guests can be activated. */
static inline struct rig *rig_ready_with_seed(const char *seed)
{
	struct rig *rig = rig_with_seed(seed);

	if (rig_init(rig, true) != PSP_SUCCESS || rig_flush(rig) != PSP_SUCCESS)
		abort();
	return rig;
}

static inline struct rig *rig_ready(void)
{
	return rig_ready_with_seed("rig");
}

/* Without a session. handle may be NULL. */
static inline uint16_t rig_launch_start(struct rig *rig, uint32_t policy, uint32_t *handle)
{
	struct psp_launch_start cmd = { .policy = policy };
	uint16_t status = rig_command(rig, PSP_CMD_LAUNCH_START, &cmd, sizeof(cmd));

	if (handle)
		*handle = cmd.handle;
	return status;
}

/* LAUNCH_START or RECEIVE_START with the certificate at RIG_CERT and the session at RIG_BLOB. */
static inline uint16_t rig_start(struct rig *rig, uint32_t id, uint32_t policy,
	const struct psp_cert *cert, const struct psp_session *session, uint32_t *handle)
{
	struct psp_launch_start cmd = {
		.policy = policy,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(*cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(*session),
	};
	uint16_t status;

	rig_put(rig, RIG_CERT, cert, sizeof(*cert));
	rig_put(rig, RIG_BLOB, session, sizeof(*session));
	status = rig_command(rig, id, &cmd, sizeof(cmd));
	if (handle)
		*handle = cmd.handle;
	return status;
}

static inline uint16_t rig_launch_session(struct rig *rig, uint32_t policy,
	const struct psp_cert *cert, const struct psp_session *session, uint32_t *handle)
{
	return rig_start(rig, PSP_CMD_LAUNCH_START, policy, cert, session, handle);
}

/* DECOMMISSION, DEACTIVATE, LAUNCH_FINISH, SEND_FINISH, SEND_CANCEL, RECEIVE_FINISH */
static inline uint16_t rig_handle(struct rig *rig, uint32_t id, uint32_t handle)
{
	struct psp_handle cmd = { .handle = handle };

	return rig_command(rig, id, &cmd, sizeof(cmd));
}

static inline uint16_t rig_activate(struct rig *rig, uint32_t handle, uint32_t asid)
{
	struct psp_activate cmd = { .handle = handle, .asid = asid };

	return rig_command(rig, PSP_CMD_ACTIVATE, &cmd, sizeof(cmd));
}

static inline uint16_t rig_update(struct rig *rig, uint32_t handle, uint64_t spa, uint32_t length)
{
	struct psp_launch_update cmd = { .handle = handle, .paddr = spa, .length = length };

	return rig_command(rig, PSP_CMD_LAUNCH_UPDATE_DATA, &cmd, sizeof(cmd));
}

static inline uint16_t rig_update_vmsa(struct rig *rig, uint32_t handle, uint64_t spa)
{
	struct psp_launch_update cmd = { .handle = handle, .paddr = spa, .length = PSP_VMSA_SIZE };

	return rig_command(rig, PSP_CMD_LAUNCH_UPDATE_VMSA, &cmd, sizeof(cmd));
}

static inline uint16_t rig_measure(struct rig *rig, uint32_t handle, struct psp_measurement *out)
{
	struct psp_launch_measure cmd = {
		.handle = handle,
		.paddr = RIG_BLOB,
		.length = sizeof(*out),
	};
	uint16_t status = rig_command(rig, PSP_CMD_LAUNCH_MEASURE, &cmd, sizeof(cmd));

	if (out)
		rig_get(rig, RIG_BLOB, SEVMEM_RAW, out, sizeof(*out));
	return status;
}

/* The arguments of all packets: header at RIG_BLOB, data at RIG_TRANS, guest memory at spa. */
static inline struct psp_transport rig_transport(uint32_t handle, uint64_t spa, uint32_t size)
{
	return (struct psp_transport) {
		.handle = handle,
		.hdr_paddr = RIG_BLOB,
		.hdr_length = sizeof(struct psp_packet_header),
		.guest_paddr = spa,
		.guest_length = size,
		.trans_paddr = RIG_TRANS,
		.trans_length = size,
	};
}

/* LAUNCH_SECRET, RECEIVE_UPDATE_DATA, RECEIVE_UPDATE_VMSA */
static inline uint16_t rig_packet_in(struct rig *rig, uint32_t id, uint32_t handle,
	const struct psp_packet_header *header, const void *data, uint32_t size, uint64_t spa)
{
	struct psp_transport cmd = rig_transport(handle, spa, size);

	rig_put(rig, RIG_BLOB, header, sizeof(*header));
	rig_put(rig, RIG_TRANS, data, size);
	return rig_command(rig, id, &cmd, sizeof(cmd));
}

static inline uint16_t rig_secret(struct rig *rig, uint32_t handle,
	const struct psp_packet_header *header, const void *data, uint32_t size, uint64_t spa)
{
	return rig_packet_in(rig, PSP_CMD_LAUNCH_SECRET, handle, header, data, size, spa);
}

/* SEND_UPDATE_DATA, SEND_UPDATE_VMSA */
static inline uint16_t rig_packet_out(struct rig *rig, uint32_t id, uint32_t handle, uint64_t spa,
	uint32_t size, struct psp_packet_header *header, void *data)
{
	struct psp_transport cmd = rig_transport(handle, spa, size);
	uint16_t status = rig_command(rig, id, &cmd, sizeof(cmd));

	rig_get(rig, RIG_BLOB, SEVMEM_RAW, header, sizeof(*header));
	rig_get(rig, RIG_TRANS, SEVMEM_RAW, data, size);
	return status;
}

static inline struct psp_platform_status rig_status(struct rig *rig)
{
	struct psp_platform_status cmd = { 0 };

	if (rig_command(rig, PSP_CMD_PLATFORM_STATUS, &cmd, sizeof(cmd)) != PSP_SUCCESS)
		abort();
	return cmd;
}

/* A guest in state LUPDATE, with an ASID and transport keys in the clear. */
static inline uint32_t rig_guest(struct rig *rig, uint32_t policy, uint32_t asid,
	const uint8_t tik[16], const uint8_t tek[16])
{
	uint32_t handle;

	if (rig_launch_start(rig, policy, &handle) != PSP_SUCCESS ||
		(asid && rig_activate(rig, handle, asid) != PSP_SUCCESS) ||
		(tik && psp_launch_clear_keys(rig->psp, handle, tik, tek) != PSP_SUCCESS))
		abort();
	return handle;
}

#endif
