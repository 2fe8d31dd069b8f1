/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that need public keys: sessions, migration, certificates. */
#include <string.h>

#include "iodev/psp/root.h"
#include "tests/fuzz/psp_generator.h"

static bool as_meant(const struct generator *g, uint16_t status)
{
	return status == PSP_SUCCESS && !g->bent;
}

/* The key of a guest's and a platform's owner: the same always. */
static const struct sev_p384_key *owner_key(void)
{
	static struct sev_p384_key key;
	static bool made;

	if (!made) {
		struct sev_rng *rng = sev_rng_new("owner", 5, "key");

		sev_p384_generate(rng, &key);
		sev_rng_free(rng);
		made = true;
	}
	return &key;
}

static const struct psp_guest *find_state(struct generator *g, enum psp_guest_state state)
{
	uint32_t first = source_draw(g->in, MAX_ASID);

	for (unsigned i = 0; i < MAX_ASID; i++) {
		const struct psp_guest *guest = &g->side->psp->guests[(first + i) % MAX_ASID];

		if (guest->handle && guest->state == state)
			return guest;
	}
	return NULL;
}

/* --- LAUNCH_START with a session ----------------------------------------------------------- */

static void start(struct generator *g, uint8_t id, uint32_t policy, const struct psp_cert *cert,
	const struct psp_session *session)
{
	const struct psp_launch_start cmd = {
		.policy = policy,
		.dh_cert_paddr = generator_address(g, AT_CERT),
		.dh_cert_length = sizeof(*cert),
		.session_paddr = generator_address(g, AT_SESSION),
		.session_length = sizeof(*session),
	};

	world_put(g->side, AT_CERT, cert, sizeof(*cert));
	world_put(g->side, AT_SESSION, session, sizeof(*session));
	if (generator_sometimes(g))
		generator_harm(g, AT_CERT, 0x120); /* up to the key */
	else if (generator_sometimes(g))
		generator_harm(g, AT_SESSION, sizeof(*session));
	memcpy(g->buffer, &cmd, sizeof(cmd));
	generator_issue(g, id, sizeof(cmd));
}

static void launch_session(struct generator *g)
{
	struct psp_transport_keys keys;
	struct psp_session session;
	struct psp_cert cert;
	uint8_t z[SEV_P384];
	uint32_t policy = generator_policy(g);

	if (!g->side->psp->identity.provisioned)
		return;
	psp_cert_make(&cert, PSP_USAGE_PDH, 0, 0, &owner_key()->pub);
	if (sev_p384_ecdh(owner_key(), &g->side->psp->identity.pdh.pub, z) != 0)
		world_fail("the PDH is not on the curve");
	generator_random(g, &keys, sizeof(keys));
	psp_session_make(&session, z, g->rng, &keys, policy);
	start(g, CMD(LAUNCH_START), policy, &cert, &session);
}

/* --- migration ----------------------------------------------------------------------------- */

/* As the manufacturer's key server has it. */
static const struct psp_cert *signed_cek(struct side *target)
{
	static struct psp_cert signed_cert[2];
	static bool made[2];
	unsigned i = (unsigned)(target - target->world->side);

	if (!made[i]) {
		signed_cert[i] = target->psp->identity.cek_cert;
		psp_root_sign_cek(&signed_cert[i]);
		made[i] = true;
	}
	return &signed_cert[i];
}

/* The certificates of the other platform, where SEND_START is to find them. */
static void put_target(struct generator *g, uint32_t policy)
{
	struct side *target = generator_sometimes(g) ? g->side : generator_peer(g);
	const struct psp_identity *identity = &target->psp->identity;
	struct psp_cert_chain chain = { identity->pek_cert, identity->oca_cert,
		identity->cek_cert };

	if (policy & PSP_POLICY_SEV) {
		chain.cek = *signed_cek(target);
		world_put(g->side, AT_AMD, psp_root(), sizeof(struct psp_root_certs));
	}
	world_put(g->side, AT_CERT, &identity->pdh_cert, sizeof(struct psp_cert));
	world_put(g->side, AT_CHAIN, &chain, sizeof(chain));
	if (generator_sometimes(g))
		generator_harm(g, AT_CERT, 0x500); /* up to the first signature */
	else if (generator_sometimes(g))
		generator_harm(g, AT_CHAIN, sizeof(chain));
	else if (generator_sometimes(g))
		generator_harm(g, AT_AMD, sizeof(struct psp_root_certs));
}

