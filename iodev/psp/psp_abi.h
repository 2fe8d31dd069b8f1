/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Secure Processor's binary interface as software sees it: command identifiers, status codes,
 * command buffers, certificates, session, packet and report layouts. Nothing here is the emulator's
 * choice.
 *
 * Source: AMD publication 55766, Secure Encrypted Virtualization API (chapters 5, 6 and
 * appendices); the identifiers of commands above 80h are AMD publication 56860's.
 *
 * All integers are little-endian, all addresses are system physical addresses, lengths are bytes.
 * "io": read, and replaced by the length needed or written.
 */
#ifndef SEV_PSP_ABI_H
#define SEV_PSP_ABI_H

#include <assert.h>
#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the structures below are used in place: a little-endian host is needed"
#endif

/* --- commands ------------------------------------------------------------------------------ */

/* X(id, NAME) */
#define PSP_COMMANDS(X)                   \
	X(0x01, INIT)                     \
	X(0x02, SHUTDOWN)                 \
	X(0x03, PLATFORM_RESET)           \
	X(0x04, PLATFORM_STATUS)          \
	X(0x05, PEK_GEN)                  \
	X(0x06, PEK_CSR)                  \
	X(0x07, PEK_CERT_IMPORT)          \
	X(0x08, PDH_CERT_EXPORT)          \
	X(0x09, PDH_GEN)                  \
	X(0x0a, DF_FLUSH)                 \
	X(0x0b, DOWNLOAD_FIRMWARE)        \
	X(0x0c, GET_ID)                   \
	X(0x0d, INIT_EX)                  \
	X(0x0e, NOP)                      \
	X(0x0f, RING_BUFFER)              \
	X(0x20, DECOMMISSION)             \
	X(0x21, ACTIVATE)                 \
	X(0x22, DEACTIVATE)               \
	X(0x23, GUEST_STATUS)             \
	X(0x24, COPY)                     \
	X(0x25, ACTIVATE_EX)              \
	X(0x30, LAUNCH_START)             \
	X(0x31, LAUNCH_UPDATE_DATA)       \
	X(0x32, LAUNCH_UPDATE_VMSA)       \
	X(0x33, LAUNCH_MEASURE)           \
	X(0x34, LAUNCH_SECRET)            \
	X(0x35, LAUNCH_FINISH)            \
	X(0x36, ATTESTATION)              \
	X(0x40, SEND_START)               \
	X(0x41, SEND_UPDATE_DATA)         \
	X(0x42, SEND_UPDATE_VMSA)         \
	X(0x43, SEND_FINISH)              \
	X(0x44, SEND_CANCEL)              \
	X(0x50, RECEIVE_START)            \
	X(0x51, RECEIVE_UPDATE_DATA)      \
	X(0x52, RECEIVE_UPDATE_VMSA)      \
	X(0x53, RECEIVE_FINISH)           \
	X(0x60, DBG_DECRYPT)              \
	X(0x61, DBG_ENCRYPT)              \
	X(0x70, SWAP_OUT)                 \
	X(0x71, SWAP_IN)                  \
	X(0x81, SNP_INIT)                 \
	X(0x82, SNP_SHUTDOWN)             \
	X(0x83, SNP_PLATFORM_STATUS)      \
	X(0x84, SNP_DF_FLUSH)             \
	X(0x85, SNP_INIT_EX)              \
	X(0x86, SNP_SHUTDOWN_EX)          \
	X(0x90, SNP_DECOMMISSION)         \
	X(0x91, SNP_ACTIVATE)             \
	X(0x92, SNP_GUEST_STATUS)         \
	X(0x93, SNP_GCTX_CREATE)          \
	X(0x94, SNP_GUEST_REQUEST)        \
	X(0x95, SNP_ACTIVATE_EX)          \
	X(0xa0, SNP_LAUNCH_START)         \
	X(0xa1, SNP_LAUNCH_UPDATE)        \
	X(0xa2, SNP_LAUNCH_FINISH)        \
	X(0xb0, SNP_DBG_DECRYPT)          \
	X(0xb1, SNP_DBG_ENCRYPT)          \
	X(0xc0, SNP_PAGE_SWAP_OUT)        \
	X(0xc1, SNP_PAGE_SWAP_IN)         \
	X(0xc2, SNP_PAGE_MOVE)            \
	X(0xc3, SNP_PAGE_MD_INIT)         \
	X(0xc6, SNP_PAGE_SET_STATE)       \
	X(0xc7, SNP_PAGE_RECLAIM)         \
	X(0xc8, SNP_PAGE_UNSMASH)         \
	X(0xc9, SNP_CONFIG)               \
	X(0xca, SNP_DOWNLOAD_FIRMWARE_EX) \
	X(0xcb, SNP_COMMIT)               \
	X(0xcd, SNP_VLEK_LOAD)            \
	X(0xce, SNP_FEATURE_INFO)         \
	X(0xd0, TIO_STATUS)               \
	X(0xd1, TIO_INIT)                 \
	X(0xd2, TIO_DEV_CREATE)           \
	X(0xd3, TIO_DEV_RECLAIM)          \
	X(0xd4, TIO_DEV_CONNECT)          \
	X(0xd5, TIO_DEV_DISCONNECT)

