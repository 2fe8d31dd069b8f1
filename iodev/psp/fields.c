/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iodev/psp/fields.h"

#include "iodev/psp/psp_abi.h"

#define PLACE(type, member)                                       \
	.name = #member, .offset = offsetof(struct type, member), \
	.size = sizeof(((struct type *)0)->member)

/* Rows: the structure and its member; the way; the kind. */
#define FIELD(type, member, which_way, what)                                                \
	{                                                                                   \
		PLACE(type, member), .way = PSP_FIELD_##which_way, .kind = PSP_FIELD_##what \
	}

/* An address, the length of what lies there, whether that is read or written, and what it is. */
#define BEHIND(type, member, length, which_way, what)                                \
	{                                                                            \
		PLACE(type, member), .way = PSP_FIELD_IN, .kind = PSP_FIELD_ADDRESS, \
				     .content = PSP_CONTENT_##what,                  \
				     .content_way = PSP_FIELD_##which_way,           \
				     .length_at = offsetof(struct type, length)      \
	}

#define RESERVED(type, member)                                 \
	{                                                      \
		PLACE(type, member), .way = PSP_FIELD_RESERVED \
	}

#define END                  \
	{                    \
		.name = NULL \
	}

/* clang-format off */

/* --- the platform -------------------------------------------------------------------------- */

static const struct psp_field init[] = {
	FIELD(psp_init, options, IN, FLAGS),
	RESERVED(psp_init, reserved),
	FIELD(psp_init, tmr_paddr, IN, ADDRESS),
	FIELD(psp_init, tmr_length, IN, NUMBER),
	END,
};

static const struct psp_field init_ex[] = {
	FIELD(psp_init_ex, length, IN, NUMBER),
	FIELD(psp_init_ex, options, IN, FLAGS),
	FIELD(psp_init_ex, tmr_paddr, IN, ADDRESS),
	FIELD(psp_init_ex, tmr_length, IN, NUMBER),
	RESERVED(psp_init_ex, reserved),
	FIELD(psp_init_ex, nv_paddr, IN, ADDRESS),
	FIELD(psp_init_ex, nv_length, IN, NUMBER),
	END,
};

static const struct psp_field platform_status[] = {
	FIELD(psp_platform_status, api_major, OUT, NUMBER),
	FIELD(psp_platform_status, api_minor, OUT, NUMBER),
	FIELD(psp_platform_status, state, OUT, PLATFORM_STATE),
	FIELD(psp_platform_status, owner, OUT, NUMBER),
	FIELD(psp_platform_status, config_es, OUT, NUMBER),
	RESERVED(psp_platform_status, reserved),
	FIELD(psp_platform_status, build, OUT, NUMBER),
	FIELD(psp_platform_status, guest_count, OUT, NUMBER),
	END,
};

static const struct psp_field pek_csr[] = {
	BEHIND(psp_pek_csr, csr_paddr, csr_length, OUT, CERT),
	FIELD(psp_pek_csr, csr_length, IO, NUMBER),
	END,
};

static const struct psp_field pek_cert_import[] = {
	BEHIND(psp_pek_cert_import, pek_paddr, pek_length, IN, CERT),
	FIELD(psp_pek_cert_import, pek_length, IN, NUMBER),
	RESERVED(psp_pek_cert_import, reserved),
	BEHIND(psp_pek_cert_import, oca_paddr, oca_length, IN, CERT),
	FIELD(psp_pek_cert_import, oca_length, IN, NUMBER),
	END,
};

static const struct psp_field pdh_cert_export[] = {
	BEHIND(psp_pdh_cert_export, pdh_paddr, pdh_length, OUT, CERT),
	FIELD(psp_pdh_cert_export, pdh_length, IO, NUMBER),
	RESERVED(psp_pdh_cert_export, reserved),
	BEHIND(psp_pdh_cert_export, certs_paddr, certs_length, OUT, CHAIN),
	FIELD(psp_pdh_cert_export, certs_length, IO, NUMBER),
	END,
};

static const struct psp_field download_firmware[] = {
	BEHIND(psp_download_firmware, fw_paddr, fw_length, IN, FIRMWARE),
	FIELD(psp_download_firmware, fw_length, IN, NUMBER),
	END,
};

static const struct psp_field get_id[] = {
	BEHIND(psp_get_id, id_paddr, id_length, OUT, ID),
	FIELD(psp_get_id, id_length, IO, NUMBER),
	END,
};

/* --- guests -------------------------------------------------------------------------------- */

static const struct psp_field guest_handle[] = {
	FIELD(psp_handle, handle, IN, HANDLE),
	END,
};

static const struct psp_field activate[] = {
	FIELD(psp_activate, handle, IN, HANDLE),
	FIELD(psp_activate, asid, IN, NUMBER),
	END,
};

