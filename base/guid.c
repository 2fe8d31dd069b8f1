/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

void sev_guid_format(const uint8_t guid[16], char text[SEV_GUID_TEXT])
{
	char tail[13];

	sev_hex(guid + 10, 6, tail);
	snprintf(text, SEV_GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%s", (unsigned)sev_le32(guid),
		(unsigned)sev_le16(guid + 4), (unsigned)sev_le16(guid + 6), (unsigned)guid[8],
		(unsigned)guid[9], tail);
}

/* Moves the digits of one group, which ends with the separator, to out. */
static int group(const char *text, size_t digits, char separator, uint8_t *out)
{
	char part[13];

	if (text[digits] != separator)
		return -1;
	memcpy(part, text, digits);
	part[digits] = 0;
	return sev_unhex(part, out, digits / 2);
}

int sev_guid_parse(const char *text, uint8_t guid[16])
{
	uint8_t b[16];

	if (strlen(text) != SEV_GUID_TEXT - 1 || group(text, 8, '-', b) != 0 ||
		group(text + 9, 4, '-', b + 4) != 0 || group(text + 14, 4, '-', b + 6) != 0 ||
		group(text + 19, 4, '-', b + 8) != 0 || group(text + 24, 12, 0, b + 10) != 0)
		return -1;
	for (size_t i = 0; i < 4; i++)
		guid[i] = b[3 - i];
	guid[4] = b[5];
	guid[5] = b[4];
	guid[6] = b[7];
	guid[7] = b[6];
	memcpy(guid + 8, b + 8, 8);
	return 0;
}
