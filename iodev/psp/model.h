/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The firmware's state and the pieces its commands are made of. Private to iodev/psp.
 *
 * A command gets a copy of its buffer; psp_command writes back what it changed there. The order of
 * checks is the same for all: command known, buffer address, platform state, fields that must be
 * zero, handle, guest state, policy, active, lengths, addresses, cryptography. Nothing is changed
 * before the last check.
 */
#ifndef SEV_PSP_MODEL_H
#define SEV_PSP_MODEL_H

#include "crypto/crypto.h"
#include "iodev/psp/cert.h"
#include "iodev/psp/identity.h"
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"
#include "iodev/psp/session.h"
#include "memory/memory.h"

/* Memory encryption key; guests that share it hold one reference each. */
struct psp_vek {
	uint8_t key[SEVMEM_KEY_SIZE];
	unsigned references;
};

/* Saved by save.c and checked by restore.c: a new field goes there too. */
struct psp_guest {
	uint32_t handle; /* 0: free */
	uint32_t policy;
	enum psp_guest_state state;
	unsigned asid;			  /* 0: inactive */
	uint8_t cores[PSP_CORES_MAX / 8]; /* if active: a bit for each on which it may run */
	struct psp_vek *vek;
	struct sev_sha256_ctx *ld; /* launch digest, over the plaintext of all updates */
	bool updated;		   /* at least one update was made */
	bool session;		   /* the owner knows the transport keys */
	bool received;		   /* launched elsewhere: the launch digest is not known here */
	struct psp_transport_keys keys;
	uint8_t measure[SEV_SHA256]; /* as LAUNCH_MEASURE returned it */
};

struct psp_asid {
	unsigned bound; /* guests; more than one only if they share a VEK */
	bool dirty;	/* caches may hold lines of a former guest: DF_FLUSH needed */
};

/* Saved by save.c, checked by restore.c: a field that is not configuration goes there too. */
struct psp {
	struct psp_config config;
	struct psp_version version;
	uint8_t *seed;
	char *state_dir, *chain_file;
	int state_lock; /* -1: no state directory */
	struct psp_maker maker;

	/* In use: the chip's own, or since INIT_EX the one sealed in the host's buffer at nv. */
	struct psp_identity identity;
	struct psp_identity flash; /* the chip's own; in the state directory, if there is one */
	bool nv_used;
	uint64_t nv;

	struct sev_rng *rng; /* everything that is not identity */

	enum psp_platform_state state;
	bool es; /* initialised for SEV-ES */
	uint64_t tmr, tmr_size;
	uint32_t last_handle;
	unsigned guest_count;
	struct psp_guest *guests; /* config.max_asid contexts */
	struct psp_asid *asids;	  /* 0 .. config.max_asid */
	bool *core_dirty;	  /* WBINVD needed on this core */

	struct sev_error detail; /* of the last command, for psp_detail */

	const struct psp_observer *observer; /* or NULL */
	const char *caller;

	const uint8_t *test_mnonce; /* of LAUNCH_MEASURE; NULL but in tests of known vectors */
};

/* --- memory (buffer.c) --------------------------------------------------------------------- */

/* Memory, and not the firmware's own; with or without the encryption bit. */
bool psp_is_memory(const struct psp *psp, uint64_t spa, uint64_t size);
/*
 * The same for an argument of a command: removes the encryption bit and checks alignment (a power
 * of 2) too. If not, the command's detail says what is wrong with the address.
 */
bool psp_usable(struct psp *psp, uint64_t *spa, uint64_t size, uint64_t alignment);
/* After psp_usable: cannot fail. */
void psp_fetch(struct psp *psp, uint64_t spa, void *out, size_t size);
void psp_store(struct psp *psp, uint64_t spa, const void *data, size_t size);

/* --- guests and ASIDs (guest.c, asid.c) ---------------------------------------------------- */

struct psp_guest *psp_find_guest(const struct psp *psp, uint32_t handle); /* NULL: none */
/* A free context with a handle and no key; NULL: all in use. */
struct psp_guest *psp_new_guest(struct psp *psp);
void psp_free_guest(struct psp *psp, struct psp_guest *guest);
void psp_free_all_guests(struct psp *psp);
void psp_wipe_transport(struct psp_guest *guest);

