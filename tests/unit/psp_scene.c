/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/psp_scene.h"

#include "tests/unit/unit.h"

#include "tests/psp_peer.h"

/* Owner, sender and target of the guest. */
static const struct psp_peer *peer(void)
{
	static struct psp_peer made;

	if (!made.cert.version)
		made = peer_make("peer");
	return &made;
}

static const struct psp_transport_keys keys = { .tek = "encryption key.",
	.tik = "integrity key.." };
static const uint8_t plain[PSP_VMSA_SIZE] = "what nobody else shall ever see";

static void must(struct scene *scene, uint32_t id)
{
	assert_int_equal(rig_handle(scene->rig, id, scene->real), PSP_SUCCESS);
}

/* From LUPDATE on: each state is reached through those before it. */
static void launch_to(struct scene *scene, char state)
{
	struct psp_session session;

	if (state == 'L' || state == '?')
		return;
	assert_int_equal(rig_measure(scene->rig, scene->real, &scene->measurement), PSP_SUCCESS);
	if (state == 'S')
		return;
	must(scene, PSP_CMD_LAUNCH_FINISH);
	if (state == 'R')
		return;
	assert_int_equal(
		peer_send_start(scene->rig, scene->real, &peer()->cert, NULL, NULL, 0, &session),
		PSP_SUCCESS);
	if (state == 'X')
		must(scene, PSP_CMD_SEND_FINISH);
}

static void make_guest(struct scene *scene, char state, bool active)
{
	if (state == 'r')
		scene->real = peer_send(peer(), scene->rig, &keys, SCENE_POLICY);
	else
		scene->real = rig_guest(scene->rig, SCENE_POLICY, 0, keys.tik, keys.tek);
	if (active)
		assert_int_equal(rig_activate(scene->rig, scene->real, SCENE_ASID), PSP_SUCCESS);
	if (state != 'r')
		launch_to(scene, state);
}

struct scene scene_enter(const struct situation *situation)
{
	struct scene scene = { .rig = rig_new() };

	if (situation->platform == 'U')
		return scene;
	assert_int_equal(rig_init(scene.rig, true), PSP_SUCCESS);
	assert_int_equal(rig_flush(scene.rig), PSP_SUCCESS);
	if (situation->platform == 'I')
		return scene;
	make_guest(&scene, situation->guest, situation->active);
	scene.given = situation->guest == '?' ? scene.real + 1 : scene.real;
	return scene;
}

/* --- buffers that are right for every command ---------------------------------------------- */

static void fill_packet(struct scene *scene, uint8_t buffer[SCENE_BUFFER],
	enum psp_packet_context context, uint32_t size)
{
	const struct psp_transport cmd = rig_transport(scene->given, RIG_GUEST, size);
	struct psp_packet_header header = { .iv = { 1 } };
	uint8_t data[sizeof(plain)];