enum psp_command_id {
#define X(id, name) PSP_CMD_##name = id,
	PSP_COMMANDS(X)
#undef X
};

/* --- status codes -------------------------------------------------------------------------- */

/* X(code, NAME) */
#define PSP_STATUSES(X)                    \
	X(0x00, SUCCESS)                   \
	X(0x01, INVALID_PLATFORM_STATE)    \
	X(0x02, INVALID_GUEST_STATE)       \
	X(0x03, INVALID_CONFIG)            \
	X(0x04, INVALID_LENGTH)            \
	X(0x05, ALREADY_OWNED)             \
	X(0x06, INVALID_CERTIFICATE)       \
	X(0x07, POLICY_FAILURE)            \
	X(0x08, INACTIVE)                  \
	X(0x09, INVALID_ADDRESS)           \
	X(0x0a, BAD_SIGNATURE)             \
	X(0x0b, BAD_MEASUREMENT)           \
	X(0x0c, ASID_OWNED)                \
	X(0x0d, INVALID_ASID)              \
	X(0x0e, WBINVD_REQUIRED)           \
	X(0x0f, DFFLUSH_REQUIRED)          \
	X(0x10, INVALID_GUEST)             \
	X(0x11, INVALID_COMMAND)           \
	X(0x12, ACTIVE)                    \
	X(0x13, HWERROR_PLATFORM)          \
	X(0x14, HWERROR_UNSAFE)            \
	X(0x15, UNSUPPORTED)               \
	X(0x16, INVALID_PARAM)             \
	X(0x17, RESOURCE_LIMIT)            \
	X(0x18, SECURE_DATA_INVALID)       \
	X(0x19, INVALID_PAGE_SIZE)         \
	X(0x1a, INVALID_PAGE_STATE)        \
	X(0x1b, INVALID_MDATA_ENTRY)       \
	X(0x1c, INVALID_PAGE_OWNER)        \
	X(0x1d, AEAD_OFLOW)                \
	X(0x1f, RB_MODE_EXITED)            \
	X(0x20, RMP_INIT_REQUIRED)         \
	X(0x21, BAD_SVN)                   \
	X(0x22, BAD_VERSION)               \
	X(0x23, SHUTDOWN_REQUIRED)         \
	X(0x24, UPDATE_FAILED)             \
	X(0x25, RESTORE_REQUIRED)          \
	X(0x26, RMP_INITIALIZATION_FAILED) \
	X(0x27, INVALID_KEY)

enum psp_status {
#define X(code, name) PSP_##name = code,
	PSP_STATUSES(X)
#undef X
};

/* --- states -------------------------------------------------------------------------------- */

enum psp_platform_state {
	PSP_PLATFORM_UNINIT = 0,
	PSP_PLATFORM_INIT = 1,
	PSP_PLATFORM_WORKING = 2,
};

enum psp_guest_state {
	PSP_GUEST_UNINIT = 0,
	PSP_GUEST_LUPDATE = 1,
	PSP_GUEST_LSECRET = 2,
	PSP_GUEST_RUNNING = 3,
	PSP_GUEST_SUPDATE = 4,
	PSP_GUEST_RUPDATE = 5,
	PSP_GUEST_SENT = 6,
};

/* --- guest policy (chapter 3) -------------------------------------------------------------- */

#define PSP_POLICY_NODBG     0x00000001u /* no DBG_DECRYPT, DBG_ENCRYPT */
#define PSP_POLICY_NOKS	     0x00000002u /* no key sharing */
#define PSP_POLICY_ES	     0x00000004u /* SEV-ES */
#define PSP_POLICY_NOSEND    0x00000008u /* no migration */
#define PSP_POLICY_DOMAIN    0x00000010u /* migration only within the owner's domain */
#define PSP_POLICY_SEV	     0x00000020u /* migration only to SEV capable platforms */
#define PSP_POLICY_RESERVED  0x0000ffc0u
#define PSP_POLICY_API_MAJOR 16 /* shift of the lowest firmware API accepted: major, 8 bits */
#define PSP_POLICY_API_MINOR 24 /* minor, 8 bits */