void psp_all_asids_dirty(struct psp *psp);
void psp_unbind(struct psp *psp, struct psp_guest *guest);

/* --- how guests come, go and carry (start.c, packet.c, target.c) ---------------------------- */

/* Whether a firmware of this version is as new as the policy asks for: major first. */
bool psp_api_meets(uint32_t policy, uint8_t api_major, uint8_t api_minor);

/* Command buffer: struct psp_transport. The packet is checked, decrypted, written to the guest. */
uint16_t psp_packet_in(struct psp *psp, struct psp_guest *guest, const void *buffer,
	enum psp_packet_context context);
/* Command buffer: struct psp_transport. Guest memory is read and becomes a packet. */
uint16_t psp_packet_out(
	struct psp *psp, struct psp_guest *guest, void *buffer, enum psp_packet_context context);

#define PSP_AMD_CERTS_SIZE (2 * PSP_AMD_CERT_MAX) /* the root here is RSA-4096 */

/* The certificates of a platform to which a guest is sent, as the host gave them. */
struct psp_target {
	struct psp_cert pdh;
	struct psp_cert_chain chain;	 /* only if the policy has DOMAIN or SEV */
	uint8_t amd[PSP_AMD_CERTS_SIZE]; /* ASK | ARK, only if it has SEV */
};

/*
 * Whether a guest with this policy may go there. SUCCESS: also, the PDH is a point of the curve.
 * INVALID_CERTIFICATE, POLICY_FAILURE or BAD_SIGNATURE: psp->detail says which certificate.
 */
uint16_t psp_check_target(struct psp *psp, uint32_t policy, const struct psp_target *target);

/* --- the identity (owner.c) ---------------------------------------------------------------- */

/*
 * Makes a changed identity the one in use: in persistent memory first, that is the chip's own or,
 * since INIT_EX, the host's buffer. SUCCESS, or why not.
 */
uint16_t psp_adopt(struct psp *psp, const struct psp_identity *identity);

/*
 * INIT: takes the identity from persistent memory, and completes it. nv: address of the host's
 * buffer, checked; NULL: the chip's own memory. SECURE_DATA_INVALID: the buffer held something
 * else, and is now empty.
 */
uint16_t psp_load_identity(struct psp *psp, const uint64_t *nv);

/*
 * Writes the chain of the identity in use where the configuration wants it. That is outside of the
 * platform's state: the command has succeeded, whatever becomes of the file; psp->detail says it.
 */
void psp_refresh_chain(struct psp *psp);

#define PSP_BUFFER_MAX 0x44 /* largest command buffer */

/* Of a command's buffer, 0 if it has none; -1: this firmware has no such command. */
int psp_buffer_size(uint32_t id);

/* --- commands ------------------------------------------------------------------------------ */

/* guest is NULL for commands that take no existing guest. */
typedef uint16_t psp_function(struct psp *psp, struct psp_guest *guest, void *buffer);

/* platform.c, firmware.c */
psp_function psp_do_init, psp_do_init_ex, psp_do_shutdown, psp_do_platform_status, psp_do_get_id,
	psp_do_nop, psp_do_download_firmware;
/* owner.c */
psp_function psp_do_platform_reset, psp_do_pek_gen, psp_do_pek_csr, psp_do_pek_cert_import,
	psp_do_pdh_gen, psp_do_pdh_cert_export;
/* guest.c, asid.c */
psp_function psp_do_decommission, psp_do_guest_status, psp_do_activate, psp_do_activate_ex,
	psp_do_deactivate, psp_do_df_flush;
/* start.c */
psp_function psp_do_launch_start, psp_do_receive_start;
/* launch.c */
psp_function psp_do_launch_update_data, psp_do_launch_update_vmsa, psp_do_launch_measure,
	psp_do_launch_secret, psp_do_launch_finish, psp_do_attestation;
/* send.c */
psp_function psp_do_send_start, psp_do_send_update_data, psp_do_send_update_vmsa,
	psp_do_send_finish, psp_do_send_cancel;
/* receive.c */
psp_function psp_do_receive_update_data, psp_do_receive_update_vmsa, psp_do_receive_finish;
/* debug.c */
psp_function psp_do_dbg_decrypt, psp_do_dbg_encrypt, psp_do_copy;

#endif