static const struct psp_field activate_ex[] = {
	FIELD(psp_activate_ex, ex_length, IN, NUMBER),
	FIELD(psp_activate_ex, handle, IN, HANDLE),
	FIELD(psp_activate_ex, asid, IN, NUMBER),
	FIELD(psp_activate_ex, num_ids, IN, NUMBER),
	BEHIND(psp_activate_ex, ids_paddr, num_ids, IN, CORES),
	END,
};

static const struct psp_field guest_status[] = {
	FIELD(psp_guest_status, handle, IN, HANDLE),
	FIELD(psp_guest_status, policy, OUT, POLICY),
	FIELD(psp_guest_status, asid, OUT, NUMBER),
	FIELD(psp_guest_status, state, OUT, GUEST_STATE),
	END,
};

static const struct psp_field copy[] = {
	FIELD(psp_copy, handle, IN, HANDLE),
	FIELD(psp_copy, length, IN, NUMBER),
	FIELD(psp_copy, src_paddr, IN, ADDRESS),
	FIELD(psp_copy, dst_paddr, IN, ADDRESS),
	END,
};

/* --- launch; RECEIVE_START too ------------------------------------------------------------- */

static const struct psp_field start[] = {
	FIELD(psp_launch_start, handle, IO, HANDLE),
	FIELD(psp_launch_start, policy, IN, POLICY),
	BEHIND(psp_launch_start, dh_cert_paddr, dh_cert_length, IN, CERT),
	FIELD(psp_launch_start, dh_cert_length, IN, NUMBER),
	RESERVED(psp_launch_start, reserved),
	BEHIND(psp_launch_start, session_paddr, session_length, IN, SESSION),
	FIELD(psp_launch_start, session_length, IN, NUMBER),
	END,
};

static const struct psp_field launch_update[] = {
	FIELD(psp_launch_update, handle, IN, HANDLE),
	RESERVED(psp_launch_update, reserved),
	BEHIND(psp_launch_update, paddr, length, OUT, MEASURED),
	FIELD(psp_launch_update, length, IN, NUMBER),
	END,
};

static const struct psp_field launch_measure[] = {
	FIELD(psp_launch_measure, handle, IN, HANDLE),
	RESERVED(psp_launch_measure, reserved),
	BEHIND(psp_launch_measure, paddr, length, OUT, MEASUREMENT),
	FIELD(psp_launch_measure, length, IO, NUMBER),
	END,
};

/* LAUNCH_SECRET, RECEIVE_UPDATE_DATA, RECEIVE_UPDATE_VMSA */
static const struct psp_field packet_in[] = {
	FIELD(psp_transport, handle, IN, HANDLE),
	RESERVED(psp_transport, reserved0),
	BEHIND(psp_transport, hdr_paddr, hdr_length, IN, HEADER),
	FIELD(psp_transport, hdr_length, IN, NUMBER),
	RESERVED(psp_transport, reserved1),
	FIELD(psp_transport, guest_paddr, IN, ADDRESS),
	FIELD(psp_transport, guest_length, IN, NUMBER),
	RESERVED(psp_transport, reserved2),
	FIELD(psp_transport, trans_paddr, IN, ADDRESS),
	FIELD(psp_transport, trans_length, IN, NUMBER),
	END,
};

static const struct psp_field attestation[] = {
	FIELD(psp_attestation, handle, IN, HANDLE),
	RESERVED(psp_attestation, reserved),
	BEHIND(psp_attestation, paddr, length, OUT, REPORT),
	FIELD(psp_attestation, mnonce, IN, BYTES),
	FIELD(psp_attestation, length, IO, NUMBER),
	END,
};

/* --- migration, debugging ------------------------------------------------------------------ */

static const struct psp_field send_start[] = {
	FIELD(psp_send_start, handle, IN, HANDLE),
	FIELD(psp_send_start, policy, OUT, POLICY),
	BEHIND(psp_send_start, pdh_cert_paddr, pdh_cert_length, IN, CERT),
	FIELD(psp_send_start, pdh_cert_length, IN, NUMBER),
	RESERVED(psp_send_start, reserved0),
	BEHIND(psp_send_start, plat_certs_paddr, plat_certs_length, IN, CHAIN),
	FIELD(psp_send_start, plat_certs_length, IN, NUMBER),
	RESERVED(psp_send_start, reserved1),
	BEHIND(psp_send_start, amd_certs_paddr, amd_certs_length, IN, AMD_CERTS),
	FIELD(psp_send_start, amd_certs_length, IN, NUMBER),
	RESERVED(psp_send_start, reserved2),
	BEHIND(psp_send_start, session_paddr, session_length, OUT, SESSION),
	FIELD(psp_send_start, session_length, IO, NUMBER),
	END,
};

