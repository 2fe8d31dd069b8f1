/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fields of every command buffer, for programs that show commands to people: names, places,
 * kinds, and what lies behind the addresses. The firmware itself uses the structures of psp_abi.h.
 *
 * Source: AMD publication 55766, chapters 5 and 6; names as there, in lower case.
 */
#ifndef SEV_PSP_FIELDS_H
#define SEV_PSP_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From the firmware's view: IN is read, OUT is written, IO both. */
enum psp_field_way {
	PSP_FIELD_RESERVED, /* means nothing */
	PSP_FIELD_IN,
	PSP_FIELD_OUT,
	PSP_FIELD_IO,
};

enum psp_field_kind {
	PSP_FIELD_NUMBER, /* lengths too */
	PSP_FIELD_FLAGS,
	PSP_FIELD_ADDRESS,
	PSP_FIELD_HANDLE, /* of the guest the command is about; IO: it makes that guest */
	PSP_FIELD_POLICY,
	PSP_FIELD_PLATFORM_STATE,
	PSP_FIELD_GUEST_STATE,
	PSP_FIELD_BYTES,
};

/* What lies behind an address, as far as anything of it may be shown. */
enum psp_content {
	PSP_CONTENT_NONE, /* guest memory, packets, the firmware's own */
	PSP_CONTENT_CERT,
	PSP_CONTENT_CHAIN,     /* struct psp_cert_chain */
	PSP_CONTENT_AMD_CERTS, /* ASK | ARK */
	PSP_CONTENT_SESSION,
	PSP_CONTENT_HEADER,   /* struct psp_packet_header */
	PSP_CONTENT_MEASURED, /* guest memory, which the command measures and encrypts in place */
	PSP_CONTENT_FIRMWARE,
	PSP_CONTENT_MEASUREMENT,
	PSP_CONTENT_REPORT,
	PSP_CONTENT_CORES, /* uint32_t each; the length is their number */
	PSP_CONTENT_ID,
};

struct psp_field {
	const char *name; /* NULL ends the list */
	uint8_t offset, size;
	enum psp_field_way way;
	enum psp_field_kind kind;

	/* Of an address: whether the firmware reads (IN) or writes (OUT) what lies there, and where
	   in the buffer its length stands, in 32 bits. */
	enum psp_content content;
	enum psp_field_way content_way;
	uint8_t length_at;
};

/*
 * The fields of a command's buffer, which follow one another without a gap; an empty list if it has
 * no buffer; NULL: not a command of this firmware.
 */
const struct psp_field *psp_fields(uint32_t id);

#ifdef __cplusplus
}
#endif
#endif
