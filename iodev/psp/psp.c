/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The chip from reset to removal, and the table of its commands. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iodev/psp/model.h"

/* --- commands ------------------------------------------------------------------------------ */

enum {
	UNINIT = 1 << PSP_PLATFORM_UNINIT,
	INIT = 1 << PSP_PLATFORM_INIT,
	WORKING = 1 << PSP_PLATFORM_WORKING,
	UP = INIT | WORKING,
	ALWAYS = UNINIT | UP,
};

enum {
	NO_GUEST = 0,
	LUPDATE = 1 << PSP_GUEST_LUPDATE,
	LSECRET = 1 << PSP_GUEST_LSECRET,
	RUNNING = 1 << PSP_GUEST_RUNNING,
	SUPDATE = 1 << PSP_GUEST_SUPDATE,
	RUPDATE = 1 << PSP_GUEST_RUPDATE,
	SENT = 1 << PSP_GUEST_SENT,
	LIVE = LUPDATE | LSECRET | RUNNING | SUPDATE | RUPDATE,
	EXISTS = LIVE | SENT,
};

enum { ANY = false, ACTIVE = true };

/* A row without a function is a command of the ABI that this firmware does not support. */
struct operation {
	uint8_t id;
	uint8_t size;	  /* of the command buffer */
	uint8_t platform; /* states in which it is legal */
	uint8_t guest;
	bool active; /* the guest must have an ASID */
	psp_function *run;
};