static void send_start(struct generator *g)
{
	const struct psp_guest *guest = find_state(g, PSP_GUEST_RUNNING);
	struct offer *offer = &g->offer[generator_side(g)];
	struct psp_send_start cmd = { .handle = guest ? guest->handle : 0 };
	uint32_t policy = guest ? guest->policy : 0;

	if (!guest || !generator_peer(g)->psp->identity.provisioned)
		return;
	put_target(g, policy);
	cmd.pdh_cert_paddr = generator_address(g, AT_CERT);
	cmd.pdh_cert_length = sizeof(struct psp_cert);
	cmd.plat_certs_paddr = generator_address(g, AT_CHAIN);
	cmd.plat_certs_length = sizeof(struct psp_cert_chain);
	if (policy & PSP_POLICY_SEV) {
		cmd.amd_certs_paddr = generator_address(g, AT_AMD);
		cmd.amd_certs_length = sizeof(struct psp_root_certs);
	}
	cmd.session_paddr = generator_address(g, AT_SESSION);
	cmd.session_length = generator_sometimes(g) ? 0 : sizeof(struct psp_session);
	memcpy(g->buffer, &cmd, sizeof(cmd));
	if (!as_meant(g, generator_issue(g, CMD(SEND_START), sizeof(cmd))))
		return;
	offer->valid = true;
	offer->policy = policy;
	offer->pdh = g->side->psp->identity.pdh_cert;
	world_look(g->side, AT_SESSION, SEVMEM_RAW, &offer->session, sizeof(offer->session));
}

/* An offer is taken up more than once, now and then. */
void generator_receive_start(struct generator *g)
{
	struct offer *offer = &g->offer[1 - generator_side(g)];
	uint32_t policy = offer->policy ^ (source_once_in(g->in, 16) ? PSP_POLICY_NODBG : 0);

	start(g, CMD(RECEIVE_START), policy, &offer->pdh, &offer->session);
	offer->valid = source_once_in(g->in, 8);
}

/* --- certificates -------------------------------------------------------------------------- */

static void attestation(struct generator *g)
{
	const struct psp_guest *guest = find_state(g, PSP_GUEST_RUNNING);
	struct psp_attestation cmd = {
		.handle = guest ? guest->handle : 1,
		.paddr = generator_address(g, AT_OUTPUT),
		.length = generator_sometimes(g) ? 0 : sizeof(struct psp_attestation_report),
	};
	struct psp_attestation_report report;

	generator_random(g, cmd.mnonce, sizeof(cmd.mnonce));
	memcpy(g->buffer, &cmd, sizeof(cmd));
	if (!as_meant(g, generator_issue(g, CMD(ATTESTATION), sizeof(cmd))))
		return;
	world_look(g->side, AT_OUTPUT, SEVMEM_RAW, &report, sizeof(report));
	if (memcmp(report.mnonce, cmd.mnonce, sizeof(cmd.mnonce)) != 0 ||
		(source_once_in(g->in, 4) &&
			psp_report_verify(&report, &g->side->psp->identity.pek_cert, NULL) != 0))
		world_fail("the report is not good");
}

/* One owner for both platforms, so that DOMAIN can be met. */
static void pek_cert_import(struct generator *g)
{
	static struct psp_cert oca;
	struct psp_cert pek = g->side->psp->identity.pek_cert;
	const struct psp_pek_cert_import cmd = {
		.pek_paddr = generator_address(g, AT_CERT),
		.pek_length = sizeof(pek),
		.oca_paddr = generator_address(g, AT_CHAIN),
		.oca_length = sizeof(oca),
	};

	if (!g->side->psp->identity.provisioned)
		return;
	if (!oca.version) {
		psp_cert_make(&oca, PSP_USAGE_OCA, 0, 0, &owner_key()->pub);
		psp_cert_sign(&oca, 0, PSP_USAGE_OCA, owner_key());
	}
	memset(pek.sig, 0, sizeof(pek.sig));
	pek.sig[0].usage = pek.sig[1].usage = PSP_USAGE_NONE;
	psp_cert_sign(&pek, 0, PSP_USAGE_OCA, owner_key());
	world_put(g->side, AT_CERT, &pek, sizeof(pek));
	world_put(g->side, AT_CHAIN, &oca, sizeof(oca));
	if (source_once_in(g->in, 4))
		generator_harm(g, source_once_in(g->in, 2) ? AT_CERT : AT_CHAIN, 0x500);
	memcpy(g->buffer, &cmd, sizeof(cmd));
	generator_issue(g, CMD(PEK_CERT_IMPORT), sizeof(cmd));
}

/* Legal while there is no guest only: now and then, the guests go first. */
void generator_owner(struct generator *g)
{
	if (g->side->psp->state == PSP_PLATFORM_WORKING && source_once_in(g->in, 3)) {
		const struct psp_init init = { .options = 0 };

		generator_issue(g, CMD(SHUTDOWN), 0);
		if (generator_sometimes(g))
			generator_issue(g, CMD(PLATFORM_RESET), 0);
		memcpy(g->buffer, &init, sizeof(init));
		generator_issue(g, CMD(INIT), sizeof(init));
	}
	if (generator_sometimes(g))
		generator_issue(g, CMD(PEK_GEN), 0);
	else
		pek_cert_import(g);
}

void generator_heavy(struct generator *g)
{
	switch (source_draw(g->in, 10)) {
	case 0:
	case 1:
		launch_session(g);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
		send_start(g);
		break;
	case 7:
		attestation(g);
		break;
	case 8:
		generator_issue(g, CMD(PDH_GEN), 0);
		break;
	default:
		generator_owner(g);
	}
}