/* X(NAME), from bit 0 on */
#define PSP_POLICIES(X) \
	X(NODBG)        \
	X(NOKS)         \
	X(ES)           \
	X(NOSEND)       \
	X(DOMAIN)       \
	X(SEV)

/* --- command buffers ----------------------------------------------------------------------- */

#define PSP_PACKED __attribute__((packed))

#define PSP_INIT_ES 0x1u /* options, flags of PLATFORM_STATUS: byte 4 bit 0 */

struct psp_init {
	uint32_t options;
	uint32_t reserved;
	uint64_t tmr_paddr;
	uint32_t tmr_length;
} PSP_PACKED;

#define PSP_TMR_SIZE 0x100000u /* least size, and alignment */

struct psp_init_ex {
	uint32_t length; /* of this buffer */
	uint32_t options;
	uint64_t tmr_paddr;
	uint32_t tmr_length;
	uint32_t reserved;
	uint64_t
		nv_paddr; /* persistent data in the host's keeping: read now, rewritten on change */
	uint32_t nv_length;
} PSP_PACKED;

#define PSP_NV_SIZE  0x8000u
#define PSP_NV_ALIGN 0x1000u

struct psp_platform_status {
	uint8_t api_major;
	uint8_t api_minor;
	uint8_t state;
	uint8_t owner;	   /* bit 0: externally owned */
	uint8_t config_es; /* bit 0: initialised for SEV-ES */
	uint8_t reserved[2];
	uint8_t build;
	uint32_t guest_count;
} PSP_PACKED;

struct psp_pdh_cert_export {
	uint64_t pdh_paddr;
	uint32_t pdh_length; /* io, 824h */
	uint32_t reserved;
	uint64_t certs_paddr;  /* PEK | OCA | CEK */
	uint32_t certs_length; /* io, 186Ch */
} PSP_PACKED;

struct psp_pek_csr {
	uint64_t csr_paddr;  /* the PEK certificate, unsigned */
	uint32_t csr_length; /* io, 824h */
} PSP_PACKED;

struct psp_pek_cert_import {
	uint64_t pek_paddr;
	uint32_t pek_length; /* 824h */
	uint32_t reserved;
	uint64_t oca_paddr;
	uint32_t oca_length; /* 824h */
} PSP_PACKED;

struct psp_download_firmware {
	uint64_t fw_paddr;
	uint32_t fw_length;
} PSP_PACKED;

#define PSP_FIRMWARE_ALIGN 32

struct psp_get_id {
	uint64_t id_paddr;
	uint32_t id_length; /* io, 40h per socket */
} PSP_PACKED;

#define PSP_ID_SIZE 64

/* DECOMMISSION, DEACTIVATE, LAUNCH_FINISH, SEND_FINISH, SEND_CANCEL, RECEIVE_FINISH */
struct psp_handle {
	uint32_t handle;
} PSP_PACKED;

struct psp_activate {
	uint32_t handle;
	uint32_t asid;
} PSP_PACKED;

struct psp_activate_ex {
	uint32_t ex_length; /* of this buffer */
	uint32_t handle;
	uint32_t asid;
	uint32_t num_ids;
	uint64_t ids_paddr; /* uint32_t each: cores on which the guest may run */
} PSP_PACKED;

struct psp_copy {
	uint32_t handle;
	uint32_t length;
	uint64_t src_paddr;
	uint64_t dst_paddr;
} PSP_PACKED;

struct psp_guest_status {
	uint32_t handle;
	uint32_t policy; /* out */
	uint32_t asid;	 /* out, 0: inactive */
	uint8_t state;	 /* out */
} PSP_PACKED;

/* LAUNCH_START; RECEIVE_START, where certificate and session are the sender's */
struct psp_launch_start {
	uint32_t handle; /* in: 0, or a guest whose VEK is shared; out: the new guest */
	uint32_t policy;
	uint64_t dh_cert_paddr; /* guest owner's ECDH certificate, 0: no session */
	uint32_t dh_cert_length;
	uint32_t reserved;
	uint64_t session_paddr;
	uint32_t session_length;
} PSP_PACKED;

