/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be asked of the platform, and what is no question at all. */
#include "tests/driver/sev-ioctl.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define API_MAJOR 1
#define API_MINOR 55
#define BUILD	  21
#define ID_SIZE	  64 /* of one socket */

/* --- calls that the driver refuses ----------------------------------------------------------- */

static bool refused(const struct device *dev, unsigned long request, void *argument, int want)
{
	return ioctl(dev->rw, request, argument) == -1 && errno == want;
}

/*
 * Commands of SNP, which this host has not. Drivers that initialise on demand ask the firmware what
 * needs no initialisation; it knows none of these commands.
 */
static void check_snp(const struct device *dev)
{
	static const struct {
		uint32_t command;
		int on_demand; /* errno */
		const char *what;
	} cases[] = {
		{ IOCTL_SNP_PLATFORM_STATUS, EIO, "SNP_PLATFORM_STATUS without SNP" },
		{ IOCTL_SNP_COMMIT, EIO, "SNP_COMMIT without SNP" },
		{ IOCTL_SNP_SET_CONFIG, ENODEV, "SNP_SET_CONFIG without SNP" },
		{ IOCTL_SNP_VLEK_LOAD, ENODEV, "SNP_VLEK_LOAD without SNP" },
	};
	uint8_t buffer[4096] = { 0 };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int want = dev->on_demand ? cases[i].on_demand : EINVAL;

		expect(dev->rw, cases[i].command, buffer, want,
			want == EIO ? PSP_UNSUPPORTED : UNTOUCHED, cases[i].what);
	}
}

void check_calls(const struct device *dev)
{
	struct sev_issue_cmd issue = { SEV_PLATFORM_STATUS, 0, 0 };
	uint8_t buffer[4096] = { 0 };

	check(refused(dev, _IOWR(SEV_IOC_TYPE, 1, struct sev_issue_cmd), &issue, EINVAL),
		"another ioctl: EINVAL");
	check(refused(dev, SEV_ISSUE_CMD, BAD_POINTER, EFAULT), "ioctl with a bad pointer: EFAULT");
	check(refused(dev, SEV_ISSUE_CMD, NULL, EFAULT), "ioctl with no pointer: EFAULT");
	expect(dev->rw, IOCTL_UNKNOWN, buffer, EINVAL, UNTOUCHED, "an unknown command: EINVAL");
	expect(dev->rw, UINT32_MAX, buffer, EINVAL, UNTOUCHED, "command 0xffffffff: EINVAL");
	check_snp(dev);
}

/* --- PLATFORM_STATUS ---------------------------------------------------------------------------
 */

struct sev_user_data_status platform_status(const struct device *dev)
{
	struct sev_user_data_status status;

	memset(&status, 0xff, sizeof(status));
	if (!expect(dev->ro, SEV_PLATFORM_STATUS, &status, 0, PSP_SUCCESS, "PLATFORM_STATUS"))
		memset(&status, 0, sizeof(status));
	return status;
}

void check_flags(const struct device *dev, uint32_t flags, const char *what)
{
	struct sev_user_data_status status = platform_status(dev);

	if (dev->on_demand)
		check(status.state == PSP_PLATFORM_UNINIT && status.flags == 0,
			"not initialised, or: %s", what);
	else
		check(status.state == PSP_PLATFORM_INIT && status.flags == flags, "%s", what);
}

void check_platform_status(struct device *dev)
{
	struct sev_user_data_status before = platform_status(dev), status;

	export_certificates(dev);
	status = platform_status(dev);
	printf("# API %u.%u build %u, state %u, then %u, flags 0x%x, %u guests\n", status.api_major,
		status.api_minor, status.build, before.state, status.state, status.flags,
		status.guest_count);
	check(status.api_major == API_MAJOR && status.api_minor == API_MINOR &&
			status.build == BUILD,
		"API %d.%d, build %d", API_MAJOR, API_MINOR, BUILD);
	dev->on_demand = status.state == PSP_PLATFORM_UNINIT;
	check(before.state == status.state, "%s",
		dev->on_demand ? "the driver initialises the platform on demand"
			       : "the driver has initialised the platform");
	check_flags(dev, FLAG_ES, "self-owned, with SEV-ES");
	check(status.guest_count == 0, "no guests");
	expect(dev->rw, SEV_PLATFORM_STATUS, &status, 0, PSP_SUCCESS,
		"PLATFORM_STATUS, opened for writing");
	expect(dev->rw, SEV_PLATFORM_STATUS, BAD_POINTER, EFAULT, PSP_SUCCESS,
		"PLATFORM_STATUS to a bad pointer: EFAULT");
}

/* --- GET_ID --------------------------------------------------------------------------------------
 */

static void check_id2_length(
	const struct device *dev, const uint8_t *id, uint32_t length, const char *what)
{
	uint8_t buffer[DRIVER_MAX_BLOB] = { 0 };
	struct sev_user_data_get_id2 query = { (uintptr_t)buffer, length };

	expect(dev->ro, SEV_GET_ID2, &query, 0, PSP_SUCCESS, what);
	check(query.length == ID_SIZE, "... and one socket's 64 bytes are returned");
	check(!memcmp(buffer, id, ID_SIZE), "... which are those of GET_ID");
}

void check_ids(const struct device *dev)
{
	struct sev_user_data_get_id ids = { 0 };
	struct sev_user_data_get_id2 query = { 0, 0 };
	uint8_t zero[ID_SIZE] = { 0 }, buffer[ID_SIZE];

	expect(dev->ro, SEV_GET_ID, &ids, 0, PSP_SUCCESS, "GET_ID");
	check(memcmp(ids.socket1, zero, ID_SIZE) != 0, "the first socket has an id");
	check(!memcmp(ids.socket2, zero, ID_SIZE), "there is no second socket");
	expect(dev->ro, SEV_GET_ID, BAD_POINTER, EFAULT, PSP_SUCCESS,
		"GET_ID to a bad pointer: EFAULT");

	expect(dev->ro, SEV_GET_ID2, &query, EIO, PSP_INVALID_LENGTH,
		"GET_ID2 with no buffer: INVALID_LENGTH");
	check(query.length == ID_SIZE, "... and the length that is needed");
	query = (struct sev_user_data_get_id2) { (uintptr_t)buffer, ID_SIZE - 1 };
	expect(dev->ro, SEV_GET_ID2, &query, EIO, PSP_INVALID_LENGTH,
		"GET_ID2 with a short buffer: INVALID_LENGTH");
	check(query.length == ID_SIZE, "... and the length that is needed");
	check_id2_length(dev, ids.socket1, ID_SIZE, "GET_ID2");
	check_id2_length(dev, ids.socket1, 2 * ID_SIZE, "GET_ID2 with a buffer for two sockets");
	check_id2_length(dev, ids.socket1, DRIVER_MAX_BLOB, "GET_ID2 with a large buffer");
	query = (struct sev_user_data_get_id2) { (uintptr_t)BAD_POINTER, ID_SIZE };
	expect(dev->ro, SEV_GET_ID2, &query, EFAULT, PSP_SUCCESS,
		"GET_ID2 into a bad buffer: EFAULT");
	expect(dev->ro, SEV_GET_ID2, BAD_POINTER, EFAULT, UNTOUCHED,
		"GET_ID2 with a bad pointer: EFAULT");
}
