/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two chips, and a guest that goes from one to the other. */
#ifndef TESTS_UNIT_PSP_MIGRATION_H
#define TESTS_UNIT_PSP_MIGRATION_H

#include "tests/unit/psp_export.h"

#include "tests/psp_peer.h"

#define MIGRATION_ASID	  5
#define MIGRATION_ES_ASID 2

static inline uint32_t asid_for(uint32_t policy)
{
	return policy & PSP_POLICY_ES ? MIGRATION_ES_ASID : MIGRATION_ASID;
}

static inline struct psp_guest_status guest_status(struct rig *rig, uint32_t handle)
{
	struct psp_guest_status cmd = { .handle = handle };

	assert_int_equal(rig_command(rig, PSP_CMD_GUEST_STATUS, &cmd, sizeof(cmd)), PSP_SUCCESS);
	return cmd;
}

/* An active guest in state RUNNING whose memory is what lies at RIG_GUEST: size bytes. */
static inline uint32_t running_guest(struct rig *rig, uint32_t policy, uint32_t size)
{
	uint32_t handle = rig_guest(rig, policy, asid_for(policy), NULL, NULL);

	if (size)
		assert_int_equal(rig_update(rig, handle, RIG_GUEST, size), PSP_SUCCESS);
	assert_int_equal(rig_measure(rig, handle, NULL), PSP_SUCCESS);
	assert_int_equal(rig_handle(rig, PSP_CMD_LAUNCH_FINISH, handle), PSP_SUCCESS);
	return handle;
}

/* SEND_START with all certificates of the other platform. */
static inline uint16_t send_start(
	struct rig *from, uint32_t handle, struct rig *to, struct psp_session *session)
{
	struct export target = export_certs(to);

	return peer_send_start(from, handle, &target.pdh, &target.chain, NULL, 0, session);
}

/* RECEIVE_START with the other platform's PDH. */
static inline uint16_t receive_start(struct rig *to, uint32_t policy, struct rig *from,
	const struct psp_session *session, uint32_t *handle)
{
	struct export sender = export_certs(from);

	return rig_start(to, PSP_CMD_RECEIVE_START, policy, &sender.pdh, session, handle);
}

#endif
