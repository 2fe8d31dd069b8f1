/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of the ABI in words. */
#include "iodev/psp/psp.h"
#include "iodev/psp/psp_abi.h"

const char *psp_command_name(uint32_t id)
{
	switch (id) {
#define X(value, name) \
	case value:    \
		return #name;
		PSP_COMMANDS(X)
#undef X
	}
	return "unknown command";
}

const char *psp_status_name(uint16_t status)
{
	switch (status) {
#define X(value, name) \
	case value:    \
		return #name;
		PSP_STATUSES(X)
#undef X
	}
	return "unknown status";
}

const char *psp_platform_state_name(unsigned state)
{
	static const char *const names[] = {
		[PSP_PLATFORM_UNINIT] = "UNINIT",
		[PSP_PLATFORM_INIT] = "INIT",
		[PSP_PLATFORM_WORKING] = "WORKING",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown state";
}

const char *psp_guest_state_name(unsigned state)
{
	static const char *const names[] = {
		[PSP_GUEST_UNINIT] = "UNINIT",
		[PSP_GUEST_LUPDATE] = "LUPDATE",
		[PSP_GUEST_LSECRET] = "LSECRET",
		[PSP_GUEST_RUNNING] = "RUNNING",
		[PSP_GUEST_SUPDATE] = "SUPDATE",
		[PSP_GUEST_RUPDATE] = "RUPDATE",
		[PSP_GUEST_SENT] = "SENT",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown state";
}

static const char *const advice[] = {
	[PSP_SUCCESS] = "the command was executed",
	[PSP_INVALID_PLATFORM_STATE] = "the platform is not in a state in which this command is "
				       "legal: INIT or SHUTDOWN first",
	[PSP_INVALID_GUEST_STATE] = "the guest is not in a state in which this command is legal: "
				    "look at the order of the commands",
	[PSP_INVALID_CONFIG] = "the platform's configuration does not allow this",
	[PSP_INVALID_LENGTH] = "a length is too short or not a legal multiple; length fields that "
			       "can be queried now hold the length needed",
	[PSP_ALREADY_OWNED] = "the platform already has an external owner: PLATFORM_RESET first",
	[PSP_INVALID_CERTIFICATE] = "a certificate's version, usage, algorithm or curve is not the "
				    "one needed here, or its point is not on the curve",
	[PSP_POLICY_FAILURE] =
		"the guest policy forbids this, or asks for a firmware API newer than this one",
	[PSP_INACTIVE] = "the guest has no ASID: ACTIVATE first",
	[PSP_INVALID_ADDRESS] =
		"an address is misaligned, is not memory, or belongs to the firmware",
	[PSP_BAD_SIGNATURE] = "a signature of a certificate or of a firmware image does not verify",
	[PSP_BAD_MEASUREMENT] = "a MAC does not match: the session was made for another PDH or "
				"another policy, the packet for another measurement or session, or "
				"something was changed on its way",
	[PSP_ASID_OWNED] = "the ASID is bound to another guest",
	[PSP_INVALID_ASID] = "the ASID is 0, too large, or not in the range for the guest's ES "
			     "policy (CPUID 8000_001F ECX, EDX)",
	[PSP_WBINVD_REQUIRED] = "WBINVD has to be executed on every core first",
	[PSP_DFFLUSH_REQUIRED] = "DF_FLUSH has to be called before this ASID is used again",
	[PSP_INVALID_GUEST] = "there is no guest with this handle",
	[PSP_INVALID_COMMAND] = "there is no such command",
	[PSP_ACTIVE] = "the guest still has, or already has, an ASID",
	[PSP_HWERROR_PLATFORM] = "a hardware fault; outputs are intact",
	[PSP_HWERROR_UNSAFE] = "a hardware fault; outputs may be corrupt",
	[PSP_UNSUPPORTED] = "this processor or firmware does not have the feature, or the platform "
			    "was initialised without SEV-ES",
	[PSP_INVALID_PARAM] =
		"a parameter is not legal, a reserved bit is set, or there is no such core",
	[PSP_RESOURCE_LIMIT] = "there is no free guest context",
	[PSP_SECURE_DATA_INVALID] = "the persistent data is damaged or another chip's; INIT_EX has "
				    "erased it, so that a second try starts afresh",
	[PSP_INVALID_PAGE_SIZE] = "the page size does not match the RMP entry",
	[PSP_INVALID_PAGE_STATE] = "the page is not in the state needed in the RMP",
	[PSP_INVALID_MDATA_ENTRY] = "the metadata entry is not valid",
	[PSP_INVALID_PAGE_OWNER] = "the page belongs to another guest",
	[PSP_AEAD_OFLOW] = "the message sequence number is exhausted",
	[PSP_RB_MODE_EXITED] = "ring buffer mode was left",
	[PSP_RMP_INIT_REQUIRED] = "the RMP has to be initialised first",
	[PSP_BAD_SVN] = "the security version is older than the one committed",
	[PSP_BAD_VERSION] = "the version is older than the one running",
	[PSP_SHUTDOWN_REQUIRED] = "SHUTDOWN first",
	[PSP_UPDATE_FAILED] = "the firmware update failed",
	[PSP_RESTORE_REQUIRED] = "the former firmware has to be restored",
	[PSP_RMP_INITIALIZATION_FAILED] = "the RMP could not be initialised",
	[PSP_INVALID_KEY] = "the key asked for is not available",
};

const char *psp_status_advice(uint16_t status)
{
	if (status < sizeof(advice) / sizeof(advice[0]) && advice[status])
		return advice[status];
	return "not a status of this ABI";
}