	psp_packet_seal(&header, &keys, context,
		context == PSP_PACKET_SECRET ? scene->measurement.measure : NULL, plain, data,
		size);
	rig_put(scene->rig, RIG_BLOB, &header, sizeof(header));
	rig_put(scene->rig, RIG_TRANS, data, size);
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_activate_ex(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_activate_ex cmd = {
		.ex_length = sizeof(cmd),
		.handle = scene->given,
		.asid = SCENE_ASID,
		.num_ids = 1,
		.ids_paddr = RIG_BLOB,
	};
	const uint32_t core = 1;

	rig_put(scene->rig, RIG_BLOB, &core, sizeof(core));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_send_start(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_send_start cmd = {
		.handle = scene->given,
		.pdh_cert_paddr = RIG_CERT,
		.pdh_cert_length = sizeof(peer()->cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};

	rig_put(scene->rig, RIG_CERT, &peer()->cert, sizeof(peer()->cert));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_receive_start(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_launch_start cmd = {
		.policy = SCENE_POLICY,
		.dh_cert_paddr = RIG_CERT,
		.dh_cert_length = sizeof(peer()->cert),
		.session_paddr = RIG_BLOB,
		.session_length = sizeof(struct psp_session),
	};
	struct psp_session session = { 0 };

	if (rig_status(scene->rig).state != PSP_PLATFORM_UNINIT) /* else there is no PDH yet */
		session = peer_wrap(peer(), scene->rig, &keys, SCENE_POLICY);
	rig_put(scene->rig, RIG_CERT, &peer()->cert, sizeof(peer()->cert));
	rig_put(scene->rig, RIG_BLOB, &session, sizeof(session));
	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_debug(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_dbg cmd = {
		.handle = scene->given,
		.src_paddr = RIG_GUEST,
		.dst_paddr = RIG_TRANS,
		.length = 4096,
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_copy(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_copy cmd = {
		.handle = scene->given,
		.length = 4096,
		.src_paddr = RIG_GUEST,
		.dst_paddr = RIG_GUEST + 0x2000,
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_export(uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_pdh_cert_export cmd = {
		.pdh_paddr = RIG_CERT,
		.pdh_length = sizeof(struct psp_cert),
		.certs_paddr = RIG_CERT + sizeof(struct psp_cert),
		.certs_length = sizeof(struct psp_cert_chain),
	};

	memcpy(buffer, &cmd, sizeof(cmd));
}

static void fill_init_ex(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_init_ex cmd = {
		.length = sizeof(cmd),
		.nv_paddr = RIG_NV,
		.nv_length = PSP_NV_SIZE,
	};

	memset(scene->rig->bytes + RIG_NV, 0xff, PSP_NV_SIZE);
	memcpy(buffer, &cmd, sizeof(cmd));
}

/* As an owner does: the platform's request, signed by an OCA. */
static void fill_import(struct scene *scene, uint8_t buffer[SCENE_BUFFER])
{
	const struct psp_pek_cert_import cmd = {
		.pek_paddr = RIG_CERT,
		.pek_length = sizeof(struct psp_cert),
		.oca_paddr = RIG_CERT + sizeof(struct psp_cert),
		.oca_length = sizeof(struct psp_cert),
	};
	struct psp_cert certs[2] = { rig_csr(scene->rig) };

	psp_cert_make(&certs[1], PSP_USAGE_OCA, 0, 0, &peer()->key.pub);
	psp_cert_sign(&certs[1], 0, PSP_USAGE_OCA, &peer()->key);
	psp_cert_sign(&certs[0], 0, PSP_USAGE_OCA, &peer()->key);
	rig_put(scene->rig, RIG_CERT, certs, sizeof(certs));
	memcpy(buffer, &cmd, sizeof(cmd));
}

void scene_fill(struct scene *scene, uint32_t id, uint8_t buffer[SCENE_BUFFER])
{
	memset(buffer, 0, SCENE_BUFFER);
	switch (id) {
	case PSP_CMD_INIT:
	case PSP_CMD_PLATFORM_STATUS:
	case PSP_CMD_LAUNCH_START:
		break; /* zeros */
	case PSP_CMD_GET_ID:
		sev_put64(buffer, RIG_BLOB);
		sev_put32(buffer + 8, PSP_ID_SIZE);
		break;
	case PSP_CMD_PDH_CERT_EXPORT:
		fill_export(buffer);
		break;
	case PSP_CMD_PEK_CSR:
	case PSP_CMD_DOWNLOAD_FIRMWARE:
		sev_put64(buffer, RIG_CERT);
		sev_put32(buffer + 8, sizeof(struct psp_cert));
		break;
	case PSP_CMD_PEK_CERT_IMPORT:
		fill_import(scene, buffer);
		break;
	case PSP_CMD_INIT_EX:
		fill_init_ex(scene, buffer);
		break;
	case PSP_CMD_LAUNCH_SECRET:
		fill_packet(scene, buffer, PSP_PACKET_SECRET, 32);
		break;
	case PSP_CMD_SEND_UPDATE_DATA:
	case PSP_CMD_RECEIVE_UPDATE_DATA:
		fill_packet(scene, buffer, PSP_PACKET_DATA, 32);
		break;
	case PSP_CMD_SEND_UPDATE_VMSA:
	case PSP_CMD_RECEIVE_UPDATE_VMSA:
		fill_packet(scene, buffer, PSP_PACKET_VMSA, PSP_VMSA_SIZE);
		break;
	case PSP_CMD_SEND_START:
		fill_send_start(scene, buffer);
		break;
	case PSP_CMD_RECEIVE_START:
		fill_receive_start(scene, buffer);
		break;
	case PSP_CMD_DBG_DECRYPT:
	case PSP_CMD_DBG_ENCRYPT:
		fill_debug(scene, buffer);
		break;
	case PSP_CMD_COPY:
		fill_copy(scene, buffer);
		break;
	case PSP_CMD_ATTESTATION:
		sev_put32(buffer, scene->given);
		sev_put64(buffer + 0x08, RIG_BLOB);
		sev_put32(buffer + 0x20, sizeof(struct psp_attestation_report));
		break;
	case PSP_CMD_ACTIVATE:
		sev_put32(buffer, scene->given);
		sev_put32(buffer + 4, SCENE_ASID);
		break;
	case PSP_CMD_ACTIVATE_EX:
		fill_activate_ex(scene, buffer);
		break;
	default:
		sev_put32(buffer, scene->given);
		sev_put64(buffer + 0x08, RIG_GUEST);
		sev_put32(buffer + 0x10, 4096);
	}
}