/* clang-format off */
static const struct operation operations[] = {
	{ PSP_CMD_INIT,                0x14, UNINIT,  NO_GUEST, ANY,    psp_do_init },
	{ PSP_CMD_SHUTDOWN,            0x00, ALWAYS,  NO_GUEST, ANY,    psp_do_shutdown },
	{ PSP_CMD_PLATFORM_RESET,      0x00, UNINIT,  NO_GUEST, ANY,    psp_do_platform_reset },
	{ PSP_CMD_PLATFORM_STATUS,     0x0c, ALWAYS,  NO_GUEST, ANY,    psp_do_platform_status },
	{ PSP_CMD_PEK_GEN,             0x00, INIT,    NO_GUEST, ANY,    psp_do_pek_gen },
	{ PSP_CMD_PEK_CSR,             0x0c, UP,      NO_GUEST, ANY,    psp_do_pek_csr },
	{ PSP_CMD_PEK_CERT_IMPORT,     0x1c, INIT,    NO_GUEST, ANY,    psp_do_pek_cert_import },
	{ PSP_CMD_PDH_CERT_EXPORT,     0x1c, UP,      NO_GUEST, ANY,    psp_do_pdh_cert_export },
	{ PSP_CMD_PDH_GEN,             0x00, UP,      NO_GUEST, ANY,    psp_do_pdh_gen },
	{ PSP_CMD_DF_FLUSH,            0x00, UP,      NO_GUEST, ANY,    psp_do_df_flush },
	{ PSP_CMD_DOWNLOAD_FIRMWARE,   0x0c, UNINIT,  NO_GUEST, ANY,    psp_do_download_firmware },
	{ PSP_CMD_GET_ID,              0x0c, ALWAYS,  NO_GUEST, ANY,    psp_do_get_id },
	{ PSP_CMD_INIT_EX,             0x24, UNINIT,  NO_GUEST, ANY,    psp_do_init_ex },
	{ PSP_CMD_NOP,                 0x00, ALWAYS,  NO_GUEST, ANY,    psp_do_nop },
	{ PSP_CMD_RING_BUFFER,         0x00, ALWAYS,  NO_GUEST, ANY,    NULL },
	{ PSP_CMD_DECOMMISSION,        0x04, WORKING, EXISTS,   ANY,    psp_do_decommission },
	{ PSP_CMD_ACTIVATE,            0x08, WORKING, LIVE,     ANY,    psp_do_activate },
	{ PSP_CMD_DEACTIVATE,          0x04, WORKING, EXISTS,   ANY,    psp_do_deactivate },
	{ PSP_CMD_GUEST_STATUS,        0x0d, WORKING, EXISTS,   ANY,    psp_do_guest_status },
	{ PSP_CMD_COPY,                0x18, WORKING, RUNNING,  ACTIVE, psp_do_copy },
	{ PSP_CMD_ACTIVATE_EX,         0x18, WORKING, LIVE,     ANY,    psp_do_activate_ex },
	{ PSP_CMD_LAUNCH_START,        0x24, UP,      NO_GUEST, ANY,    psp_do_launch_start },
	{ PSP_CMD_LAUNCH_UPDATE_DATA,  0x14, WORKING, LUPDATE,  ACTIVE, psp_do_launch_update_data },
	{ PSP_CMD_LAUNCH_UPDATE_VMSA,  0x14, WORKING, LUPDATE,  ACTIVE, psp_do_launch_update_vmsa },
	{ PSP_CMD_LAUNCH_MEASURE,      0x14, WORKING, LUPDATE,  ANY,    psp_do_launch_measure },
	{ PSP_CMD_LAUNCH_SECRET,       0x34, WORKING, LSECRET,  ACTIVE, psp_do_launch_secret },
	{ PSP_CMD_LAUNCH_FINISH,       0x04, WORKING, LSECRET,  ANY,    psp_do_launch_finish },
	{ PSP_CMD_ATTESTATION,         0x24, WORKING, LUPDATE | LSECRET | RUNNING,
	                                                        ANY,    psp_do_attestation },
	{ PSP_CMD_SEND_START,          0x44, WORKING, RUNNING,  ANY,    psp_do_send_start },
	{ PSP_CMD_SEND_UPDATE_DATA,    0x34, WORKING, SUPDATE,  ACTIVE, psp_do_send_update_data },
	{ PSP_CMD_SEND_UPDATE_VMSA,    0x34, WORKING, SUPDATE,  ACTIVE, psp_do_send_update_vmsa },
	{ PSP_CMD_SEND_FINISH,         0x04, WORKING, SUPDATE,  ANY,    psp_do_send_finish },
	{ PSP_CMD_SEND_CANCEL,         0x04, WORKING, SUPDATE,  ANY,    psp_do_send_cancel },
	{ PSP_CMD_RECEIVE_START,       0x24, UP,      NO_GUEST, ANY,    psp_do_receive_start },
	{ PSP_CMD_RECEIVE_UPDATE_DATA, 0x34, WORKING, RUPDATE,  ACTIVE, psp_do_receive_update_data },
	{ PSP_CMD_RECEIVE_UPDATE_VMSA, 0x34, WORKING, RUPDATE,  ACTIVE, psp_do_receive_update_vmsa },
	{ PSP_CMD_RECEIVE_FINISH,      0x04, WORKING, RUPDATE,  ANY,    psp_do_receive_finish },
	{ PSP_CMD_DBG_DECRYPT,         0x1c, WORKING, LIVE,     ACTIVE, psp_do_dbg_decrypt },
	{ PSP_CMD_DBG_ENCRYPT,         0x1c, WORKING, LIVE,     ACTIVE, psp_do_dbg_encrypt },
	{ PSP_CMD_SWAP_OUT,            0x28, WORKING, RUNNING,  ANY,    NULL },
	{ PSP_CMD_SWAP_IN,             0x20, WORKING, RUNNING,  ANY,    NULL },
};
/* clang-format on */

static const struct operation *find_operation(uint32_t id)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (operations[i].id == id)
			return &operations[i];
	}
	return NULL;
}

int psp_buffer_size(uint32_t id)
{
	const struct operation *op = find_operation(id);

	return op ? op->size : -1;
}

bool psp_command_supported(uint32_t id)
{
	const struct operation *op = find_operation(id);

	return op && op->run;
}

/* Commands above 80h: known to this firmware, but not for a part without SNP. */
static uint16_t without_row(uint32_t id)
{
	switch (id) {
#define X(value, name) case value:
		PSP_COMMANDS(X)
#undef X
		return PSP_UNSUPPORTED;
	}
	return PSP_INVALID_COMMAND;
}

/* Why a policy forbids a command altogether, or NULL. What it asks of a launch or of a target is
   looked at there. */