/* SEND_UPDATE_DATA, SEND_UPDATE_VMSA */
static const struct psp_field packet_out[] = {
	FIELD(psp_transport, handle, IN, HANDLE),
	RESERVED(psp_transport, reserved0),
	BEHIND(psp_transport, hdr_paddr, hdr_length, OUT, HEADER),
	FIELD(psp_transport, hdr_length, IO, NUMBER),
	RESERVED(psp_transport, reserved1),
	FIELD(psp_transport, guest_paddr, IN, ADDRESS),
	FIELD(psp_transport, guest_length, IN, NUMBER),
	RESERVED(psp_transport, reserved2),
	FIELD(psp_transport, trans_paddr, IN, ADDRESS),
	FIELD(psp_transport, trans_length, IO, NUMBER),
	END,
};

static const struct psp_field dbg[] = {
	FIELD(psp_dbg, handle, IN, HANDLE),
	RESERVED(psp_dbg, reserved),
	FIELD(psp_dbg, src_paddr, IN, ADDRESS),
	FIELD(psp_dbg, dst_paddr, IN, ADDRESS),
	FIELD(psp_dbg, length, IN, NUMBER),
	END,
};

/* Known, but not supported: what else is in the buffer is not looked at. */
static const struct psp_field swap_out[] = {
	{ .name = "handle", .size = 4, .way = PSP_FIELD_IN, .kind = PSP_FIELD_HANDLE },
	{ .name = "reserved", .offset = 0x04, .size = 0x24 },
	END,
};

static const struct psp_field swap_in[] = {
	{ .name = "handle", .size = 4, .way = PSP_FIELD_IN, .kind = PSP_FIELD_HANDLE },
	{ .name = "reserved", .offset = 0x04, .size = 0x1c },
	END,
};

static const struct psp_field none[] = {
	END,
};

/* --- commands ------------------------------------------------------------------------------ */

static const struct psp_field *const buffers[] = {
	[PSP_CMD_INIT]                = init,
	[PSP_CMD_SHUTDOWN]            = none,
	[PSP_CMD_PLATFORM_RESET]      = none,
	[PSP_CMD_PLATFORM_STATUS]     = platform_status,
	[PSP_CMD_PEK_GEN]             = none,
	[PSP_CMD_PEK_CSR]             = pek_csr,
	[PSP_CMD_PEK_CERT_IMPORT]     = pek_cert_import,
	[PSP_CMD_PDH_CERT_EXPORT]     = pdh_cert_export,
	[PSP_CMD_PDH_GEN]             = none,
	[PSP_CMD_DF_FLUSH]            = none,
	[PSP_CMD_DOWNLOAD_FIRMWARE]   = download_firmware,
	[PSP_CMD_GET_ID]              = get_id,
	[PSP_CMD_INIT_EX]             = init_ex,
	[PSP_CMD_NOP]                 = none,
	[PSP_CMD_RING_BUFFER]         = none,
	[PSP_CMD_DECOMMISSION]        = guest_handle,
	[PSP_CMD_ACTIVATE]            = activate,
	[PSP_CMD_DEACTIVATE]          = guest_handle,
	[PSP_CMD_GUEST_STATUS]        = guest_status,
	[PSP_CMD_COPY]                = copy,
	[PSP_CMD_ACTIVATE_EX]         = activate_ex,
	[PSP_CMD_LAUNCH_START]        = start,
	[PSP_CMD_LAUNCH_UPDATE_DATA]  = launch_update,
	[PSP_CMD_LAUNCH_UPDATE_VMSA]  = launch_update,
	[PSP_CMD_LAUNCH_MEASURE]      = launch_measure,
	[PSP_CMD_LAUNCH_SECRET]       = packet_in,
	[PSP_CMD_LAUNCH_FINISH]       = guest_handle,
	[PSP_CMD_ATTESTATION]         = attestation,
	[PSP_CMD_SEND_START]          = send_start,
	[PSP_CMD_SEND_UPDATE_DATA]    = packet_out,
	[PSP_CMD_SEND_UPDATE_VMSA]    = packet_out,
	[PSP_CMD_SEND_FINISH]         = guest_handle,
	[PSP_CMD_SEND_CANCEL]         = guest_handle,
	[PSP_CMD_RECEIVE_START]       = start,
	[PSP_CMD_RECEIVE_UPDATE_DATA] = packet_in,
	[PSP_CMD_RECEIVE_UPDATE_VMSA] = packet_in,
	[PSP_CMD_RECEIVE_FINISH]      = guest_handle,
	[PSP_CMD_DBG_DECRYPT]         = dbg,
	[PSP_CMD_DBG_ENCRYPT]         = dbg,
	[PSP_CMD_SWAP_OUT]            = swap_out,
	[PSP_CMD_SWAP_IN]             = swap_in,
};
/* clang-format on */

const struct psp_field *psp_fields(uint32_t id)
{
	return id < sizeof(buffers) / sizeof(buffers[0]) ? buffers[id] : NULL;
}