/* LAUNCH_UPDATE_DATA, LAUNCH_UPDATE_VMSA */
struct psp_launch_update {
	uint32_t handle;
	uint32_t reserved;
	uint64_t paddr;
	uint32_t length;
} PSP_PACKED;

struct psp_launch_measure {
	uint32_t handle;
	uint32_t reserved;
	uint64_t paddr;	 /* receives struct psp_measurement */
	uint32_t length; /* io */
} PSP_PACKED;

struct psp_measurement {
	uint8_t measure[32];
	uint8_t mnonce[16];
} PSP_PACKED;

/* LAUNCH_SECRET, RECEIVE_UPDATE_*; SEND_UPDATE_*, where header and data are outputs */
struct psp_transport {
	uint32_t handle;
	uint32_t reserved0;
	uint64_t hdr_paddr;  /* struct psp_packet_header */
	uint32_t hdr_length; /* SEND_UPDATE_*: io */
	uint32_t reserved1;
	uint64_t guest_paddr;
	uint32_t guest_length;
	uint32_t reserved2;
	uint64_t trans_paddr;
	uint32_t trans_length; /* SEND_UPDATE_*: io */
} PSP_PACKED;

#define PSP_SECRET_MAX 0x4000u /* guest memory in one packet; a VMSA is just a page */
#define PSP_VMSA_SIZE  0x1000u

struct psp_attestation {
	uint32_t handle;
	uint32_t reserved;
	uint64_t paddr; /* receives struct psp_attestation_report */
	uint8_t mnonce[16];
	uint32_t length; /* io */
} PSP_PACKED;

struct psp_send_start {
	uint32_t handle;
	uint32_t policy;	  /* out */
	uint64_t pdh_cert_paddr;  /* of the target */
	uint32_t pdh_cert_length; /* 824h */
	uint32_t reserved0;
	uint64_t plat_certs_paddr;  /* of the target: PEK | OCA | CEK */
	uint32_t plat_certs_length; /* 186Ch */
	uint32_t reserved1;
	uint64_t amd_certs_paddr; /* ASK | ARK */
	uint32_t amd_certs_length;
	uint32_t reserved2;
	uint64_t session_paddr;	 /* receives struct psp_session */
	uint32_t session_length; /* io, 80h */
} PSP_PACKED;

/* DBG_DECRYPT, DBG_ENCRYPT */
struct psp_dbg {
	uint32_t handle;
	uint32_t reserved;
	uint64_t src_paddr;
	uint64_t dst_paddr;
	uint32_t length;
} PSP_PACKED;

/* --- session and packets (chapters 4 and 2) ------------------------------------------------ */

struct psp_session {
	uint8_t nonce[16];
	uint8_t wrap_tk[32]; /* TEK | TIK, encrypted */
	uint8_t wrap_iv[16];
	uint8_t wrap_mac[32];
	uint8_t policy_mac[32];
} PSP_PACKED;

#define PSP_PACKET_COMPRESSED 0x1u

struct psp_packet_header {
	uint32_t flags;
	uint8_t iv[16];
	uint8_t mac[32];
} PSP_PACKED;

/* --- certificates (appendix C) ------------------------------------------------------------- */

enum psp_usage {
	PSP_USAGE_ARK = 0x0000,
	PSP_USAGE_ASK = 0x0013,
	PSP_USAGE_NONE = 0x1000, /* an empty signature slot */
	PSP_USAGE_OCA = 0x1001,
	PSP_USAGE_PEK = 0x1002,
	PSP_USAGE_PDH = 0x1003,
	PSP_USAGE_CEK = 0x1004,
};

enum psp_algo {
	PSP_ALGO_NONE = 0x000,
	PSP_ALGO_RSA_SHA256 = 0x001,
	PSP_ALGO_ECDSA_SHA256 = 0x002,
	PSP_ALGO_ECDH_SHA256 = 0x003,
	PSP_ALGO_RSA_SHA384 = 0x101,
	PSP_ALGO_ECDSA_SHA384 = 0x102,
	PSP_ALGO_ECDH_SHA384 = 0x103,
};

enum psp_curve {
	PSP_CURVE_P256 = 1,
	PSP_CURVE_P384 = 2,
};

/* ECDSA: both numbers little-endian, zero-extended. */
struct psp_ecdsa_signature {
	uint8_t r[72];
	uint8_t s[72];
} PSP_PACKED;

/* One of the two slots. RSA: a little-endian number in the low bytes. */
struct psp_cert_signature {
	uint32_t usage;
	uint32_t algo;
	union {
		uint8_t bytes[0x200];
		struct psp_ecdsa_signature ecdsa;
	};
} PSP_PACKED;