static const char *forbidden(uint32_t policy, uint8_t id)
{
	switch (id) {
	case PSP_CMD_DBG_DECRYPT:
	case PSP_CMD_DBG_ENCRYPT:
		return policy & PSP_POLICY_NODBG ? "the policy has NODBG set" : NULL;
	case PSP_CMD_LAUNCH_UPDATE_VMSA:
	case PSP_CMD_SEND_UPDATE_VMSA:
	case PSP_CMD_RECEIVE_UPDATE_VMSA:
		return policy & PSP_POLICY_ES ? NULL : "the policy does not have ES set";
	}
	return NULL;
}

/* Buffers of guest commands begin with the handle, all but one that begins with its own size. */
static uint32_t handle_in(const struct operation *op, const uint8_t *buffer)
{
	if (op->id == PSP_CMD_ACTIVATE_EX)
		buffer += offsetof(struct psp_activate_ex, handle);
	return sev_le32(buffer);
}

static void explain_state(struct psp *psp, const char *whose, unsigned state, unsigned legal,
	const char *(*name)(unsigned state))
{
	char names[100] = "";

	for (unsigned i = 0; i < 8; i++) {
		if (legal & 1u << i) {
			strcat(names, *names ? ", " : "");
			strcat(names, name(i));
		}
	}
	sev_fail(&psp->detail, "the %s is in state %s, legal is %s", whose, name(state), names);
}

static uint16_t execute(struct psp *psp, const struct operation *op, void *buffer)
{
	struct psp_guest *guest = NULL;
	const char *why;

	if (!(op->platform & 1 << psp->state)) {
		explain_state(psp, "platform", psp->state, op->platform, psp_platform_state_name);
		return PSP_INVALID_PLATFORM_STATE;
	}
	if (op->guest != NO_GUEST) {
		guest = psp_find_guest(psp, handle_in(op, buffer));
		if (!guest)
			return PSP_INVALID_GUEST;
		if (!(op->guest & 1 << guest->state)) {
			explain_state(psp, "guest", guest->state, op->guest, psp_guest_state_name);
			return PSP_INVALID_GUEST_STATE;
		}
		why = forbidden(guest->policy, op->id);
		if (why) {
			sev_fail(&psp->detail, "%s", why);
			return PSP_POLICY_FAILURE;
		}
		if (op->active && !guest->asid)
			return PSP_INACTIVE;
	}
	return op->run ? op->run(psp, guest, buffer) : PSP_UNSUPPORTED;
}

static uint16_t run_command(struct psp *psp, uint32_t id, uint64_t buffer_spa)
{
	const struct operation *op = find_operation(id);
	uint8_t given[PSP_BUFFER_MAX], buffer[PSP_BUFFER_MAX] __attribute__((aligned(8)));
	uint16_t status;

	if (!op)
		return without_row(id);
	if (op->size) {
		if (!psp_usable(psp, &buffer_spa, op->size, 1))
			return PSP_INVALID_ADDRESS;
		psp_fetch(psp, buffer_spa, given, op->size);
		memcpy(buffer, given, op->size);
	}
	status = execute(psp, op, buffer);
	if (op->size && memcmp(buffer, given, op->size) != 0)
		psp_store(psp, buffer_spa, buffer, op->size);
	return status;
}

uint16_t psp_command(struct psp *psp, uint32_t id, uint64_t buffer_spa)
{
	const struct psp_observer *observer = psp->observer;
	uint16_t status;

	psp->detail.text[0] = 0;
	if (observer)
		observer->before(observer->ctx, id, buffer_spa);
	status = run_command(psp, id, buffer_spa);
	if (observer)
		observer->after(observer->ctx, status);
	return status;
}

void psp_observe(struct psp *psp, const struct psp_observer *observer)
{
	psp->observer = observer;
}

void psp_set_caller(struct psp *psp, const char *who)
{
	psp->caller = who ? who : "host";
}

const char *psp_detail(const struct psp *psp)
{
	return psp->detail.text;
}

/* --- reset --------------------------------------------------------------------------------- */

static int check_config(const struct psp_config *config, struct sev_error *err)
{
	if (config->max_asid == 0 || config->max_asid >= SEVMEM_KEYS)
		return sev_fail(
			err, "psp: %u ASIDs, legal are 1 to %u", config->max_asid, SEVMEM_KEYS - 1);
	if (config->min_sev_asid == 0 || config->min_sev_asid > config->max_asid)
		return sev_fail(err, "psp: first ASID without SEV-ES is %u, legal are 1 to %u",
			config->min_sev_asid, config->max_asid);
	if (config->cores == 0 || config->cores > PSP_CORES_MAX)
		return sev_fail(
			err, "psp: %u cores, legal are 1 to %u", config->cores, PSP_CORES_MAX);
	return 0;
}

