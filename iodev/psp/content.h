/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lies behind the addresses of a command, for the trace: as JSON, and only as much as anybody
 * may know. Looks without changing any page's view. Private to iodev/psp.
 */
#ifndef SEV_PSP_CONTENT_H
#define SEV_PSP_CONTENT_H

#include "iodev/psp/fields.h"
#include "iodev/psp/model.h"

struct json_object;

/*
 * length: as the command buffer has it. guest: whose memory it is, for PSP_CONTENT_MEASURED; may be
 * NULL for all others. NULL: nothing is shown, or what should be there does not fit the length, is
 * not memory, or cannot be parsed.
 */
struct json_object *psp_content_json(const struct psp *psp, const struct psp_guest *guest,
	enum psp_content content, uint64_t spa, uint32_t length);

/* The name of a content whose address is just `paddr`. */
const char *psp_content_name(enum psp_content content);

/* --- values -------------------------------------------------------------------------------- */

void psp_json_text(struct json_object *object, const char *name, const char *text);
void psp_json_number(struct json_object *object, const char *name, uint64_t value);
/* "0x..." */
void psp_json_hex_number(struct json_object *object, const char *name, uint64_t value);
/* Lower-case hexadecimal; at most PSP_JSON_BYTES. */
#define PSP_JSON_BYTES 256
void psp_json_bytes(struct json_object *object, const char *name, const void *data, size_t size);

#endif