/* Coordinates little-endian, zero-extended. */
struct psp_cert_public_key {
	uint32_t curve;
	uint8_t qx[72];
	uint8_t qy[72];
	uint8_t zero[0x370];
} PSP_PACKED;

struct psp_cert {
	uint32_t version; /* 1 */
	uint8_t api_major;
	uint8_t api_minor;
	uint16_t reserved;
	uint32_t pubkey_usage;
	uint32_t pubkey_algo;
	struct psp_cert_public_key pubkey;
	struct psp_cert_signature sig[2]; /* both over everything before them */
} PSP_PACKED;

#define PSP_CERT_SIGNED 0x414 /* bytes */

/* What PDH_CERT_EXPORT writes to certs_paddr. */
struct psp_cert_chain {
	struct psp_cert pek;
	struct psp_cert oca;
	struct psp_cert cek;
} PSP_PACKED;

/* ARK and ASK. The exponent, the modulus and the signature follow, little-endian. */
struct psp_amd_cert {
	uint32_t version; /* 1 */
	uint8_t key_id[16];
	uint8_t certifying_id[16];
	uint32_t key_usage;
	uint8_t reserved[16];
	uint32_t exponent_bits;
	uint32_t modulus_bits;
} PSP_PACKED;

/* --- attestation report -------------------------------------------------------------------- */

struct psp_attestation_report {
	uint8_t mnonce[16];
	uint8_t launch_digest[32];
	uint32_t policy;
	uint32_t sig_usage; /* PSP_USAGE_PEK */
	uint32_t sig_algo;  /* PSP_ALGO_ECDSA_SHA256 */
	uint32_t reserved;
	struct psp_ecdsa_signature sig; /* over everything before sig_usage */
} PSP_PACKED;

#define PSP_REPORT_SIGNED 0x34 /* bytes */

/* --- the layouts above, checked ------------------------------------------------------------ */

static_assert(sizeof(struct psp_init) == 0x14, "INIT");
static_assert(sizeof(struct psp_init_ex) == 0x24, "INIT_EX");
static_assert(sizeof(struct psp_pek_csr) == 0x0c, "PEK_CSR");
static_assert(sizeof(struct psp_pek_cert_import) == 0x1c, "PEK_CERT_IMPORT");
static_assert(sizeof(struct psp_download_firmware) == 0x0c, "DOWNLOAD_FIRMWARE");
static_assert(sizeof(struct psp_activate_ex) == 0x18, "ACTIVATE_EX");
static_assert(sizeof(struct psp_copy) == 0x18, "COPY");
static_assert(sizeof(struct psp_send_start) == 0x44, "SEND_START");
static_assert(sizeof(struct psp_dbg) == 0x1c, "DBG_DECRYPT");
static_assert(sizeof(struct psp_platform_status) == 0x0c, "PLATFORM_STATUS");
static_assert(sizeof(struct psp_pdh_cert_export) == 0x1c, "PDH_CERT_EXPORT");
static_assert(sizeof(struct psp_get_id) == 0x0c, "GET_ID");
static_assert(sizeof(struct psp_handle) == 0x04, "DECOMMISSION");
static_assert(sizeof(struct psp_activate) == 0x08, "ACTIVATE");
static_assert(sizeof(struct psp_guest_status) == 0x0d, "GUEST_STATUS");
static_assert(sizeof(struct psp_launch_start) == 0x24, "LAUNCH_START");
static_assert(sizeof(struct psp_launch_update) == 0x14, "LAUNCH_UPDATE_DATA");
static_assert(sizeof(struct psp_launch_measure) == 0x14, "LAUNCH_MEASURE");
static_assert(sizeof(struct psp_measurement) == 0x30, "measurement");
static_assert(sizeof(struct psp_transport) == 0x34, "LAUNCH_SECRET");
static_assert(sizeof(struct psp_attestation) == 0x24, "ATTESTATION");
static_assert(sizeof(struct psp_session) == 0x80, "session");
static_assert(sizeof(struct psp_packet_header) == 0x34, "packet header");
static_assert(sizeof(struct psp_cert_public_key) == 0x404, "public key");
static_assert(sizeof(struct psp_cert) == 0x824, "certificate");
static_assert(sizeof(struct psp_cert_chain) == 0x186c, "certificate chain");
static_assert(sizeof(struct psp_amd_cert) == 0x40, "AMD certificate");
static_assert(sizeof(struct psp_attestation_report) == 0xd0, "attestation report");

#endif