static void set_version(struct psp *psp)
{
	const struct psp_config *config = &psp->config;

	psp->version = (struct psp_version) { config->api_major, config->api_minor, config->build };
	if (!config->api_major && !config->api_minor && !config->build)
		psp->version = (struct psp_version) { 1, 55, 21 };
}

/* Copies what the configuration only lends. */
static void keep_config(struct psp *psp, const struct psp_config *config)
{
	psp->config = *config;
	if (config->seed) {
		psp->seed = malloc(config->seed_size + 1);
		if (!psp->seed)
			abort();
		memcpy(psp->seed, config->seed, config->seed_size);
	}
	if (config->state_dir && !(psp->state_dir = strdup(config->state_dir)))
		abort();
	psp->config.seed = NULL;
	psp->config.state_dir = NULL;
	if (config->chain_file && !(psp->chain_file = strdup(config->chain_file)))
		abort();
	psp->config.chain_file = NULL;
	set_version(psp);
	psp->maker = (struct psp_maker) {
		.api_major = psp->version.api_major,
		.api_minor = psp->version.api_minor,
		.seed = psp->seed,
		.seed_size = config->seed_size,
	};
}

static void *array(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		abort();
	return p;
}

/* The identity in the state directory; a new one is stored there. */
static int load_state(struct psp *psp, struct sev_error *err)
{
	int found;

	psp->state_lock = psp_state_lock(psp->state_dir, err);
	if (psp->state_lock < 0)
		return -1;
	found = psp_state_load(psp->state_dir, &psp->flash, err);
	if (found < 0)
		return -1;
	if (!found) {
		psp_identity_fuse(&psp->flash, &psp->maker);
		if (psp_state_save(psp->state_dir, &psp->flash, err) != 0)
			return -1;
	}
	psp_identity_derive(&psp->flash, &psp->maker);
	return psp_publish(psp->state_dir, &psp->flash, err);
}

static int load_identity(struct psp *psp, struct sev_error *err)
{
	struct sev_error why;

	if (psp->chain_file && psp_publish_check(psp->chain_file, &why) != 0)
		return sev_fail(err, "psp: chain=%s", why.text);
	if (psp->state_dir && load_state(psp, &why) != 0)
		return sev_fail(err, "psp: state=%s", why.text);
	if (!psp->state_dir) {
		psp_identity_fuse(&psp->flash, &psp->maker);
		psp_identity_derive(&psp->flash, &psp->maker);
	}
	psp->identity = psp->flash;
	return 0;
}

struct psp *psp_new(const struct psp_config *config, struct sev_error *err)
{
	struct psp *psp;

	sev_crypto_init();
	if (check_config(config, err) != 0)
		return NULL;
	psp = array(1, sizeof(*psp));
	keep_config(psp, config);
	psp->guests = array(config->max_asid, sizeof(*psp->guests));
	psp->asids = array(config->max_asid + 1, sizeof(*psp->asids));
	psp->core_dirty = array(config->cores, sizeof(*psp->core_dirty));
	psp->rng = sev_rng_new(psp->seed, config->seed_size, "psp run");
	psp->state = PSP_PLATFORM_UNINIT;
	psp->state_lock = -1;
	psp_set_caller(psp, NULL);
	if (load_identity(psp, err) != 0) {
		psp_free(psp);
		return NULL;
	}
	return psp;
}

void psp_free(struct psp *psp)
{
	if (!psp)
		return;
	psp_free_all_guests(psp);
	sev_rng_free(psp->rng);
	free(psp->guests);
	free(psp->asids);
	free(psp->core_dirty);
	if (psp->seed)
		sev_wipe(psp->seed, psp->maker.seed_size);
	free(psp->seed);
	free(psp->state_dir);
	free(psp->chain_file);
	if (psp->state_lock >= 0)
		close(psp->state_lock);
	sev_wipe(psp, sizeof(*psp));
	free(psp);
}
